"""The words a model is written in: roles, kinds, operators, band colours. Allowed values stand here once; others ask."""

from __future__ import annotations

from typing import Literal

#: The columns every account has, whatever the model measures.
ROLES = ("id", "account", "owner", "stage", "region", "value", "renewal", "segment")
VALUE_KINDS = ("column", "change", "ratio", "days_since", "days_until", "journey")
POINTS_KINDS = ("ramp", "plateau", "peers", "steps", "choices", "rating")
INPUT_TYPES = ("number", "date", "yes_no", "category")
OPERATORS = ("<", "<=", ">", ">=", "=", "<>")
#: Name of a band colour -> fill, text. Chosen to stay apart in greyscale and for red-green colour blindness.
BAND_COLORS = {
    "red": ("#F4B6AE", "#7A1A10"),
    "orange": ("#FAD4A6", "#7A3E00"),
    "yellow": ("#FFE9A3", "#5F4700"),
    "green": ("#C9E6CC", "#15501F"),
    "blue": ("#BFDDF2", "#0F4266"),
    "grey": ("#E3E5E8", "#4A4F57"),
}
BAND_SYMBOLS = {"red": "■", "orange": "◆", "yellow": "▲", "green": "●", "blue": "★", "grey": "○"}
UNSCORED = "Unscored"
UNSCORED_SYMBOL = BAND_SYMBOLS["grey"]
#: The segment of accounts without one, and of all accounts where nothing segments them.
UNSEGMENTED = "Unsegmented"
EVERYONE = "All accounts"
#: What joins the parts of a segment by more than one column.
SEGMENT_JOINT = " / "
NAME_LIMIT = 80
TEXT_LIMIT = 8000

#: What a metric can take from the account's journey: the part completed, days since the last milestone, and ROI.
JOURNEY_VALUES = ("completed", "days_since_last", "roi")

InputType = Literal["number", "date", "yes_no", "category"]
JourneyValue = Literal["completed", "days_since_last", "roi"]
Operator = Literal["<", "<=", ">", ">=", "=", "<>"]
