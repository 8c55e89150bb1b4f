"""healthscore: an export of customer accounts and a scoring model in, a living Excel workbook out.

>>> import healthscore                                                      # doctest: +SKIP
>>> model = healthscore.load_model("journey")                               # doctest: +SKIP
>>> accounts = healthscore.read_accounts("accounts.csv", model)             # doctest: +SKIP
>>> healthscore.build(accounts, model, "scores.xlsx")                       # doctest: +SKIP
"""

__version__ = "0.1.0"

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
