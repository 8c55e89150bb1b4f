"""`Checks` finds what people do to a workbook.

A fault is typed into a built file, an engine recalculates it, and the sheet counts it and says what that means for the
scores, on `Checks`, `Start` and `Dashboard` alike.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from healthscore import ScoreModel, load_model, read_accounts, score
from healthscore.workbook import plan_book, write_book
from healthscore.workbook.model_sheet import ModelCells
from parity.books import AS_OF, ROOT
from parity.by_hand import ByHand
from parity.cells import Value, read_cells
from parity.engines import CELLRUNE, EVERY_ENGINE, LIBREOFFICE, Recalculated

SHEET = "Small"
TRUSTED, DISTRUST = "Scores can be trusted: ", "Do not trust the scores yet: "


class Edited(ByHand):
    """The demo workbook, open for typing: accounts of one segment by row and header, numbers of the model by name."""

    def __init__(self, path: Path, model: ScoreModel) -> None:
        super().__init__(path)
        self.model_cells = ModelCells(model)
        self.heads = self.columns(SHEET)

    def account(self, row: int, header: str, value: Any) -> None:
        """Type into the row-th account of the segment."""
        self.type(SHEET, (self.rows(SHEET)[row], self.heads[header]), value)

    def shown(self, row: int, header: str) -> Any:
        """Return what stands in a cell of the row-th account."""
        return self.workbook[SHEET].cell(self.rows(SHEET)[row] + 1, self.heads[header] + 1).value

    def model(self, section: str, header: str, value: Any, *start: Any) -> None:
        """Type a number of the model."""
        self.type("Model", self.model_cells.find(section, header, self.model_cells.line(section, *start)), value)


@pytest.fixture(scope="module")
def journey() -> ScoreModel:
    return load_model("journey")


@pytest.fixture(scope="module")
def built(journey, tmp_path_factory) -> Path:
    accounts = read_accounts(ROOT / "templates" / "demo" / "accounts.csv", journey)
    book = plan_book(accounts, score(accounts, journey, AS_OF))
    return write_book(book, tmp_path_factory.mktemp("checks") / "built.xlsx")


def lines_of(computed: Recalculated) -> dict[str, tuple[Value, Value]]:
    """Return {title of the check: (state, how many)}."""
    cells = computed["Checks"]
    states = ("● fine", "▲ look", "■ wrong", "– not checked")
    return {
        str(cells[row, 0]): (value, cells.get((row, 2), ""))
        for (row, col), value in sorted(cells.items())
        if col == 1 and value in states
    }


def verdicts_of(computed: Recalculated) -> set[Value]:
    """Return the verdicts of Checks, Start and Dashboard: one, when the others repeat the first."""
    return {computed["Checks"][1, 0], computed["Start"][2, 0], computed["Dashboard"][1, 4]}


def before_of(built: Path) -> Recalculated:
    """Return what the file as written shows."""
    return {sheet: {place: cell.value for place, cell in cells.items()} for sheet, cells in read_cells(built).items()}


def _paste_over(book: Edited) -> None:
    book.account(0, "Base", 88.5)
    book.account(3, "Score", 99)


def _type_over_the_strip(book: Edited) -> None:
    sheet = book.workbook[SHEET]
    labels = {sheet.cell(row, 1).value: row - 1 for row in range(1, book.rows(SHEET)[0])}
    for label, header in (("Weight", "Seats in use (points)"), ("Zero", "Login recency (points)")):
        assert str(sheet.cell(labels[label] + 1, book.heads[header] + 1).value).startswith("=")
        book.type(SHEET, (labels[label], book.heads[header]), 5)


def _no_weights(book: Edited) -> None:
    for metric in load_model("journey").metrics:
        book.model("Metrics", "Weight", 0, metric.name)


def _duplicate_ids(book: Edited) -> None:
    book.account(1, "Account ID", book.shown(0, "Account ID"))
    book.account(2, "Account ID", str(book.shown(0, "Account ID")).lower())


def _override(book: Edited, row: int, *values: Any) -> None:
    for header, value in zip(("score", "reason", "by", "until"), values, strict=True):
        book.account(row, f"Override {header}", value)


def _expired(book: Edited) -> None:
    _override(book, 10, 90, "New sponsor", "Ann", AS_OF - dt.timedelta(days=1))
    _override(book, 11, 90, "New sponsor", "Ann", AS_OF)  # the last day on which it counts


def _unsigned(book: Edited) -> None:
    later = AS_OF + dt.timedelta(days=9)
    _override(book, 0, 90, None, "Ann", later)
    _override(book, 1, 90, "New sponsor", "  ", later)
    _override(book, 2, 90, "New sponsor", "Ann", None)
    _override(book, 3, 101, "New sponsor", "Ann", later)
    _override(book, 4, 90, "New sponsor", "Ann", later)


def _in_the_future(book: Edited) -> None:
    book.account(0, "Last login", AS_OF + dt.timedelta(days=1))
    book.account(1, "Last login", AS_OF)
    book.account(2, "Rated on", AS_OF + dt.timedelta(days=40))


def _implausible(book: Edited) -> None:
    book.account(0, "Active users", 10 * float(book.shown(0, "Seats")))
    book.account(3, "Active users", -5)


#: Of four segments one has bands and a weight of its own, so what is wrong in the model is wrong in three of them.
#: Title -> the fault, how many more are counted, and whether it is wrong or only worth a look.
FAULTS: dict[str, tuple[Callable[[Edited], None], int, str]] = {
    "Formulas pasted over": (_paste_over, 2, "■ wrong"),
    "Parameters typed over": (_type_over_the_strip, 2, "■ wrong"),
    "Segments whose weights add up to 0": (_no_weights, 3, "■ wrong"),
    "Bands or grades out of order": (lambda book: book.model("Bands", "From", 80, "Yellow"), 3, "■ wrong"),
    "Thresholds that give no points": (lambda book: book.model("Metrics", "Zero", 3, "Login recency"), 4, "■ wrong"),
    "Overrides that have ended": (_expired, 1, "▲ look"),
    "Overrides that do not count": (_unsigned, 4, "▲ look"),
    "Ids that stand there twice": (_duplicate_ids, 2, "▲ look"),
    "Dates in the future": (_in_the_future, 2, "▲ look"),
    "Values outside the plausible range": (_implausible, 2, "▲ look"),
    "Accounts without an owner": (lambda book: book.account(0, "Owner", None), 1, "▲ look"),
    "Inputs that cannot be used": (lambda book: book.account(0, "NPS", "ask again"), 1, "▲ look"),
}  # fmt: skip


#: cellrune looks at the first cell only when ISFORMULA is asked about many; Excel and LibreOffice look at each.
PASTED = ("Formulas pasted over", "Parameters typed over")
EACH = [
    pytest.param(title, LIBREOFFICE, marks=pytest.mark.libreoffice) if title in PASTED else (title, CELLRUNE)
    for title in FAULTS
]


@pytest.mark.parametrize(("title", "engine"), EACH)
def test_a_typed_fault_is_counted_and_changes_the_verdict(title, engine, built, journey, tmp_path):
    """One fault of each kind: its line counts it and no other line of the kind of things that are wrong moves."""
    fault, more, state = FAULTS[title]
    before = lines_of(before_of(built))
    book = Edited(built, journey)
    fault(book)
    computed = engine.recalculate(book.save(tmp_path / "edited.xlsx"))
    after = lines_of(computed)
    count = before[title][1]
    assert isinstance(count, float)
    assert after[title] == (state, count + more)
    wrong = {name for name, (found, _) in after.items() if found == "■ wrong"}
    assert wrong == ({title} if state == "■ wrong" else set())
    (verdict,) = verdicts_of(computed)
    (old,) = verdicts_of(before_of(built))
    assert str(old).startswith(TRUSTED)
    looks = sum(found == "▲ look" for found, _ in after.values())
    assert str(verdict).endswith(f"; {looks} things to look at")
    if state == "■ wrong":
        assert str(verdict).startswith(f"{DISTRUST}1 wrong, see Checks; ")
    elif before[title][1] == 0:
        assert verdict != old


@pytest.mark.parametrize("engine", EVERY_ENGINE)
def test_all_faults_at_once(engine, built, journey, tmp_path):
    """Faults of eleven kinds in one file are all found, in both engines; nothing hides another."""
    names = [name for name in FAULTS if name != "Segments whose weights add up to 0"]
    if engine is CELLRUNE:
        names = [name for name in names if name not in PASTED]
    before = lines_of(before_of(built))
    book = Edited(built, journey)
    for name in names:
        FAULTS[name][0](book)
    computed = engine.recalculate(book.save(tmp_path / "edited.xlsx"))
    after = lines_of(computed)
    for name in names:
        assert after[name][0] == FAULTS[name][2], name
        assert after[name][1] >= before[name][1] + 1, name
    wrong = sum(FAULTS[name][2] == "■ wrong" for name in names)
    (verdict,) = verdicts_of(computed)
    assert str(verdict).startswith(f"{DISTRUST}{wrong} wrong, see Checks; ")


def test_without_a_fault_nothing_changes(built, journey, tmp_path):
    """Opened, saved and recalculated, the file counts what it counted: the checks do not find their own book wrong."""
    computed = CELLRUNE.recalculate(Edited(built, journey).save(tmp_path / "saved.xlsx"))
    assert lines_of(computed) == lines_of(before_of(built))
    assert verdicts_of(computed) == verdicts_of(before_of(built))
    assert len(verdicts_of(computed)) == 1


@pytest.mark.parametrize(
    ("section", "header", "value", "start", "found"),
    [
        ("Metrics", "Full until", 30, ("Support load",), 2),
        ("Metrics", "Full", 0.25, ("Seats in use",), 2),
        ("Steps and choices", "From or choice", 8, ("Survey answer", 5.0), 4),
    ],
)
def test_thresholds_of_every_kind_out_of_order(section, header, value, start, found, built, journey, tmp_path):
    """A plateau that ends before it starts, a ramp without length, steps that do not rise: one per segment without its own."""
    book = Edited(built, journey)
    book.model(section, header, value, *start)
    computed = CELLRUNE.recalculate(book.save(tmp_path / "edited.xlsx"))
    assert lines_of(computed)["Thresholds that give no points"] == ("■ wrong", found)


def test_grades_out_of_order(built, journey, tmp_path):
    """A grade that starts below the one before is found as a band is."""
    book = Edited(built, journey)
    book.model("Grades", "From", 40, "B")
    computed = CELLRUNE.recalculate(book.save(tmp_path / "edited.xlsx"))
    assert lines_of(computed)["Bands or grades out of order"] == ("■ wrong", 3.0)


def test_too_little_data_asks_for_care(built, journey, tmp_path):
    """With more of the weight asked for than has data, the verdict is neither trust nor distrust."""
    book = Edited(built, journey)
    book.model("Settings", "Value", 0.99, "Minimum coverage")
    computed = CELLRUNE.recalculate(book.save(tmp_path / "edited.xlsx"))
    (verdict,) = verdicts_of(computed)
    assert str(verdict).startswith("Read the scores with care: ")
    steps = {
        str(computed["Start"].get((row, 0), ""))[3:]: value
        for (row, col), value in computed["Start"].items()
        if col == 1
    }
    assert steps["Data that can be relied on"] == "▲ to do"
    assert steps["Scored"] == "▲ to do"
