"""The `Explain` sheet from top to bottom.

An account is chosen from a list. Its waterfall stands as a table (from 100, by what each metric costs, to the base,
the cap and the score) and as a chart, beside its peers' medians; the rules stand below. Values typed under Try go
through the very formulas of the segment sheets, pointed at the cells of this sheet, so peers and thresholds stay as
they are.
"""

from __future__ import annotations

from healthscore.accounts import Accounts
from healthscore.history import Explained
from healthscore.workbook.board import Ground
from healthscore.workbook.explain.account import plan_behind, plan_choice
from healthscore.workbook.explain.metrics import plan_metrics
from healthscore.workbook.explain.page import (
    BEHIND,
    CHART,
    DIMENSION,
    LEFT,
    LOST,
    METRIC,
    PEER_POINTS,
    PEER_VALUE,
    POINTS,
    SHARE,
    SHEET,
    THEN_LEFT,
    THEN_LOST,
    THEN_POINTS,
    TRY,
    VALUE,
    Page,
)
from healthscore.workbook.explain.rules import plan_rules
from healthscore.workbook.explain.totals import plan_totals
from healthscore.workbook.explain.waterfall import plan_waterfall
from healthscore.workbook.plan import Sheet, Width

_WIDTHS = {
    METRIC: 38, DIMENSION: 21, SHARE: 9, VALUE: 13, PEER_VALUE: 13, POINTS: 9, PEER_POINTS: 9, LOST: 11, LEFT: 11,
    TRY: 15, THEN_POINTS: 11, THEN_LOST: 11, THEN_LEFT: 11, CHART: 74,
}  # fmt: skip
_GAP = 2.0


def plan_explain(ground: Ground, accounts: Accounts, explained: Explained | None = None) -> Sheet:
    """Plan the sheet.

    Args:
        ground: scores, model, segments and the list of accounts.
        accounts: the accounts as read.
        explained: what people chose and tried; the account on top of the watch list, and nothing tried, when None.
    """
    page = Page(ground, accounts, explained)
    plan_choice(page)
    plan_behind(page)
    plan_metrics(page)
    plan_totals(page)
    plan_rules(page)
    plan_waterfall(page)
    _plan_layout(page)
    return page.canvas.sheet


def _plan_layout(page: Page) -> None:
    sheet = page.canvas.sheet
    last = page.side + 11
    sheet.widths = {col: Width(float(_WIDTHS.get(col, _GAP))) for col in range(CHART + 1)}
    sheet.widths |= {col: Width(12.0, level=1, hidden=True) for col in range(BEHIND, last)}
    sheet.widths[last] = Width(4.0, collapsed=True)
    sheet.print_area = (0, 0, page.rules + max(1, len(page.model.rules)), CHART)
    sheet.pages = (1, 1)


__all__ = ["SHEET", "plan_explain"]
