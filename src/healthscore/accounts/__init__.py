"""Reading an export of customer accounts: any file a person may hand us becomes one tidy `Accounts`."""

from healthscore.accounts.columns import ColumnMatch, match_columns
from healthscore.accounts.duplicates import settle_duplicates
from healthscore.accounts.read import accounts_from_frame, read_accounts
from healthscore.accounts.result import Accounts, Duplicate

__all__ = [
    "Accounts",
    "ColumnMatch",
    "Duplicate",
    "accounts_from_frame",
    "match_columns",
    "read_accounts",
    "settle_duplicates",
]
