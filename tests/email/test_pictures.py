"""The pages in a real browser: phone and desktop, light and dark; nothing too wide, nothing inaccessible."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from email_browser import Browser

import healthscore
from healthscore.scorecards.data import segments
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


@pytest.mark.parametrize("width", [320, 375, 600])
@pytest.mark.parametrize(
    ("kind", "name"), [("portfolio", ""), ("segment", ""), ("owner", "O" * 70), ("account", "C-1001")]
)
def test_long_words_and_great_sums_do_not_widen_it(chromium: Browser, moved, tmp_path, kind, name, width):
    """Names of 70 letters without a space, amounts in billions with a currency's code: still no sideways scrolling."""
    frame = moved.frame.assign(account="Donaudampfschiff" * 5, owner="O" * 70, value=7.89e9)
    accounts = replace(moved.accounts, frame=frame)
    scores = healthscore.score(accounts, moved.scores.model, moved.scores.as_of)
    long = replace(moved, accounts=accounts, scores=scores, currency="EUR")
    page = tmp_path / "page.html"
    page.write_text(Templates().fit(long, kind, name or segments(long)[0] * (kind != "portfolio")).html, "utf-8")
    chromium.open(page, width)
    assert chromium.evaluate("document.documentElement.scrollWidth") <= width
    wider = "[...document.querySelectorAll('td,th,p')].filter(e => e.scrollWidth > e.clientWidth + 2).length"
    assert chromium.evaluate(wider) == 0


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
