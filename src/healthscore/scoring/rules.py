"""Rules: named combinations of conditions, what they say and how high they let a score go (DESIGN §2.5)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from healthscore.model.schema import ScoreModel
from healthscore.names import key
from healthscore.scoring.conditions import Bools, all_hold
from healthscore.scoring.values import AccountColumns, Floats
from healthscore.scoring.words import words


def rules_holding(model: ScoreModel, columns: AccountColumns, values: Mapping[str, Floats]) -> Bools:
    """Return whether each rule holds, shape (accounts, rules); a missing value makes a condition false."""
    result = np.zeros((len(model.rules), len(columns)), dtype=bool)
    place = {key(rule.name): number for number, rule in enumerate(model.rules)}
    for number, rule in enumerate(model.rules):
        if rule.of:
            result[number] = result[[place[key(name)] for name in rule.of]].sum(axis=0) >= (rule.at_least or 0)
        else:
            result[number] = all_hold(model, rule.when, columns, values)
    return result.T


def rule_cap(model: ScoreModel, holding: Bools) -> Floats:
    """Return the smallest cap of the rules that hold, 100 where none does; shape (accounts,)."""
    cap = np.full(len(holding), 100.0)
    for number, rule in enumerate(model.rules):
        if rule.cap is not None:
            np.minimum(cap, np.where(holding[:, number], rule.cap, 100.0), out=cap)
    return cap


def risk_signals(model: ScoreModel, holding: Bools) -> pd.Categorical[str]:
    """Return the texts of the rules that hold, joined by semicolons, as a categorical."""
    codes, joined = np.zeros(len(holding), dtype=np.intp), [""]
    for number, rule in enumerate(model.rules):
        # One rule at a time, keeping only the combinations that occur, so that fifty rules are as cheap as five.
        codes, found = pd.factorize(codes * 2 + holding[:, number])
        text = rule.text or rule.name
        joined = [joined[pair // 2] + ("; " + text if joined[pair // 2] else text) * (pair % 2) for pair in found]
    return words(codes, joined, "")
