"""A small model and small exports for the tests of reading accounts."""

from pathlib import Path

import pytest

from healthscore.accounts import read_accounts
from healthscore.model import parse_model

MODEL = """
name = "Small"
segment_by = ["size"]

[columns]
"usage hours" = ["Hours used"]
region = ["Sales office"]

[[dimensions]]
name = "Product"

[[metrics]]
name = "Usage"
dimension = "Product"
column = "usage hours"
ramp = [0, 10]

[[metrics]]
name = "Tickets"
dimension = "Product"
column = "tickets"
blank = 0
ramp = [5, 0]

[[metrics]]
name = "Satisfaction"
dimension = "Product"
column = "csat"
rating = 5

[[metrics]]
name = "Payment"
dimension = "Product"
column = "payment"
choices = { Paid = 100, "Past due" = 0 }

[[metrics]]
name = "Auto renewal"
dimension = "Product"
column = "auto renew"
choices = { Yes = 100, No = 0 }

[[metrics]]
name = "Last seen"
dimension = "Product"
days_since = "last seen"
ramp = [90, 0]

[[metrics]]
name = "Sponsor"
dimension = "Product"
column = "sponsor"
type = "yes_no"
ramp = [0, 1]

[[metrics]]
name = "Revenue"
dimension = "Product"
column = "arr"
ramp = [0, 1000]

[[bands]]
name = "Red"
from = 0
color = "red"

[[segments]]
name = "Mid market"
"""


@pytest.fixture(scope="session")
def model():
    """A model with every type of input, a role's column as an input, and a segment of its own."""
    return parse_model(MODEL)


@pytest.fixture
def read(tmp_path, model):
    """Write an export (text or bytes) and read it."""

    def reading(content, name="export.csv", **options):
        path = Path(tmp_path) / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_accounts(path, options.pop("model", model), **options)

    return reading
