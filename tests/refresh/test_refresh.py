"""The weekly loop: the export's columns come from the export, what people typed stays, nothing is lost."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment

from healthscore.check import check
from healthscore.errors import WorkbookError
from healthscore.history import thinned
from healthscore.refresh.run import dated
from healthscore.workbook.reading.workbook import read_workbook
from refresh.conftest import FIRST, MONDAY, NEXT, Editor, again

SECOND = {
    "C1": ("Acme", "Small", 1000, 20, 2),
    "C2": ("Bolt", "Large", 2000, 80, 0),
    "C4": ("Dune", "Large", 7500, 95, 1),
    "C5": ("Echo", "Small", 500, 70, 3),
}


def test_new_data_wins_and_people_stay(book: Path) -> None:
    """Use falls from 50 to 20 as the export says; rating, override and note stay, and so does a moved account's."""
    edit = Editor(book)
    edit.type("Small", "Acme", "feeling", 4)
    edit.type("Small", "Acme", "Note", "Call them")
    edit.type("Small", "Bolt", "Override score", 33)
    edit.type("Small", "Bolt", "Override reason", "Merger")
    edit.type("Small", "Bolt", "Override by", "Ann")
    edit.type("Small", "Bolt", "Override until", dt.date(2026, 12, 31))
    edit.save()
    done = again(book, SECOND)
    frame = read_workbook(book).accounts.frame.set_index("id")
    scores = check(book).scores.table["score"].tolist()
    assert frame.loc["C1", ["use", "feeling", "note"]].tolist() == [20, 4, "Call them"]
    assert frame.loc["C2", ["segment", "override_score", "override_reason"]].tolist() == ["Large", 33, "Merger"]
    assert frame.loc["C4", "value"] == 7500
    assert scores[frame.index.tolist().index("C2")] == 33
    assert [event.what for event in done.events] == ["New", "Left", "Moved"]


def test_accounts_leave_and_return(book: Path) -> None:
    """Core leaves with its score of Monday and its note, and comes back with the note and the score it left with."""
    edit = Editor(book)
    edit.type("Large", "Core", "Note", "Angry about prices")
    edit.type("Large", "Core", "feeling", 2)
    edit.save()
    before = read_workbook(book)
    score = check(book).scores.table["score"].iloc[before.accounts.frame["id"].tolist().index("C3")]
    again(book, SECOND)
    left = read_workbook(book).left
    assert [(one.id, one.score, one.left_on, one.scored_on) for one in left] == [("C3", score, NEXT, MONDAY)]
    done = again(book, {**SECOND, "C3": FIRST["C3"]}, dt.date(2026, 7, 13))
    after = read_workbook(book)
    row = after.accounts.frame.set_index("id").loc["C3"]
    assert (row["note"], row["feeling"], row["previous_score"]) == ("Angry about prices", 2, score)
    assert after.left == ()
    assert "Returned" in [event.what for event in done.events]


def test_a_comment_leaves_and_returns_with_its_account(book: Path) -> None:
    """What somebody noted on a cell of Core stands on Left while Core is gone, and on its cell when it is back."""
    edit = Editor(book)
    edit.cell("Large", "Core", "Note").comment = Comment("Ask on Friday", "Ann")
    edit.save()
    again(book, SECOND)
    values = [cell.value for row in openpyxl.load_workbook(book)["Left"] for cell in row]
    assert [value for value in values if "Ask on Friday" in str(value)] == ["Ann\nAsk on Friday"]
    again(book, {**SECOND, "C3": FIRST["C3"]}, dt.date(2026, 7, 13))
    comment = Editor(book).cell("Large", "Core", "Note").comment
    assert (comment.text, comment.author) == ("Ask on Friday", "Ann")


def test_who_returns_changed_in_the_export_only_is_no_conflict(book: Path) -> None:
    """Core comes back with new numbers that nobody typed over: they stand, and no cell is said to be changed by both."""
    again(book, SECOND)
    done = again(book, {**SECOND, "C3": ("Core", "Large", 9000, 60, 0)}, dt.date(2026, 7, 13))
    assert [event.what for event in done.events] == ["Returned"]
    assert read_workbook(book).accounts.frame.set_index("id").loc["C3", "use"] == 60


def test_what_was_typed_over_before_leaving_is_told_on_return(book: Path) -> None:
    """Somebody typed 7 for Core's use of 5; it left and returns with 5: 7 stays. With 60: 60 stands. Both are told."""
    edit = Editor(book)
    edit.type("Large", "Core", "use", 7)
    edit.save()
    again(book, SECOND)
    twin = book.with_name("twin.xlsx")
    twin.write_bytes(book.read_bytes())
    for path, use, what, kept in ((book, 5, "Changed by hand", 7), (twin, 60, "Both changed", 60)):
        done = again(path, {**SECOND, "C3": ("Core", "Large", 9000, use, 4)}, dt.date(2026, 7, 13))
        told = [(event.what, event.account, event.before, event.now) for event in done.events]
        assert (what, "Core", "7", str(use)) in told
        assert read_workbook(path).accounts.frame.set_index("id").loc["C3", "use"] == kept


def test_cells_that_both_changed_are_reported_with_both_values(book: Path) -> None:
    """A person typed 55 where the export said 50; the export now says 60: it stands, and 55 is told."""
    edit = Editor(book)
    edit.type("Small", "Acme", "use", 55)
    edit.type("Small", "Bolt", "use", 81)
    edit.save()
    rows = {**FIRST, "C1": ("Acme", "Small", 1000, 60, 2)}
    done = again(book, rows)
    told = {(event.what, event.id, event.before, event.now) for event in done.events}
    assert told == {("Both changed", "C1", "55", "60"), ("Changed by hand", "C2", "81", "80")}
    frame = read_workbook(book).accounts.frame.set_index("id")
    assert frame.loc[["C1", "C2"], "use"].tolist() == [60, 81]
    values = [cell.value for row in openpyxl.load_workbook(book)["Movers"] for cell in row]
    assert "55" in values


def test_a_column_that_people_filled_keeps_their_word_when_the_export_brings_it(book: Path) -> None:
    """Feeling was rated by hand; an export that has it fills the blanks, and the typed rating stays and is told."""
    edit = Editor(book)
    edit.type("Small", "Acme", "feeling", 4)
    edit.save()
    from refresh.conftest import export

    frame = export(FIRST).assign(feeling=[1, 2, 3, 5])
    done = again(book, frame)
    assert read_workbook(book).accounts.frame["feeling"].tolist() == [3, 5, 4, 2]
    assert [(event.column, event.before, event.now) for event in done.events] == [("feeling", "4", "1")]


def test_an_account_typed_by_hand_stays(book: Path) -> None:
    """A row typed under the table is an account; no export lists it, and it stays all the same."""
    edit = Editor(book)
    sheet = edit.sheet("Small")
    keys = {cell.value: cell.column for cell in edit.cell("Small", "Acme", "Account").parent[4]}
    row = sheet.max_row + 1
    sheet.cell(row, 1).value = "Handmade"
    sheet.cell(row, keys["role:id"]).value = "H1"
    sheet.cell(row, keys["input:use"]).value = 77
    sheet.cell(row, sheet.max_column + 2).value = "seen by Ann"
    edit.save()
    again(book, FIRST)
    frame = read_workbook(book).accounts.frame.set_index("id")
    assert frame.loc["H1", ["account", "use", "segment"]].tolist() == ["Handmade", 77, "Small"]
    own = [column.values for place in read_workbook(book).segments for column in place.own]
    assert own == [{"H1": "seen by Ann"}]
    assert check(book).trusted


def test_history_change_and_movers_add_up(book: Path) -> None:
    """Scores of Monday go to the history; Change is the difference; the parts of each mover add up exactly."""
    before = check(book).scores.table["score"].tolist()
    done = again(book, {**FIRST, "C1": ("Acme", "Small", 1000, 5, 9), "C4": ("Dune", "Large", 7000, 60, 1)})
    contents = read_workbook(book)
    assert contents.history.days == (MONDAY,)
    ids = contents.accounts.frame["id"].tolist()
    assert [contents.history.scores[name][MONDAY] for name in ids] == [
        float(x) for x in contents.accounts.frame["previous_score"]
    ]
    assert sorted(contents.accounts.frame["previous_score"]) == sorted(before)
    assert {mover.id for mover in done.movers} == {"C1", "C4"}
    for mover in done.movers:
        assert round(sum(mover.parts.values()), 9) == mover.change
    assert {mover.id: mover.parts for mover in contents.movers} == {mover.id: mover.parts for mover in done.movers}
    changes = done.scores.table["change"].tolist()
    assert changes[ids.index("C1")] == next(mover.change for mover in done.movers if mover.id == "C1")


def test_a_second_refresh_on_one_day_keeps_the_previous_scores(book: Path) -> None:
    """The same day twice makes no second snapshot, and Change still speaks of the week before."""
    again(book, SECOND)
    first = read_workbook(book)
    again(book, SECOND)
    second = read_workbook(book)
    assert second.history == first.history
    assert second.accounts.frame["previous_score"].tolist() == first.accounts.frame["previous_score"].tolist()


def test_edited_weights_and_texts_stay(book: Path) -> None:
    """What people change on Model is the model of the next workbook."""
    edit = Editor(book)
    model = edit.sheet("Model")
    row = next(cell.row for cell in model["A"] if cell.value == "Use" and model.cell(cell.row, 2).value == "All")
    model.cell(row, 3).value = 5
    text = next(cell.row for cell in model["D"] if cell.value == "Train")
    model.cell(text, 4).value = "Train the users"
    edit.save()
    again(book, SECOND)
    metric = read_workbook(book).model.metric("Use")
    assert (metric.weight, metric.action) == (5, "Train the users")
    assert check(book).trusted


def test_sorting_filtering_and_renaming_do_no_harm(book: Path) -> None:
    """A sheet sorted by hand, renamed and with a renamed header still refreshes account by account."""
    edit = Editor(book)
    edit.type("Small", "Bolt", "Note", "B")
    edit.type("Small", "Acme", "Note", "A")
    sheet = edit.sheet("Small")
    head = edit.cell("Small", "Acme", "Account").row - 1
    for col in range(1, sheet.max_column + 1):
        one, two = sheet.cell(head + 1, col), sheet.cell(head + 2, col)
        if not str(one.value).startswith("="):
            one.value, two.value = two.value, one.value
    note = next(cell for cell in sheet[head] if cell.value == "Note")
    note.value = "Remark"
    next(iter(sheet.tables.values())).tableColumns[note.column - 1].name = "Remark"
    sheet.title = "Little ones"
    edit.save()
    again(book, FIRST)
    frame = read_workbook(book).accounts.frame.set_index("id")
    assert frame.loc[["C1", "C2"], "note"].tolist() == ["A", "B"]
    assert "Little ones" in openpyxl.load_workbook(book).sheetnames


def test_without_ids_names_tell_accounts_apart(book: Path) -> None:
    """An export that has lost its id column is matched by name, which is said; the ids stay."""
    from refresh.conftest import export

    done = again(book, export(FIRST).drop(columns="id"))
    assert sorted(read_workbook(book).accounts.frame["id"]) == ["C1", "C2", "C3", "C4"]
    assert [event.what for event in done.events] == ["Matched by name"]


def test_an_account_that_stands_twice_stops_the_refresh(book: Path) -> None:
    """Two rows of one account: the message names both cells, and nothing is written."""
    edit = Editor(book)
    edit.type("Small", "Acme", "Account ID", "C2")
    before = edit.save().read_bytes()
    with pytest.raises(WorkbookError, match=r"'C2' stands there more than once \(Small!A"):
        again(book, FIRST)
    assert book.read_bytes() == before


def test_dry_run_and_dated_names(book: Path) -> None:
    """A dry run says everything and writes nothing; without --out the new file has the day in its name."""
    files = sorted(book.parent.iterdir())
    done = again(book, SECOND, dry_run=True, in_place=False)
    assert not done.written
    assert sorted(book.parent.iterdir()) == files
    assert again(book, SECOND, in_place=False).path.name == "health 2026-07-06.xlsx"
    assert dated(Path("health 2026-07-06.xlsx"), dt.date(2026, 7, 13)).name == "health 2026-07-13.xlsx"


def test_in_place_keeps_a_dated_copy(book: Path) -> None:
    """The old workbook is kept byte for byte under the day its scores speak of."""
    before = book.read_bytes()
    done = again(book, SECOND)
    assert done.backup is not None
    assert (done.backup.name, done.backup.read_bytes()) == ("health backup 2026-06-29.xlsx", before)


def test_a_year_of_weeks_thins_to_month_ends() -> None:
    """Of 60 weekly days the oldest that do not end a month go; the last 53 days stay in reach."""
    days = [dt.date(2025, 1, 6) + dt.timedelta(weeks=week) for week in range(60)]
    kept = thinned(days)
    assert len(kept) == 53
    assert kept[:3] == [dt.date(2025, 1, 27), dt.date(2025, 2, 24), dt.date(2025, 3, 10)]
    assert kept[-1] == days[-1]


def test_a_day_without_any_score_is_a_day_too(book: Path) -> None:
    """Weights that leave everybody unscored for a week: the day stays in the history, the next refresh works."""
    edit = Editor(book)
    model = edit.sheet("Model")
    row = next(cell.row for cell in model["A"] if cell.value == "Use" and model.cell(cell.row, 2).value == "All")
    model.cell(row, 3).value = 1
    edit.save()
    again(book, FIRST)
    again(book, FIRST, dt.date(2026, 7, 13))
    assert read_workbook(book).history.days == (MONDAY, NEXT)
    assert "Movers (2)" not in openpyxl.load_workbook(book).sheetnames
