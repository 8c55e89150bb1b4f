"""Make the picture of the portfolio scorecard that README shows: `python tests/email/make_picture.py WORKBOOK [CURRENCY]`."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from email_browser import browser

from healthscore.scorecards import open_book
from healthscore.scorecards.render import Templates

PICTURE = Path(__file__).parents[2] / "docs" / "pictures" / "portfolio.png"
WIDTH, HEIGHT = 600, 1236


def main(workbook: Path, currency: str = "") -> None:
    """Render the portfolio scorecard of a workbook and photograph its top."""
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        page = Path(folder) / "portfolio.html"
        page.write_text(Templates().fit(open_book(workbook, currency), "portfolio").html, encoding="utf-8")
        with browser(Path(folder) / "profile") as running:
            running.open(page, WIDTH)
            running.screenshot(PICTURE, HEIGHT)
    if shutil.which("convert"):
        # 200 colours are enough for it, and a quarter of the size.
        subprocess.run(["convert", PICTURE, "+dither", "-colors", "200", "-strip", f"PNG8:{PICTURE}"], check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
