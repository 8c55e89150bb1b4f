"""From an export to accounts: types, findings, segments, duplicates."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from healthscore.accounts import accounts_from_frame, read_accounts, settle_duplicates
from healthscore.errors import AccountsError
from healthscore.model import parse_model
from healthscore.model.vocabulary import ROLES

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
HEADER = (
    "Account ID,Account name,CSM,Size,ARR,Renewal date,Hours used,Tickets,CSAT,Payment,Auto renew,Last seen,Sponsor"
)
EXPORT = f"""{HEADER},Note,Seats,Since
007,Acme,Ann,mid-market,"$1,200",31-12-2025,"1,5",,4,paid,TRUE,2025-01-02,yes,=1+1,10,2020-01-31
A2,Bolt  Ltd,,Small,(300),01-02-2026,many,2,9,Lost,no,,maybe,,,2021-02-28
"""


def found(accounts, column):
    return [(item.row, item.account, item.found, item.done) for item in accounts.findings if item.column == column]


def test_an_export_becomes_typed_columns(read):
    """The worked example: every column in its type, roles first, then inputs, then extras."""
    accounts = read(EXPORT)
    frame = accounts.frame
    assert tuple(frame.columns) == (
        *ROLES, "usage hours", "tickets", "csat", "payment", "auto renew", "last seen", "sponsor",
        "Note", "Seats", "Since",
    )  # fmt: skip
    assert frame["id"].tolist() == ["007", "A2"]
    assert frame["account"].tolist() == ["Acme", "Bolt Ltd"]
    assert frame["owner"].tolist() == ["Ann", None]
    assert frame["segment"].tolist() == ["Mid market", "Small"]
    assert frame["value"].tolist() == [1200, -300]
    assert frame["renewal"].tolist() == [pd.Timestamp(2025, 12, 31), pd.Timestamp(2026, 2, 1)]
    assert frame["tickets"].tolist() == [0, 2]
    assert frame["auto renew"].tolist() == ["Yes", "no"]
    assert frame["Note"].tolist() == ["=1+1", None]
    assert frame["Since"].dtype == "M8[s]"
    assert frame["Seats"].dtype == float
    assert frame["stage"].tolist() == [None, None]
    assert accounts.bound == {"arr": "value"}
    assert accounts.missing_inputs == ()
    assert accounts.extras == ("Note", "Seats", "Since")
    assert accounts.segment_columns == ("Size",)
    assert accounts.rows.tolist() == [2, 3]
    assert (accounts.source, accounts.duplicates) == ("export.csv", ())


def test_every_value_that_is_lost_is_a_finding(read):
    """Row, account, column, what stood there and what was done; the text itself is kept in `unusable`."""
    accounts = read(EXPORT)
    lost = "left out: the value counts as missing"
    assert found(accounts, "Hours used") == [(3, "Bolt Ltd", "many", lost)]
    assert found(accounts, "Sponsor") == [(3, "Bolt Ltd", "maybe", lost)]
    assert accounts.unusable == {"usage hours": {1: "many"}, "sponsor": {1: "maybe"}}
    assert found(accounts, "CSAT")[0][:3] == (3, "Bolt Ltd", "9, outside the scale 1 to 5")
    assert accounts.frame["csat"].tolist() == [4, 9]
    assert found(accounts, "Payment")[0][:3] == (3, "", "'Lost', which is none of Paid, Past due")
    assert accounts.frame["payment"].tolist() == ["paid", "Lost"]
    assert found(accounts, "Tickets") == [(None, "", "1 blank cell", "filled with 0, as the metric 'Tickets' says")]


def test_blank_fills_blanks_but_not_faults(read):
    """A cell with an unreadable text stays missing where `blank` would fill an empty one."""
    assert np.isnan(read("id,tickets\nA,lots\nB,\n").frame["tickets"][0])


def test_columns_the_export_lacks_are_missing_throughout(read):
    """Every input is in the frame; `missing_inputs` names those without a column, and `blank` does not fill them."""
    accounts = read("id,usage hours\nA,1\n")
    assert accounts.missing_inputs == ("tickets", "csat", "payment", "auto renew", "last seen", "sponsor", "arr")
    assert accounts.frame[["tickets", "csat", "payment", "last seen", "value"]].isna().all(axis=None)
    assert accounts.frame["last seen"].dtype == "M8[s]"
    assert accounts.frame["segment"].tolist() == ["All accounts"]


def test_ids_and_names_stand_in_for_each_other(read):
    """Names serve as ids, ids as names, row numbers as both; each is said once."""
    assert read("name,x\nAcme,1\n").frame["id"].tolist() == ["Acme"]
    assert read("id,x\nA1,1\n").frame["account"].tolist() == ["A1"]
    accounts = read("x,y\n1,2\n3,4\n")
    assert accounts.frame[["id", "account"]].to_numpy().tolist() == [["Row 2", "Row 2"], ["Row 3", "Row 3"]]
    assert len(accounts.findings) == 1
    accounts = read("id,name\nA1,Acme\n,Bolt\n")
    assert accounts.frame["id"].tolist() == ["A1", "Row 3"]
    assert found(accounts, "id") == [(3, "Bolt", "(blank)", "the row number is its id")]


def test_numeric_ids_lose_their_point_zero(model):
    """An id that a workbook holds as 12.0 is the text 12."""
    assert accounts_from_frame(pd.DataFrame({"id": [12.0, 13.0]}), model).frame["id"].tolist() == ["12", "13"]


def test_codes_stay_text_and_extras_keep_their_spaces(read):
    """Leading zeros and long digits are codes, formulas stay text, plain numbers are numbers."""
    frame = read("id,zip,long,calc,score\nA,01234,12345678901234567890, =1+1,1.50\nB,5,1,@x,2\n").frame
    assert frame["zip"].tolist() == ["01234", "5"]
    assert frame["long"].tolist() == ["12345678901234567890", "1"]
    assert frame["calc"].tolist() == ["=1+1", "@x"]
    assert frame["score"].tolist() == [1.5, 2]


def test_an_extra_never_takes_a_columns_name(read):
    """A second header that would be `value` is numbered."""
    accounts = read("id,ARR,Value\nA,1,2\n", mapping={"ARR": "value"})
    assert accounts.frame["value"].tolist() == [1]
    assert accounts.extras == ("Value (2)",)


def test_characters_a_workbook_cannot_hold_are_taken_out_and_said(model):
    """Control characters go, half characters are replaced, endless texts are cut: each with a finding."""
    frame = pd.DataFrame({"id": ["A", "B", "C"], "note": ["a\x01b\tc", "\ud800x", "y" * 40_000]}, dtype=object)
    accounts = accounts_from_frame(frame, model)
    assert accounts.frame["note"].tolist() == ["ab\tc", "\ufffdx", "y" * 32_767]
    assert len(found(accounts, "note")) == 2


def test_dates_that_read_both_ways_stop_the_reading(read):
    """The message names file and column; `dates` settles it."""
    with pytest.raises(
        AccountsError, match=r"export\.csv: column 'Renewal': '01/02/2026' can be 1 February 2026 or 2 January"
    ):
        read("id,Renewal\nA,01/02/2026\n")
    assert read("id,Renewal\nA,01/02/2026\n", dates="mdy").frame["renewal"][0] == pd.Timestamp(2026, 1, 2)


def test_segments_unite_their_spellings(read):
    """The most frequent spelling counts, the model's before it; blanks are a segment of their own."""
    accounts = read("id,size\nA,small\nB,Small\nC,Small \nD,MID  MARKET\nE,\n")
    assert accounts.frame["segment"].tolist() == ["Small", "Small", "Small", "Mid market", "Unsegmented"]
    assert accounts.extras == ()


def test_segments_by_other_columns(read):
    """By header, role or several of them; a segment column that is not used is carried along."""
    text = "id,size,CSM,x\nA,Small,Ann,1\nB,Small,,2\nC,,,3\n"
    assert read(text, segment_by="owner").frame["segment"].tolist() == ["Ann", "Unsegmented", "Unsegmented"]
    assert read(text, segment_by="owner").extras == ("size", "x")
    both = read(text, segment_by="size, csm")
    assert both.frame["segment"].tolist() == ["Small / Ann", "Small / Unsegmented", "Unsegmented"]
    assert both.segment_columns == ("size", "CSM")
    with pytest.raises(AccountsError, match="there is no column 'siz'; did you mean 'size'"):
        read(text, segment_by="siz")


def test_too_many_segments_are_refused(read):
    """A workbook has a sheet per segment; hundreds of them are a mistake."""
    text = "id,size\n" + "".join(f"{number},s{number}\n" for number in range(101))
    with pytest.raises(AccountsError, match="'size' gives 101 different segments"):
        read(text)


def test_duplicates_are_settled_by_the_users_word(read):
    """Without a word they are an error that names ids and rows; with one, the row left out becomes a finding."""
    accounts = read("id,name,tickets\nA,Acme,1\nB,Bolt,2\nA,Acme Inc,many\n")
    assert accounts.duplicates[0].id == "A"
    assert accounts.duplicates[0].rows == (2, 4)
    with pytest.raises(AccountsError, match=r"'A' \(rows 2, 4\).*--duplicates first"):
        settle_duplicates(accounts, None)
    first = settle_duplicates(accounts, "first")
    assert first.frame["account"].tolist() == ["Acme", "Bolt"]
    assert (first.rows.tolist(), first.duplicates, first.unusable) == ([2, 3], (), {})
    assert first.findings[-1].row == 4
    assert "account: Acme Inc" in first.findings[-1].found
    assert "tickets: many" in first.findings[-1].found
    last = settle_duplicates(accounts, "last")
    assert (last.frame["account"].tolist(), last.unusable) == (["Bolt", "Acme Inc"], {"tickets": {1: "many"}})


def test_ids_that_differ_in_case_only_are_said(read):
    """They are two accounts, but Excel's look-ups will not see it."""
    accounts = read("id,x\nab,1\nAB,2\n")
    assert accounts.duplicates == ()
    assert len(found(accounts, "id")) == 1


def test_a_frame_reads_like_a_file(model, read, tmp_path):
    """The same accounts from CSV, Parquet, a workbook and memory give the same frame."""
    frame = pd.DataFrame(
        {
            "id": ["A", "B"],
            "arr": [1.5, np.nan],
            "last seen": pd.to_datetime(["2025-01-02", None]),
            "sponsor": [True, False],
        }
    )
    expected = accounts_from_frame(frame, model).frame
    frame.to_csv(tmp_path / "f.csv", index=False)
    frame.to_excel(tmp_path / "f.xlsx", index=False)
    names = ["f.csv", "f.xlsx"]
    try:
        frame.to_parquet(tmp_path / "f.parquet")
        names.append("f.parquet")
    except ImportError:
        pass
    for name in names:
        pd.testing.assert_frame_equal(read_accounts(tmp_path / name, model).frame, expected)
    assert frame["arr"].isna().sum() == 1


def test_texts_are_objects_under_every_pandas(model):
    """A frame of pandas' own text type gives object columns of str and None."""
    frame = accounts_from_frame(pd.DataFrame({"id": ["A", "B"], "owner": ["x", None]}), model).frame
    assert frame["owner"].dtype == object
    assert frame["owner"].tolist() == ["x", None]


def test_cells_that_are_no_scalars_do_not_break_the_reading(model):
    """Lists, dates, times and decimals in a frame are texts or findings."""
    frame = pd.DataFrame(
        {"id": ["A", "B"], "tickets": [[1], {"a": 1}], "x": [dt.time(1), b"y"], "last seen": [[1], "2025-01-01"]}
    )
    accounts = accounts_from_frame(frame, model)
    assert accounts.unusable["tickets"] == {0: "[1]", 1: "{'a': 1}"}
    assert accounts.unusable["last seen"] == {0: "[1]"}


def test_nothing_to_read_is_an_error(model):
    """A frame without rows or columns is refused in one line."""
    for frame in (pd.DataFrame(), pd.DataFrame({"id": []}), pd.DataFrame({"id": [None]})):
        with pytest.raises(AccountsError, match="no rows of accounts"):
            accounts_from_frame(frame, model)


MESSY = sorted(path for path in (SHARED / "messy").rglob("*") if path.is_file()) if (SHARED / "messy").is_dir() else []


@pytest.mark.skipif(not MESSY, reason="the shared folder of messy files is not here")
@pytest.mark.parametrize("path", MESSY or [None], ids=lambda path: path.name if path else "none")
def test_every_messy_file_gives_accounts_or_one_line(path, model):
    """Files that break readers are read, or refused in one line; every row and finding is accounted for."""
    try:
        accounts = read_accounts(path, model)
    except AccountsError as error:
        assert "\n" not in str(error)
        assert str(path) in str(error)
        return
    assert tuple(accounts.frame.columns[:8]) == ROLES
    assert len(accounts.frame) == len(accounts.rows) > 0
    assert (np.diff(accounts.rows) > 0).all()
    assert accounts.frame["id"].notna().all()


REAL = """
name = "Real"
[[dimensions]]
name = "D"
{}
[[bands]]
name = "Red"
from = 0
color = "red"
"""


def real(*columns):
    metrics = [f'[[metrics]]\nname = "M{n}"\ndimension = "D"\n{text}' for n, text in enumerate(columns)]
    return parse_model(REAL.format("\n".join(metrics)))


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data is not here")
def test_the_ravenstack_export_reads_whole():
    """500 accounts, day-first dates, missing CSAT, sizes as segments, no value lost."""
    model = real(
        'days_since = "last_used"\nramp = [90, 0]',
        'column = "csat"\nrating = 5',
        'column = "is_trial"\ntype = "yes_no"\nramp = [1, 0]',
    )
    accounts = read_accounts(SHARED / "ravenstack" / "account_metrics.csv", model)
    assert len(accounts.frame) == 500
    assert accounts.segment_columns == ("size",)
    assert accounts.frame["last_used"].max() <= pd.Timestamp(2024, 12, 31)
    assert accounts.unusable == {}
    assert accounts.frame["value"].notna().all()
    assert accounts.frame["churn_flag"].isin(["True", "False"]).all()


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data is not here")
def test_the_telco_export_reads_whole():
    """7,043 accounts; the eleven blank charges are blanks without findings."""
    accounts = read_accounts(
        SHARED / "telco" / "Telco-Customer-Churn.csv", real('column = "TotalCharges"\nramp = [0, 1]')
    )
    assert len(accounts.frame) == 7043
    assert accounts.frame["TotalCharges"].isna().sum() == 11
    assert accounts.findings == ()


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data is not here")
def test_the_pysurvival_export_reads_without_ids():
    """2,000 firms without id and name get their row numbers, said in one finding."""
    accounts = read_accounts(SHARED / "pysurvival" / "churn.csv", real('column = "csat_score"\nrating = 10'))
    assert accounts.frame["id"].iloc[[0, -1]].tolist() == ["Row 2", "Row 2001"]
    assert accounts.frame["segment"].nunique() == 5
    assert len([item for item in accounts.findings if "Row 2" in item.done]) == 1
