"""VBA sources and the ribbon that `healthscore addin build` puts into the add-in."""
