"""healthscore: an export of customer accounts and a scoring model in, a living Excel workbook out.

>>> import healthscore                                                      # doctest: +SKIP
>>> model = healthscore.load_model("journey")                               # doctest: +SKIP
>>> accounts = healthscore.read_accounts("accounts.csv", model)             # doctest: +SKIP
>>> healthscore.build(accounts, model, "scores.xlsx")                       # doctest: +SKIP

Names are imported when they are first asked for (PEP 562): the functions inside Excel need the scoring alone, in places
that have no XlsxWriter.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from healthscore.accounts import Accounts, read_accounts, settle_duplicates
    from healthscore.errors import HealthscoreError
    from healthscore.model import ScoreModel, load_model
    from healthscore.pipeline import build, score
    from healthscore.scoring import Scores

__all__ = [
    "Accounts",
    "HealthscoreError",
    "ScoreModel",
    "Scores",
    "build",
    "load_model",
    "read_accounts",
    "score",
    "settle_duplicates",
]

_HOMES = {
    "Accounts": "healthscore.accounts",
    "HealthscoreError": "healthscore.errors",
    "ScoreModel": "healthscore.model",
    "Scores": "healthscore.scoring",
    "build": "healthscore.pipeline",
    "load_model": "healthscore.model",
    "read_accounts": "healthscore.accounts",
    "score": "healthscore.pipeline",
    "settle_duplicates": "healthscore.accounts",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
