"""Why a score moved: its change, taken apart into points that each metric made, caps, overrides and rounding.

Base is 100 less the points lost (DESIGN §2.4), so a metric moved the base by the points it lost before less those it
loses now. What caps and overrides did is the difference they make to the score before less now. The rest is rounding.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import numpy as np

from healthscore import names
from healthscore.history import Mover
from healthscore.scoring import Scores

CAPS, OVERRIDES, ROUNDING = "Caps", "Overrides", "Rounding"


def movers_between(
    before: Scores, now: Scores, rows: Mapping[str, tuple[int, int]], accounts: Mapping[str, str]
) -> tuple[Mover, ...]:
    """Return every account whose score changed.

    Args:
        before: the scores as they were.
        now: the scores as they are.
        rows: id -> row before and row now, of the accounts in both.
        accounts: id -> name.

    Returns:
        The movers. Parts are rounded to a tenth of a point; rounding takes what that leaves, so they add up exactly.
    """
    found = []
    then, today = (side.table["score"].to_numpy(float) for side in (before, now))
    for name, (old, new) in rows.items():
        scores = float(then[old]), float(today[new])
        if np.isnan(scores).any() or scores[0] == scores[1]:
            continue
        segment = str(now.table["segment"].iat[new])
        found.append(Mover(name, accounts.get(name, name), segment, *scores, _parts((before, old), (now, new))))
    return tuple(found)


def _parts(before: tuple[Scores, int], now: tuple[Scores, int]) -> dict[str, float]:
    metrics = list(dict.fromkeys([*before[0].lost.columns, *now[0].lost.columns]))
    steps = [_steps(*side) for side in (before, now)]
    parts = {metric: _lost(*before, metric) - _lost(*now, metric) for metric in metrics}
    # A metric may have one of these names itself.
    caps, overrides, rounding = names.unique([*metrics, CAPS, OVERRIDES, ROUNDING])[len(metrics) :]
    parts |= {called: steps[1][what] - steps[0][what] for called, what in ((caps, CAPS), (overrides, OVERRIDES))}
    tenths = {name: Decimal(str(round(value, 1))) for name, value in parts.items()}
    change = Decimal(str(steps[1]["score"])) - Decimal(str(steps[0]["score"]))
    tenths[rounding] = change - sum(tenths.values(), Decimal(0))
    return {name: float(value) for name, value in tenths.items() if value or name in metrics}


def _lost(scores: Scores, row: int, metric: str) -> float:
    return float(scores.lost[metric].to_numpy(float)[row]) if metric in scores.lost else 0.0


def _steps(scores: Scores, row: int) -> dict[str, float]:
    """Return what caps and a person did to one score; without a base nothing was lost, and a person took the rest."""
    line = scores.table.iloc[row]
    base, cap, calculated, score = (float(line[name]) for name in ("base", "cap", "calculated", "score"))
    base = 100.0 if np.isnan(base) else base
    capped = min(base, cap)
    own = score - (capped if np.isnan(calculated) else calculated) if line["override_active"] else 0.0
    return {CAPS: capped - base, OVERRIDES: own, "score": score}
