"""The tiles at the top of `Dashboard`: one figure each, with a word about it."""

from __future__ import annotations

import numpy as np

from healthscore.formula import formula
from healthscore.workbook.board import Canvas, Ground, mean, part, percent_text, total, weighted, whole_text
from healthscore.workbook.dashboard.grid import Grid
from healthscore.workbook.plan import Formula, Height, cell


def plan_tiles(canvas: Canvas, ground: Ground, grid: Grid, row: int) -> None:
    """Plan seven tiles of two columns each: label, figure, note."""
    for line, height in ((row, 18), (row + 1, 28), (row + 2, 18), (row + 3, 8)):
        canvas.sheet.heights[line] = Height(height)
    for number, tile in enumerate(_tiles(ground, grid, row)):
        col = _col(grid, number)
        for line, (value, style) in enumerate(tile):
            canvas.put(row + line, col, value, style)
            for more in range(col + 1, _col(grid, number + 1)):
                canvas.put(row + line, more, None, "tile_text")


def _col(grid: Grid, number: int) -> int:
    """Return the first column of a tile; a tile may lie over the gap between the halves."""
    return grid.left + 2 * number + (2 * number >= grid.half)


Tile = list[tuple[Formula | str, str]]


def _tiles(ground: Ground, grid: Grid, row: int) -> list[Tile]:
    """Return the tiles: (value, style) of label, figure and note."""
    listed, worst = ground.listed, ground.signals[0]
    weight, unscored = listed.weight, float(np.isnan(listed.score).sum())
    whole, red = total(weight), total(weight[listed.band == worst.name])
    no_value = int(np.isnan(listed.value).sum())
    up, down = int((listed.change > 0).sum()), int((listed.change < 0).sum())
    moved = f"{up} up, {down} down" if (~np.isnan(listed.change)).any() else "no earlier snapshot"
    band = formula("linked_text", cell=ground.cells.address("Bands", "Band", 0))
    plain = formula("whole_text", number=formula("mean_of", numbers="AllScores"))

    def share(of: int, whole_of: int) -> str:
        cells = [cell(row + 1, _col(grid, number), "$", "$") for number in (of, whole_of)]
        return formula("percent_text", part=formula("part_of_whole", part=cells[0], whole=cells[1]))

    def noted(number: str, words: str, shown: str) -> Formula:
        return Formula(formula("number_and_words", number=number, words=words), f"{shown} {words}")

    scored = formula("count_numbers", values="AllScores")
    without = formula("count_without", rows="AllRows", numbers="AllValues")
    return [
        _tile(
            "Accounts",
            Formula(formula("count_numbers", values="AllRows"), len(listed)),
            "whole",
            noted(scored, "with a score", f"{len(listed) - unscored:.0f}"),
        ),
        _tile(
            ground.money("Value"),
            Formula(formula("sum_of", cells="AllValues"), whole),
            "tile",
            noted(without, "without a value", str(no_value)),
        ),
        _tile(
            "Score by value",
            Formula(formula("weighted_mean", numbers="AllScores", weights="AllValues"), weighted(listed.score, weight)),
            "points",
            Formula(
                formula("words_and_number", words="plain mean", number=plain),
                f"plain mean {whole_text(mean(listed.score))}",
            ),
        ),
        _tile(
            "Coverage",
            Formula(formula("mean_of", numbers="AllCoverages"), mean(listed.coverage)),
            "percent",
            "of the weight has data",
        ),
        _tile(
            "Un-scored",
            Formula(formula("count_without", rows="AllRows", numbers="AllScores"), int(unscored)),
            "whole",
            noted(share(4, 0), "of the accounts", percent_text(part(unscored, len(listed)))),
        ),
        _tile(
            Formula(formula("words_and_number", words="Value in", number=band), f"Value in {worst.name}"),
            Formula(formula("value_of_band", bands="AllBands", band=band, values="AllValues"), red),
            "tile",
            noted(share(5, 1), "of the value", percent_text(part(red, whole))),
        ),
        _tile(
            "Change of the score",
            Formula(
                formula("weighted_mean", numbers="AllChanges", weights="AllValues"), weighted(listed.change, weight)
            ),
            "change",
            Formula(formula("up_and_down", numbers="AllChanges"), moved),
        ),
    ]


def _tile(label: Formula | str, figure: Formula, style: str, note: Formula | str) -> Tile:
    return [(label, "tile_label"), (figure, f"tile_{style}"), (note, "tile_note")]
