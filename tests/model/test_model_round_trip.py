"""A model goes into a workbook and comes out again as it was: TOML → sheet → TOML loses nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings

from healthscore import ScoreModel, load_model
from healthscore.errors import ModelError
from healthscore.model import parse_model, preset_names
from healthscore.model.toml_text import model_to_toml
from healthscore.pipeline import template
from healthscore.workbook import model_sheet, write_book
from healthscore.workbook.model_grid import model_from_rows
from healthscore.workbook.reading.workbook import read_model
from parity.books import model_of
from parity.strategies import models


def rows_of(model: ScoreModel) -> list[list[object]]:
    """The rows of the Model sheet as it is planned."""
    cells = model_sheet.ModelCells(model)
    sheet = model_sheet.plan_model_sheet(cells, [])
    rows: list[list[object]] = [[None] * 30 for _ in range(cells.last_row + 2)]
    for cell in sheet.cells:
        rows[cell.row][cell.col] = cell.value
    for table in sheet.tables:
        for number, column in enumerate(table.columns):
            for place, value in enumerate([column.header, *column.values]):
                rows[table.row + place][table.col + number] = value
    return rows


@pytest.mark.parametrize("name", preset_names())
def test_presets_survive_toml_workbook_toml(name: str, tmp_path: Path) -> None:
    """Every built-in model, written into a real workbook and read back, equals itself, and so does its TOML."""
    model = load_model(name)
    book = write_book(template(model, rows=1), tmp_path / "book.xlsx")
    back = read_model(book)
    assert back == model
    assert parse_model(model_to_toml(back)) == model


@given(drawn=models())
@settings(max_examples=150)
def test_any_model_survives_its_sheet_and_its_toml(drawn: tuple[ScoreModel, object]) -> None:
    """Whatever names, points, rules and segments a model has, its sheet and its TOML give it back."""
    model = drawn[0]
    assert model_from_rows(rows_of(model)) == model
    assert parse_model(model_to_toml(model)) == model


@given(drawn=models())
@settings(max_examples=15)
def test_any_model_survives_a_file(drawn: tuple[ScoreModel, object], tmp_path_factory: pytest.TempPathFactory) -> None:
    """The same through a file on disk, with its shared strings and escapes."""
    path = tmp_path_factory.mktemp("book") / "book.xlsx"
    assert read_model(write_book(template(drawn[0], rows=1), path)) == drawn[0]


def test_fields_that_few_models_use_survive() -> None:
    """Aliases, plausible ranges, renewal rates, several segment columns, empty texts, names with commas."""
    model = model_of(
        metrics=[
            {
                "name": "Use",
                "column": "use",
                "peers": 0.9,
                "zero": 0,
                "plausible": [0, 5],
                "unit": "h",
                "why": "It matters",
            },
            {"name": "NPS", "column": "nps", "rating": 5, "blank": 0},
        ],
        segment_by=["size, in heads"],
        columns={"use": ["Usage", "Use | d".replace("|", "/")], "nps": []},
        unscored_action="",
        version="2026.1",
        bands=[
            {"name": "Red", "from": 0, "color": "red", "symbol": "■", "renewal_rate": 0.4},
            {"name": "Green", "from": 50, "color": "green", "symbol": "☘", "respond_within": "1 week"},
        ],
        segments=[{"name": "Small", "metrics": {"Use": {"peers": 0.5, "zero": 2}, "NPS": {}}, "about": "Few heads"}],
    )
    assert model_from_rows(rows_of(model)) == model
    assert parse_model(model_to_toml(model)) == model


def test_edits_in_the_sheet_come_back() -> None:
    """A changed weight, a threshold of one segment and a switched criterion are in the model that is read."""
    model = load_model("journey")
    rows = rows_of(model)
    metric = next(row for row in rows if row[0] == "Seats in use" and row[1] == "Adoption")
    metric[2] = 7
    free = next(n for n, row in enumerate(rows) if row[:4] == ["Segment", "Item", "Setting", "Value"])
    blank = next(row for row in rows[free:] if row[0] is None)
    blank[:4] = ["Medium", "Usage trend", "Zero", -0.5]
    back = model_from_rows(rows)
    assert back.metric("Seats in use").weight == 7
    medium = back.segment("Medium")
    assert medium is not None
    assert medium.metrics["Usage trend"].ramp == (-0.5, 0.05)


def test_a_sheet_without_its_sections_says_so() -> None:
    """A Model sheet whose titles are gone gives one line that names them."""
    with pytest.raises(ModelError, match="Settings and Bands and Dimensions and Metrics"):
        model_from_rows([["something"], ["else"]])
