"""Which header serves which role and which model column."""

import pytest

from healthscore.accounts import match_columns
from healthscore.errors import AccountsError
from healthscore.model import parse_model


def test_roles_are_found_by_their_usual_names(model):
    """Case, spaces, underscores and hyphens do not matter; the rest is carried along."""
    match = match_columns(
        model,
        [
            "Account-ID",
            "customer_name",
            "CSM",
            "Lifecycle Stage",
            "Sales office",
            "Country",
            "ACV",
            "Contract End Date",
            "Tier",
            "Mood",
        ],
    )
    assert match.roles == {
        "id": "Account-ID", "account": "customer_name", "owner": "CSM", "stage": "Lifecycle Stage",
        "region": "Sales office", "value": "ACV", "renewal": "Contract End Date", "segment": "Tier",
    }  # fmt: skip
    assert match.extras == ("Country", "Mood")


def test_names_match_as_wholes(model):
    """`Owner phone` is no owner and `Valued customer since` no value: parts of names prove nothing."""
    assert match_columns(model, ["Owner phone", "Valued customer since"]).roles == {}


def test_inputs_match_by_name_and_alias(model):
    """The model's own aliases find `Hours used`."""
    assert match_columns(model, ["Hours used", "TICKETS"]).inputs == {"usage hours": "Hours used", "tickets": "TICKETS"}


def test_one_column_may_be_role_and_input(model):
    """The input `arr` is the account value; it is kept once, and bound."""
    match = match_columns(model, ["id", "ARR"])
    assert (match.roles["value"], match.inputs["arr"], match.bound) == ("ARR", "ARR", {"arr": "value"})


def test_the_mapping_wins(model):
    """What a person maps is neither overruled nor used for anything else."""
    match = match_columns(
        model, ["Customer", "Kunde", "Amount", "h"], {"kunde": "account", "H": "Usage_Hours", "Amount": "arr"}
    )
    assert match.roles == {"account": "Kunde", "value": "Amount"}
    assert match.inputs == {"usage hours": "h", "arr": "Amount"}
    assert match.extras == ("Customer",)


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"Hous": "tickets"}, "there is no column 'Hous'; did you mean 'Hours'"),
        ({"Hours": "tikets"}, "there is no column 'tikets'; did you mean 'tickets'"),
        ({"Hours": "tickets", "id": "Tickets"}, "'Hours' and 'id' are both mapped"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(model, mapping, message):
    """Unknown names come with close matches; one target takes one header."""
    with pytest.raises(AccountsError, match=message):
        match_columns(model, ["Hours", "id"], mapping)


SHORT = """
name = "S"
[[dimensions]]
name = "D"
[[metrics]]
name = "M"
dimension = "D"
{metric}
[[bands]]
name = "Red"
from = 0
color = "red"
"""


def test_an_input_named_like_a_role_is_that_role(model):
    """`days_until = renewal` reads the role, under whatever name the export has it, or none at all."""
    short = parse_model(SHORT.format(metric='days_until = "renewal"\nramp = [0, 90]'))
    match = match_columns(short, ["Contract end"])
    assert (match.bound, match.inputs) == ({"renewal": "renewal"}, {"renewal": "Contract end"})
    assert match_columns(short, ["x"]).bound == {"renewal": "renewal"}


def test_a_role_read_as_another_type_is_refused():
    """A number called `stage` would stand where every account's stage stands."""
    with pytest.raises(AccountsError, match="reads 'stage' as a number"):
        match_columns(parse_model(SHORT.format(metric='column = "stage"\nramp = [0, 90]')), ["stage"])
