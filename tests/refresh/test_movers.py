"""Why a score moved: for any two states of any accounts the parts add up to the change, exactly."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from healthscore.history import Mover
from healthscore.refresh.movers import CAPS, OVERRIDES, ROUNDING, movers_between
from healthscore.scoring import Scores
from parity.books import AS_OF, model_of, scored
from parity.strategies import Case, cases

WITHOUT_METRICS = (CAPS, OVERRIDES, ROUNDING)


def between(before: Scores, now: Scores) -> tuple[Mover, ...]:
    """Return the movers between two states of the same accounts, row for row."""
    count = min(len(before.table), len(now.table))
    return movers_between(before, now, {str(row): (row, row) for row in range(count)}, {})


def assert_adds_up(before: Scores, now: Scores) -> None:
    """Every account that moved is there; its parts add up to its change; what is left for rounding is small."""
    movers = {int(mover.id): mover for mover in between(before, now)}
    then, today = (side.table["score"].to_numpy(float) for side in (before, now))
    moved = {row for row, pair in enumerate(zip(then, today, strict=False)) if pair[0] != pair[1]}
    assert set(movers) == {row for row in moved if not np.isnan([then[row], today[row]]).any()}
    for row, mover in movers.items():
        assert sum((Decimal(str(part)) for part in mover.parts.values()), Decimal(0)) == Decimal(str(mover.change))
        metrics = {name: part for name, part in mover.parts.items() if name not in WITHOUT_METRICS}
        for name, part in metrics.items():
            lost = [0.0 if name not in side.lost else float(side.lost[name].iloc[row]) for side in (before, now)]
            assert math.isclose(part, lost[0] - lost[1], abs_tol=0.0501)
        event(f"caps {CAPS in mover.parts}, overrides {OVERRIDES in mover.parts}")
        assert abs(mover.parts.get(ROUNDING, 0.0)) <= 1 + 0.05 * (len(metrics) + 2)


@given(one=cases(), other=cases(), data=st.data())
@settings(max_examples=60)
def test_parts_add_up_whatever_changed(one: Case, other: Case, data: st.DataObject) -> None:
    """Inputs, overrides, the model itself: caps, missing data and rounding included, each change is taken apart whole."""
    before = scored(one.model, one.frame, one.people, more=one.more)[1]
    if data.draw(st.booleans(), label="another model"):
        now = scored(other.model, other.frame, other.people, more=other.more)[1]
    else:
        rows = data.draw(st.permutations(range(len(one.frame))))
        mixed = one.frame.copy()
        for name in mixed.columns:
            if name not in ("id", "account") and data.draw(st.booleans()):
                mixed[name] = one.frame[name].to_numpy()[list(rows)]
        now = scored(one.model, mixed, None, more=one.more)[1]
    assert_adds_up(before, now)
    assert_adds_up(now, before)


def by_hand(use: float | None, override: float | None = None, *, weight: float = 1, cap: float = 40) -> Scores:
    """Two metrics of 0 to 100, a rule that caps when Use is below 10, perhaps an override."""
    model = model_of(
        metrics=[
            {"name": "Use", "column": "use", "ramp": [0, 100], "weight": weight},
            {"name": "Mood", "column": "mood", "ramp": [0, 100]},
        ],
        rules=[{"name": "Silent", "when": [{"metric": "Use", "op": "<", "value": 10}], "cap": cap}],
    )
    mood = 80 if use is not None else None
    frame = pd.DataFrame({"id": ["1"], "account": ["Acme"], "use": [use], "mood": [mood]})
    given_by = {"override_score": [override], "override_reason": ["x"], "override_by": ["Ann"]}
    people = {**given_by, "override_until": pd.to_datetime([AS_OF])} if override is not None else None
    return scored(model, frame, people)[1]


@pytest.mark.parametrize(
    ("before", "now", "parts"),
    [
        # Base 65 -> 80: Use lost 25 of 100 and loses 10.
        (by_hand(50), by_hand(80), {"Use": 15.0, "Mood": 0.0}),
        # Base 65 -> 42: Use costs 23 more points, and the cap of 30 takes 12 of what is left.
        (by_hand(50), by_hand(4, cap=30), {"Use": -23.0, "Mood": 0.0, CAPS: -12.0}),
        # Overridden with 20, then scored again: base 65 both times, the person had taken 45.
        (by_hand(50, 20), by_hand(50), {"Use": 0.0, "Mood": 0.0, OVERRIDES: 45.0}),
        # Nobody knew anything and a person said 90; now there is data and base 65: 25 + 10 lost, the person's 10 gone.
        (by_hand(None, 90), by_hand(50), {"Use": -25.0, "Mood": -10.0, OVERRIDES: 10.0}),
        # Weight 1 -> 3: shares 3/4 and 1/4; Use loses 37.5 instead of 25, Mood 5 instead of 10; 57.5 shows as 58.
        (by_hand(50), by_hand(50, weight=3), {"Use": -12.5, "Mood": 5.0, ROUNDING: 0.5}),
    ],
)
def test_moves_worked_out_by_hand(before: Scores, now: Scores, parts: dict[str, float]) -> None:
    """Data, a cap, an override, first data, a changed weight: each is the part that it should be."""
    (mover,) = between(before, now)
    assert mover.parts == parts
    assert sum(map(Fraction, map(str, parts.values()))) == Fraction(str(mover.change))


def test_a_metric_may_be_called_caps() -> None:
    """A metric named Caps keeps its own part beside that of the rules."""
    model = model_of(
        metrics=[{"name": "Caps", "column": "use", "ramp": [0, 100]}],
        rules=[{"name": "Silent", "when": [{"metric": "Caps", "op": "<", "value": 60}], "cap": 40}],
    )
    before, now = (scored(model, pd.DataFrame({"id": ["1"], "account": ["Acme"], "use": [use]}))[1] for use in (80, 50))
    (mover,) = between(before, now)
    assert mover.parts == {"Caps": -30.0, "Caps (2)": -10.0}
