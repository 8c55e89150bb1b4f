"""`python -m healthscore` is the command line."""

from healthscore.cli import main

main()
