"""The pages in a real browser: phone and desktop, light and dark; nothing too wide, nothing inaccessible."""

from __future__ import annotations

import json

import pytest
from email_browser import Browser

from healthscore.scorecards.render import Surroundings, Templates

KINDS = [("portfolio", ""), ("segment", "Enterprise"), ("owner", "Marcus Bell"), ("account", "C-1001")]
AROUND = Surroundings("health.xlsx", "https://example.sharepoint.com/health.xlsx")


@pytest.fixture(scope="module", params=KINDS, ids=[kind for kind, _ in KINDS])
def page(request, moved, tmp_path_factory):
    """The file of each kind of scorecard."""
    kind, name = request.param
    path = tmp_path_factory.mktemp(kind) / f"{kind}.html"
    path.write_text(Templates().fit(moved, kind, name, AROUND).html, encoding="utf-8")
    return path


@pytest.mark.parametrize("width", [320, 375, 600])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_it_fits_the_screen_and_asks_for_nothing(chromium: Browser, page, tmp_path, width, dark):
    """No sideways scrolling, no request but the page itself, a picture that is as wide as the screen."""
    chromium.open(page, width, dark)
    assert chromium.evaluate("document.documentElement.scrollWidth") <= width
    assert [url for url in chromium.requests if not url.startswith("file:")] == []
    picture = tmp_path / "page.png"
    chromium.screenshot(picture)
    assert picture.stat().st_size > 10_000


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing(chromium: Browser, axe, page, dark):
    """axe-core's automated check, contrast included, in light and dark: no violation of any severity."""
    chromium.open(page, 375, dark)
    chromium.evaluate(f"{axe}; 0")
    # The preview line is hidden from everybody but the inbox's list of messages.
    found = json.loads(
        chromium.evaluate(
            "axe.run({exclude: ['.hidden']}).then(result => JSON.stringify(result.violations.map("
            "one => [one.id, one.impact, one.nodes.map(node => node.html.slice(0, 160))])))"
        )
    )
    assert found == []


def test_dark_is_dark(chromium: Browser, page):
    """Where the reader's device is dark, the page and its cards are."""
    chromium.open(page, 375, dark=True)
    colours = (
        "JSON.stringify(['.page', '.section'].map(n => getComputedStyle(document.querySelector(n)).backgroundColor))"
    )
    for colour in json.loads(chromium.evaluate(colours)):
        assert sum(int(part) for part in colour.strip("rgb()").split(",")) < 150
