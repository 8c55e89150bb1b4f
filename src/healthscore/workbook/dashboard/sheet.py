"""The `Dashboard` sheet: the whole book on one landscape page, and the forecast on a second.

A grid of narrow columns holds the tables, one wide column on the right the charts and the next actions. What the charts
and rankings are drawn from stands further right, outside the print area.
"""

from __future__ import annotations

from healthscore.history import History
from healthscore.workbook.board import Canvas, Ground
from healthscore.workbook.dashboard import charts, forecast, rankings, tables, tiles
from healthscore.workbook.dashboard.grid import Grid
from healthscore.workbook.plan import Formula, Height, Sheet, Width
from healthscore.workbook.segment.formulas import AS_OF

SHEET = "Dashboard"
_TITLE, _SUBTITLE, _TILES, _FIRST = 0, 1, 3, 7
#: What a landscape A4 page has room for within our margins, in pixels at 100 %.
_PAGE = (1045, 687)


def plan_dashboard(ground: Ground, verdict: Formula | None = None, history: History | None = None) -> Sheet:
    """Plan the sheet; `verdict` is the line of `Checks` that says whether the scores can be trusted, `history` earlier days."""
    sheet = Sheet(SHEET, "output", zoom=80, active=(0, 0))
    canvas, grid = Canvas(sheet), Grid(len(ground.signals))
    _plan_top(canvas, ground, verdict)
    tiles.plan_tiles(canvas, ground, grid, _TILES)
    rankings.plan_signals(canvas, ground, grid)
    row = tables.plan_segments(canvas, ground, grid, _FIRST + 1)
    row = tables.plan_renewals_and_drags(canvas, ground, grid, row + 1)
    row = rankings.plan_watch_list(canvas, ground, grid, row + 1)
    beside = row + 1
    row = rankings.plan_movers(canvas, ground, grid, row + 1)
    row = tables.plan_groups(canvas, ground, grid, row + 1)
    charts.plan_charts(canvas, ground, grid, (beside, row), history)
    last = forecast.plan_forecast(canvas, ground, grid, row + 1)
    _plan_page(sheet, grid, row + 1, last)
    return sheet


def _plan_top(canvas: Canvas, ground: Ground, verdict: Formula | None) -> None:
    title = ground.model.title or ground.model.name
    canvas.put(_TITLE, 1, title, "title")
    canvas.put(_SUBTITLE, 1, "As of", "label")
    canvas.put(_SUBTITLE, 2, Formula(AS_OF, ground.scores.as_of), "as_of_day")
    if verdict is not None:
        canvas.put(_SUBTITLE, 4, verdict, "verdict")
    canvas.sheet.heights[_TITLE] = Height(30)
    canvas.sheet.heights[_SUBTITLE] = Height(20)
    canvas.sheet.heights[2] = Height(6)


def _plan_page(sheet: Sheet, grid: Grid, break_row: int, last: int) -> None:
    """Set widths, and print so that the first page holds everything above `break_row`."""
    sheet.widths = {col: Width(chars) for col, chars in grid.widths().items()}
    sheet.widths |= {col: Width(13.0, level=1) for col in range(grid.behind - 1, grid.behind + grid.BEHIND)}
    sheet.print_area = (0, 0, last, grid.wide)
    wide = sum(7 * sheet.widths[col].chars + 5 for col in range(grid.wide + 1))
    tall = sum(_points(sheet, row) for row in range(break_row)) * 4 / 3
    sheet.scale = max(10, min(100, int(100 * min(_PAGE[0] / wide, _PAGE[1] / tall))))
    sheet.breaks = (break_row,)


def _points(sheet: Sheet, row: int) -> float:
    height = sheet.heights.get(row)
    return 15.0 if height is None or height.points is None else height.points
