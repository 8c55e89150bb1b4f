"""The templates: safe with any data, small enough, readable by Outlook, and a team's own copies of them."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import healthscore
from healthscore.errors import HealthscoreError
from healthscore.scorecards import ScoredBook, data, inline
from healthscore.scorecards.figures import COLORS
from healthscore.scorecards.render import SIZE_LIMIT, Surroundings, Templates, shipped, shipped_names

KINDS = [("portfolio", ""), ("segment", "Enterprise"), ("owner", "Marcus Bell"), ("account", "C-1001")]
#: Texts that have broken templates, parsers and mail programs; from the Big List of Naughty Strings and OWASP.
NAUGHTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'; DROP TABLE accounts;--",
    "</style></td></table><h1>owned</h1>",
    "--><script>alert(1)</script><!--",
    "<![endif]--><b>mso</b>",
    "{{ 7*7 }}{% raw %}{{ card.__class__ }}",
    "javascript:alert(1)",
    "http://evil.example/?a=1&b=2",
    "Subject: hi\r\nBcc: victim@example.com\r\n\r\nbody",
    "a\x00b\x07c\x1b[31md",
    "\u202egnp.exe\u202c",
    "Ω≈ç√∫˜µ≤≥÷ 田中さん مرحبا שלום 👩‍👩‍👧‍👦",
    "Z̷̢̛͎̲̈́̓a̸l̵g̶o̷" + "\u0301" * 400,
    "x" * 5000,
    "\ufffe\uffff\ufeff",
    '=HYPERLINK("http://evil.example")',
    "&lt;b&gt; &amp; &#60;",
    "%s %n %(a)s ${7*7} #{7*7}",
    "/* */ } body { display:none } url(http://evil.example/x.png)",
    "",
    "   ",
]


class _Tags(HTMLParser):
    """Collects tags, attributes and text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in ("meta", "br", "img", "link", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data):
        self.text += data


def parsed(page: str) -> _Tags:
    """Read a page's tags."""
    reader = _Tags()
    reader.feed(page)
    return reader


def poisoned(book: ScoredBook, text: str) -> ScoredBook:
    """Return the book with every text of its data and its model replaced by `text`."""
    frame = book.frame.copy()
    for name in ("account", "stage", "region"):
        frame[name] = np.full(len(frame), text, dtype=object)
    frame["override_score"] = 50.0
    for name in ("override_reason", "override_by"):
        frame[name] = np.full(len(frame), text, dtype=object)
    frame["override_until"] = np.datetime64("2026-12-31")
    model = book.scores.model
    # A model is UTF-8 text and has no lone surrogates; an export's cell may.
    text = text.encode("utf-8", "replace").decode()
    bands = tuple(replace_texts(band, text, "meaning", "action", "respond_within", "outlook") for band in model.bands)
    rules = tuple(replace_texts(rule, text, "text") for rule in model.rules)
    metrics = tuple(replace_texts(metric, text, "action", "unit") for metric in model.metrics)
    fresh = model.model_copy(update={"bands": bands, "rules": rules, "metrics": metrics, "title": text})
    accounts = replace(book.accounts, frame=frame)
    scores = healthscore.score(accounts, fresh, book.scores.as_of)
    causes = {one: {text: 3.0} for one in book.keys}
    return replace(book, accounts=accounts, scores=scores, currency=text, causes=causes, left=(text,))


def replace_texts(part, text, *names):
    """Return a part of a model with some of its texts replaced, past the model's own checks."""
    return part.model_copy(update=dict.fromkeys(names, text))


@pytest.mark.parametrize("text", NAUGHTY)
@pytest.mark.parametrize(("kind", "name"), KINDS)
def test_naughty_texts_change_no_tag(moved, kind, name, text):
    """Whatever names, notes, reasons and the model say, the page has the very tags it has with harmless words."""
    harmless = Templates().render(data.scorecard(poisoned(moved, "word"), kind, name))
    rendered = Templates().render(data.scorecard(poisoned(moved, text), kind, name))
    page = parsed(rendered.html)
    assert page.wrong == []
    assert page.open == []
    allowed = set(parsed(harmless.html).tags)
    assert set(page.tags) <= allowed
    assert not {"script", "img", "iframe", "link", "a"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    for part in (rendered.html, rendered.text, rendered.subject):
        part.encode()
        assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", part)
    assert "\n" not in rendered.subject
    assert "\r" not in rendered.text


@settings(max_examples=25)
@given(text=st.text(max_size=60))
def test_any_text_is_escaped(book, text):
    """Property: no text adds a tag to the page of an account."""
    rendered = Templates().render(data.scorecard(poisoned(book, text), "account", "C-1001"))
    page = parsed(rendered.html)
    assert page.open == page.wrong == []
    assert "script" not in page.tags


@pytest.mark.parametrize(("kind", "name"), KINDS)
def test_nothing_remote_and_only_the_link_that_was_given(moved, kind, name):
    """No picture, font, style or script is loaded from anywhere; the one link is the recipients file's."""
    link = "https://example.sharepoint.com/health.xlsx"
    page = Templates().fit(moved, kind, name, Surroundings("health.xlsx", link)).html
    found = parsed(page)
    assert [value for name, value in found.attributes if name in ("href", "src", "background")] == [link]
    assert "url(" not in page
    assert "@import" not in page
    assert not [one for one in re.findall(r"https?://[^\s\"'<>]+", page) if "w3.org" not in one and one != link]


@pytest.mark.parametrize(("kind", "name"), KINDS)
def test_nothing_that_outlook_cannot_draw(moved, kind, name):
    """Word draws Outlook's mail: no flex, grid, position, float, background pictures or automatic margins."""
    page = Templates().fit(moved, kind, name).html
    hostile = r"display\s*:\s*(flex|inline-flex|grid)|position\s*:|float\s*:|background-image|margin[^;\"]*auto|var\("
    assert not re.search(hostile, page)
    assert 'width="600"' in page
    for tag in re.findall(r"<div[^>]*>", page):
        assert "padding" not in tag
    for tag in re.findall(r"<table[^>]*>", page):
        assert 'role="presentation"' in tag or "aria-label=" in tag or 'width="600"' in tag


@pytest.mark.parametrize(("kind", "name"), KINDS)
def test_every_cell_names_its_colours(moved, kind, name):
    """Wherever a background is set the text colour is set with it, so that dark modes cannot hide one in the other."""
    page = Templates().fit(moved, kind, name).html
    for style in re.findall(r'style="([^"]*)"', page):
        if "background-color" in style:
            assert re.search(r"(^|;)\s*color\s*:", style), style


@pytest.mark.parametrize(("kind", "name"), KINDS)
def test_every_cell_with_words_names_both_colours(moved, kind, name):
    """Foreground and background are explicit on each cell; only what holds other tables may leave them to its page."""
    page = Templates().fit(moved, kind, name).html
    bare = []
    for opening, inside in re.findall(r"(<t[dh][^>]*>)((?:(?!<t[dh]|</t[dh]>).)*)", page, re.DOTALL):
        style = (re.search(r'style="([^"]*)"', opening) or ["", ""])[1]
        names = {one.partition(":")[0].strip() for one in style.split(";")}
        if re.sub(r"<[^>]*>|&nbsp;|\s", "", inside) and not {"color", "background-color"} <= names:
            bare.append(opening)
    assert bare == []


@pytest.mark.parametrize(("kind", "name"), KINDS)
def test_screen_readers_find_their_way(moved, kind, name):
    """A language, one first heading, second headings, and data tables whose headers have a scope."""
    page = Templates().fit(moved, kind, name).html
    assert '<html lang="en"' in page
    assert page.count("<h1") == 1
    assert page.count("<h2") >= 4
    assert all("scope=" in tag for tag in re.findall(r"<th[ >][^>]*>", page))
    assert "<img" not in page


def test_good_news_is_said_as_such(book):
    """Where nothing is in the lowest band, headline and subject say none, not €0 (0%)."""
    rendered = Templates().fit(book, "segment", "Unsegmented")
    assert "None of 2 accounts, worth €64k, is in ■ Red." in rendered.text
    assert rendered.subject == "Customer health 2026-06-30, Unsegmented: none Red"


def test_status_is_symbol_and_word_besides_colour(book):
    """Every band that is coloured is also named, with its symbol."""
    page = Templates().fit(book, "portfolio").html.replace("\xa0", " ").replace("&nbsp;", " ")
    for sign, word in (("■", "Red"), ("▲", "Yellow"), ("●", "Green"), ("○", "Unscored")):
        assert f"{sign} {word}" in page


def test_a_book_of_5000_long_names_stays_under_the_limit(book):
    """5,000 accounts with names of 80 wide characters: under 80 kB, and the rest is said to be in the attachment."""
    frame = book.frame.iloc[np.arange(5000) % len(book.frame)].reset_index(drop=True)
    frame["id"] = [f"A-{number}" for number in range(5000)]
    frame["account"] = [f"{'Überwachungsgesellschaft & Söhne ' * 3}"[:74] + f"{number:05d}" for number in range(5000)]
    frame["owner"] = [f"Owner {number % 40}" for number in range(5000)]
    accounts = replace(book.accounts, frame=frame, unusable={})
    scores = healthscore.score(accounts, book.scores.model, book.scores.as_of)
    big = replace(book, accounts=accounts, scores=scores)
    around = Surroundings("health.xlsx")
    for kind, name in (("portfolio", ""), ("segment", "Small"), ("owner", "Owner 7")):
        rendered = Templates().fit(big, kind, name, around)
        assert len(rendered.html.encode()) <= SIZE_LIMIT
        assert "more accounts: see the attached health.xlsx" in rendered.text
        assert "more accounts: see the attached health.xlsx" in rendered.html


def test_plain_text_reads_by_itself(moved):
    """Lines fit a terminal and a phone, no line ends in spaces, no tags, and the figures are there."""
    rendered = Templates().fit(moved, "portfolio")
    lines = rendered.text.splitlines()
    assert max(len(line) for line in lines) <= 78
    assert not [line for line in lines if line != line.rstrip()]
    assert "<" not in rendered.text.replace("<1%", "")
    assert "WHAT WE NEED FROM YOU" in lines
    assert "&amp;" not in rendered.text
    assert "12 of 60 accounts" in " ".join(lines)


def test_why_is_told_where_it_is_known_and_not_where_it_is_not(book, moved):
    """With the points of the last snapshot each mover has its reasons; without a snapshot the text says so."""
    assert "No earlier snapshot yet" in Templates().fit(book, "portfolio").text
    known = " ".join(Templates().fit(moved, "portfolio").text.split())
    assert "Because of Usage trend" in known
    unknown = " ".join(Templates().fit(replace(moved, causes=None), "portfolio").text.split())
    assert "why scores moved cannot be told" in unknown
    assert "Because of" not in unknown


@pytest.mark.parametrize(("kind", "name"), KINDS)
def test_subjects_carry_the_date(book, kind, name):
    """Every subject names the day that the scores speak of."""
    assert "2026-06-30" in Templates().fit(book, kind, name).subject


def test_our_inlining_says_what_css_inline_says(moved):
    """Our few lines and css-inline give every element the same declarations."""
    css_inline = pytest.importorskip("css_inline")
    given = {"card": data.scorecard(moved, "portfolio"), "around": Surroundings(), "subject": "s"}
    page = Templates()._fill(Templates()._html, "portfolio.html.j2", given)
    css = shipped("style.css") or ""
    ours = parsed(inline.inline(page, css))
    theirs = parsed(css_inline.CSSInliner(keep_style_tags=True, extra_css=css).inline(page))

    def styles(found: _Tags) -> list[dict[str, str]]:
        texts = [value for name, value in found.attributes if name == "style"]
        return [
            {name.strip(): value.strip() for name, _, value in (one.partition(":") for one in text.split(";")) if value}
            for text in texts
        ]

    # css-inline also moves the page's own rules for html and body; they come first.
    mine, other = styles(ours), styles(theirs)
    assert len(mine) > 100
    assert other[-len(mine) + 1 :] == mine[1:]


def test_a_team_may_use_more_css(book, tmp_path):
    """A style sheet with other selectors goes through css-inline, where it is installed."""
    pytest.importorskip("css_inline")
    (tmp_path / "style.css").write_text((shipped("style.css") or "") + "h2.h2 { color: #123456 }", encoding="utf-8")
    page = Templates(tmp_path).fit(book, "portfolio").html
    assert "#123456" in re.findall(r"<h2[^>]*>", page)[0]
    assert "@media (prefers-color-scheme:dark)" in page.replace(": dark", ":dark")


def test_colours_have_contrast_and_survive_forced_dark_modes():
    """Text on fills and bars has 4.5 : 1 (WCAG AA); fills and inks stand clear of where darkening engines turn around.

    Chromium's engine darkens backgrounds brighter than 205 and lightens texts darker than 150, each by itself: a fill
    in between keeps its light colour under a text that was made light.
    """

    def channels(colour: str) -> list[int]:
        return [int(colour[place : place + 2], 16) for place in (1, 3, 5)]

    def luminance(colour: str) -> float:
        linear = [
            c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in channels(colour)
        ]
        return sum(part * weight for part, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))

    def contrast(one: str, other: str) -> float:
        low, high = sorted((luminance(one), luminance(other)))
        return (high + 0.05) / (low + 0.05)

    def brightness(colour: str) -> float:
        return sum(part * weight for part, weight in zip(channels(colour), (0.299, 0.587, 0.114), strict=True))

    for fill, ink, bar, bar_ink in COLORS.values():
        assert contrast(fill, ink) >= 4.5
        assert contrast(bar, bar_ink) >= 4.5
        assert brightness(fill) > 210
        assert brightness(ink) < 145


def test_a_style_sheet_that_needs_css_inline_says_so_without_it():
    """A team's selector beyond a single class is refused by the stand-in, with what to install."""
    with pytest.raises(HealthscoreError, match="healthscore\\[email\\]"):
        inline.inline_classes("<p class='a'>", "table td { color: red }")


def test_a_team_changes_one_file(book, tmp_path):
    """A copy of one template is enough; the others come from the product."""
    (tmp_path / "subject.j2").write_text("Weekly {{ card.as_of }}: {{ card.totals.accounts }}", encoding="utf-8")
    assert Templates(tmp_path).fit(book, "portfolio").subject == "Weekly 2026-06-30: 60"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("one\n{{ card.nothing }}", "subject.j2, line 2"),
        ("{% if %}", "subject.j2, line 1"),
        ("{% include 'gone.j2' %}", "gone.j2"),
        ("{{ card.totals.accounts / 0 }}", "subject.j2"),
        ("{{ none.x }}", "subject.j2"),
    ],
)
def test_a_fault_in_a_template_names_file_and_line(book, tmp_path, text, words):
    """A team's mistake is one clear line."""
    (tmp_path / "subject.j2").write_text(text, encoding="utf-8")
    with pytest.raises(HealthscoreError, match=re.escape(words)):
        Templates(tmp_path).fit(book, "portfolio")


def test_every_kind_has_its_templates():
    """Each kind has HTML and text, and all files are shipped."""
    names = set(shipped_names())
    assert {f"{kind}.{form}.j2" for kind in data.KINDS for form in ("html", "txt")} <= names
    assert {"subject.j2", "style.css", "base.html.j2"} <= names


def test_models_without_values_dates_or_owners_still_make_a_scorecard(book):
    """An export with nothing but names and signals gives scorecards without invented amounts."""
    frame = book.frame.assign(value=np.nan, renewal=np.datetime64("NaT"), owner=None)
    accounts = replace(book.accounts, frame=frame)
    bare = replace(book, accounts=accounts, scores=healthscore.score(accounts, book.scores.model, book.scores.as_of))
    rendered = Templates().fit(bare, "portfolio")
    assert "of accounts Red" in rendered.subject
    assert "€" not in rendered.text
