"""The commands of DESIGN §7: what they make, what they print, and how they refuse."""

from __future__ import annotations

import csv
import io
import subprocess
import sys

import openpyxl
import pandas as pd
import pytest

from cli.conftest import files
from healthscore.model import load_model, preset_names

OWN = ("--model", "own.toml", "--as-of", "2026-06-30")


def sheets(path) -> list[str]:
    return openpyxl.load_workbook(path, read_only=True).sheetnames


# --- demo ----------------------------------------------------------------------------------------------------------


def test_demo_makes_both_files_and_shows_the_result(folder, run):
    """`demo` writes the sample and its workbook, says so, and prints accounts and bands per segment."""
    result = run("demo")
    assert result.code == 0, result.err
    assert files(folder / "healthscore-demo") == {"accounts.csv", "health scores.xlsx"}
    for words in ("segment", "accounts", "mean score", "Red", "Green", "Unscored", "Enterprise", "60"):
        assert words in result.out
    assert "healthscore-demo/health scores.xlsx" in result.out.replace("\\", "/")


def test_demo_into_a_folder_of_choice(folder, run):
    """`demo DIR` makes the folder, parents included."""
    assert run("demo", "a/b").code == 0
    assert files(folder / "a" / "b") == {"accounts.csv", "health scores.xlsx"}


def test_demo_does_not_overwrite(folder, run, refuse):
    """A second `demo` is refused and changes nothing; --force makes it anew."""
    run("demo", "d")
    (folder / "d" / "accounts.csv").write_text("mine", encoding="utf-8")
    assert "exists already; give --force" in refuse("demo", "d")
    assert (folder / "d" / "accounts.csv").read_text(encoding="utf-8") == "mine"
    assert run("demo", "d", "--force").code == 0
    assert (folder / "d" / "accounts.csv").read_text(encoding="utf-8-sig").startswith("Account ID")


def test_demo_where_a_file_stands(folder, refuse):
    """A file where the folder should be is one clear line."""
    assert "own.toml: cannot be made a folder" in refuse("demo", "own.toml")


# --- build ---------------------------------------------------------------------------------------------------------


def test_build_names_its_file(folder, run):
    """Without --out the workbook is named after the export and the day, in the current folder."""
    result = run("build", "accounts.csv", *OWN)
    assert result.code == 0, result.err
    assert "accounts health 2026-06-30.xlsx" in files(folder)
    assert "accounts health 2026-06-30.xlsx" in result.out
    assert sheets("accounts health 2026-06-30.xlsx")[:5] == ["Start", "Dashboard", "Large", "Small", "Unsegmented"]


def test_build_with_the_default_model(folder, run):
    """Without --model the default one is used, and what the export lacks is named."""
    result = run("build", "accounts.csv", "--out", "x.xlsx")
    assert result.code == 0, result.err
    assert "To fill in by hand, the export has no column for: Usage hours 90d" in result.out


def test_build_adds_the_ending(folder, run):
    """`--out scores` writes scores.xlsx; another ending stays part of the name."""
    assert run("build", "accounts.csv", *OWN, "--out", "scores").code == 0
    assert run("build", "accounts.csv", *OWN, "--out", "q2.2026").code == 0
    assert {"scores.xlsx", "q2.2026.xlsx"} <= files(folder)


def test_build_does_not_overwrite(folder, run, refuse):
    """An existing file stays as it is unless --force is given."""
    (folder / "x.xlsx").write_bytes(b"mine")
    assert "x.xlsx: exists already; give --force to replace it" in refuse(
        "build", "accounts.csv", *OWN, "--out", "x.xlsx"
    )
    assert (folder / "x.xlsx").read_bytes() == b"mine"
    assert run("build", "accounts.csv", *OWN, "--out", "x.xlsx", "--force").code == 0
    assert sheets("x.xlsx")[0] == "Start"


def test_build_reports_findings(folder, run):
    """What was noticed is counted and shown, with the row as a person counts it."""
    (folder / "bad.csv").write_text("id,active users,seats,last login\nA,many,5,2026-06-01\n", encoding="utf-8")
    result = run("build", "bad.csv", *OWN, "--out", "x.xlsx")
    assert "Noticed on the way:" in result.out
    line = next(line for line in result.out.splitlines() if "many" in line)
    assert line.split()[:2] == ["2", "A"]


def test_build_by_another_segment(folder, run):
    """--segment-by makes a sheet per value of any column, matched as headers are; several are combined."""
    run("build", "accounts.csv", *OWN, "--segment-by", "OWNER", "--out", "o.xlsx")
    assert sheets("o.xlsx")[2:5] == ["Ann", "Ben", "Cai"]
    run("build", "accounts.csv", *OWN, "--segment-by", "size,owner", "--out", "s.xlsx")
    assert "Small - Ann" in sheets("s.xlsx")


def test_build_with_a_map(folder, run):
    """--map says which header is which column, for inputs and for roles, over any match by name."""
    text = "Who,Busy,Chairs,Seen,size\nA,5,10,2026-06-30,S\nB,10,10,2026-06-30,S\n"
    (folder / "theirs.csv").write_text(text, encoding="utf-8")
    maps = ["--map", "Who=account", "--map", "busy=Active users", "--map", "Chairs=seats", "--map", "Seen=last login"]
    result = run("score", "theirs.csv", *OWN, *maps)
    assert [row["score"] for row in csv.DictReader(io.StringIO(result.out))] == ["75.0", "100.0"]


def test_build_with_duplicates(folder, run, refuse):
    """An account that stands twice is refused with its rows; --duplicates says which row counts."""
    rows = "A,1,10,2026-06-30,S\nB,5,10,2026-06-30,S\nA,9,10,2026-06-30,S\n"
    (folder / "twice.csv").write_text("id,active users,seats,last login,size\n" + rows, encoding="utf-8")
    line = refuse("build", "twice.csv", *OWN)
    assert "1 account stands there more than once: 'A' (rows 2, 4)" in line
    assert "--duplicates first or --duplicates last" in line
    for keep, score in (("first", "55.0"), ("last", "95.0")):
        result = run("score", "twice.csv", *OWN, "--duplicates", keep)
        assert {row["id"]: row["score"] for row in csv.DictReader(io.StringIO(result.out))}["A"] == score
    assert run("build", "twice.csv", *OWN, "--duplicates", "first", "--out", "x.xlsx").code == 0


def test_build_with_ambiguous_dates(folder, run, refuse):
    """Dates that can be read two ways are refused with both readings; --dates settles it."""
    text = "id,active users,seats,last login,size\nA,5,10,05/06/2026,S\nB,5,10,04/06/2026,S\n"
    (folder / "dates.csv").write_text(text, encoding="utf-8")
    line = refuse("build", "dates.csv", *OWN)
    assert "--dates dmy" in line
    assert "mdy" in line
    days = {}
    for order in ("dmy", "mdy"):
        rows = csv.DictReader(io.StringIO(run("score", "dates.csv", *OWN, "--dates", order).out))
        days[order] = [row["Recency (value)"] for row in rows]
    assert days == {"dmy": ["25.0", "26.0"], "mdy": ["55.0", "85.0"]}


def test_build_from_excel_and_parquet(folder, run):
    """An export as .xlsx (a sheet of choice) or .parquet gives the scores that the CSV gives."""
    frame = pd.read_csv("accounts.csv")
    with pd.ExcelWriter("book.xlsx") as writer:
        pd.DataFrame({"nothing": ["here"]}).to_excel(writer, sheet_name="Cover", index=False)
        frame.to_excel(writer, sheet_name="Data", index=False)
    wanted = run("score", "accounts.csv", *OWN).out
    assert run("score", "book.xlsx", "--sheet", "Data", *OWN).out == wanted
    pytest.importorskip("pyarrow")
    frame.to_parquet("book.parquet")
    assert run("score", "book.parquet", *OWN).out == wanted


def test_build_with_currency(folder, run):
    """--currency stands before account values."""
    run("build", "accounts.csv", *OWN, "--currency", "EUR", "--out", "x.xlsx")
    sheet = openpyxl.load_workbook("x.xlsx")["Small"]
    assert any(cell.number_format == '"EUR" #,##0' for row in sheet.iter_rows() for cell in row)


REFUSALS = {
    "no such export": (("build", "none.csv"), "none.csv: there is no such file", "check the path"),
    "export is a folder": (("build", "."), ".: this is a folder", "name the export inside it"),
    "no such model": (("build", "accounts.csv", "--model", "none"), "none: there is no such model file", "journey"),
    "no such model file": (("build", "accounts.csv", "--model", "no.toml"), "no.toml: there is no such", "built-in"),
    "as-of no date": (
        ("build", "accounts.csv", "--as-of", "June"),
        "--as-of June: not a date",
        "write it as 2026-06-30",
    ),
    "as-of no day": (("build", "accounts.csv", "--as-of", "2026-02-30"), "--as-of 2026-02-30", "write it as"),
    "as-of too early": (("build", "accounts.csv", "--as-of", "1850-01-01"), "--as-of 1850-01-01", "give a later day"),
    "segment unheard of": (
        ("build", "accounts.csv", "--segment-by", "sise"),
        "no column 'sise'",
        "did you mean 'Size'?",
    ),
    "map without sign": (("build", "accounts.csv", "--map", "Who"), "--map Who", '"Their header=column"'),
    "map of no header": (
        ("build", "accounts.csv", "--map", "Nobody=owner"),
        "no column 'Nobody'",
        "there are: Account ID",
    ),
    "map to no column": (("build", "accounts.csv", "--map", "Remark=nothing"), "no column 'nothing'", "there are: "),
    "dates unheard of": (("build", "accounts.csv", "--dates", "ymd"), "--dates ymd", "give one of dmy, mdy"),
    "duplicates unheard of": (("build", "accounts.csv", "--duplicates", "both"), "--duplicates both", "first, last"),
    "no such sheet": (("build", "accounts.csv", "--sheet", "Data"), "this file has no sheets", "leave --sheet out"),
    "no such folder": (("build", "accounts.csv", "--out", "no/x.xlsx"), "there is no folder no", "choose another"),
    "out is a folder": (("build", "accounts.csv", "--out", "dir.xlsx"), "is a folder", "give the name of a file"),
    "only headers": (("build", "headers.csv"), "headers.csv", "no accounts below it; export them again"),
    "empty file": (("build", "empty.csv"), "empty.csv: the file is empty", "export the accounts again"),
    "currency too long": (("build", "accounts.csv", "--currency", "x" * 300), "--currency xxx", "as EUR or $"),
    "currency with a quote": (("template", "--currency", '"'), '--currency "', "without quotes"),
    "currency that is no text": (("build", "accounts.csv", "--currency", "a\x01"), "--currency: 'a\\x01'", "type it"),
    "segments that are no text": (("template", "--segments", "a\udcff"), "--segments: 'a\\udcff'", "type it again"),
    "score to another ending": (("score", "accounts.csv", "--out", "x.txt"), "x.txt", ".csv nor .parquet"),
    "score of no model": (("score", "accounts.csv", "--model", "none"), "none: there is no such model", "journey"),
    "score into no folder": (("score", "accounts.csv", "--out", "no/x.csv"), "there is no folder no", "choose another"),
    "template of no model": (("template", "--model", "none"), "none: there is no such model file", "journey"),
    "template too long": (("template", "--rows", "30000"), "--rows 30000: 20000 at most", "grows by itself"),
    "template as-of no date": (("template", "--as-of", "now"), "--as-of now: not a date", "write it as 2026-06-30"),
    "show no model": (("models", "show", "none"), "none: there is no such model file", "journey"),
    "export no model": (("models", "export", "none", "x.toml"), "there is no model 'none'", "built-in ones are"),
    "export over a file": (("models", "export", "journey", "own.toml"), "own.toml: exists already", "give --force"),
}


@pytest.mark.parametrize(("arguments", "place", "mend"), REFUSALS.values(), ids=REFUSALS)
def test_refusals(folder, refuse, arguments, place, mend):
    """What cannot be done is one line with the place and the mend, exit code 2, and no file is made or changed."""
    (folder / "headers.csv").write_text("id,size\n", encoding="utf-8")
    (folder / "empty.csv").write_bytes(b"")
    (folder / "dir.xlsx").mkdir()
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    line = refuse(*arguments)
    assert place in line
    assert mend in line
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


def test_bad_model_lists_all_faults(folder, run):
    """A model with several faults is refused with a line for each, and no traceback."""
    text = (folder / "own.toml").read_text(encoding="utf-8")
    (folder / "bad.toml").write_text(text.replace("ramp = [0, 1]", "ramp = [1, 1]").replace("from = 60", "from = 600"))
    result = run("build", "accounts.csv", "--model", "bad.toml")
    assert (result.code, result.out) == (2, "")
    assert len(result.err.splitlines()) == 2
    assert "Traceback" not in result.err


# --- template ------------------------------------------------------------------------------------------------------


def test_template(folder, run):
    """`template` writes a blank workbook named after the model, with the segments and rows asked for."""
    result = run("template", "--model", "own.toml", "--segments", "Small, Large,,Small", "--rows", "5")
    assert result.code == 0, result.err
    assert "own template.xlsx" in result.out
    assert sheets("own template.xlsx")[2:4] == ["Large", "Small"]


def test_template_does_not_overwrite(folder, run, refuse):
    """Neither does `template` touch an existing file."""
    run("template", "--out", "t.xlsx", "--rows", "2")
    before = (folder / "t.xlsx").read_bytes()
    assert "t.xlsx: exists already" in refuse("template", "--out", "t.xlsx")
    assert (folder / "t.xlsx").read_bytes() == before


def test_template_of_every_model(folder, run):
    """Every built-in model makes a template."""
    for name in preset_names():
        assert run("template", "--model", name, "--rows", "1").code == 0
    assert {f"{name} template.xlsx" for name in preset_names()} <= files(folder)


# --- score ---------------------------------------------------------------------------------------------------------


def test_score_prints_csv(folder, run):
    """Without --out the terminal gets plain CSV: one line per account, every column named, nothing else."""
    result = run("score", "accounts.csv", *OWN)
    rows = list(csv.DictReader(io.StringIO(result.out)))
    assert [row["id"] for row in rows] == ["C1", "C2", "C3", "C4", "C5", "C6"]
    assert {"account", "owner", "segment", "score", "band", "grade", "coverage", "next_action"} <= set(rows[0])
    assert {"Use (value)", "Use (points)", "Use (lost)", "Recency (points)"} <= set(rows[0])
    assert (rows[0]["score"], rows[0]["band"], rows[0]["next_action"]) == ("50.0", "Red", "Train them")
    assert (rows[5]["score"], rows[5]["band"]) == ("", "Unscored")
    assert files(folder) == {"accounts.csv", "own.toml"}


def test_score_to_csv(folder, run):
    """--out FILE.csv holds the same, with the mark by which Excel knows UTF-8, and a summary is printed."""
    printed = run("score", "accounts.csv", *OWN).out
    result = run("score", "accounts.csv", *OWN, "--out", "scores.csv")
    content = (folder / "scores.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig") == printed
    assert "mean score" in result.out
    assert "Wrote scores.csv" in result.out


def test_score_to_parquet(folder, run):
    """--out FILE.parquet holds the same columns with their types."""
    pytest.importorskip("pyarrow")
    assert run("score", "accounts.csv", *OWN, "--out", "scores.parquet").code == 0
    frame = pd.read_parquet("scores.parquet")
    assert frame["score"].tolist()[:1] == [50.0]
    assert frame["renewal"].dtype.kind == "M"
    rows = csv.DictReader(io.StringIO(run("score", "accounts.csv", *OWN).out))
    assert list(frame.columns) == list(rows.fieldnames)


def test_score_does_not_overwrite(folder, run, refuse):
    """An existing file of scores stays unless --force is given."""
    (folder / "s.csv").write_text("mine", encoding="utf-8")
    assert "s.csv: exists already" in refuse("score", "accounts.csv", *OWN, "--out", "s.csv")
    assert (folder / "s.csv").read_text(encoding="utf-8") == "mine"
    assert run("score", "accounts.csv", *OWN, "--out", "s.csv", "--force").code == 0


def test_scores_are_defused(folder, run):
    """Texts of an export that a spreadsheet would run are led by an apostrophe in the CSV (OWASP); numbers are not."""
    payloads = ["=cmd|'/C calc'!A0", "+1+2", "-2+3", "@SUM(1)", "\tx", "plain", "-5"]
    frame = pd.DataFrame(
        {"id": payloads, "owner": payloads, "size": "=S()", "ARR": -1200, "active users": 1, "seats": 2}
    )
    frame["last login"] = "2026-06-30"
    frame.to_csv("evil.csv", index=False)
    result = run("score", "evil.csv", *OWN)
    rows = list(csv.DictReader(io.StringIO(result.out)))
    assert [row["id"] for row in rows] == [
        "'=cmd|'/C calc'!A0", "'+1+2", "'-2+3", "'@SUM(1)", "x", "plain", "'-5",
    ]  # fmt: skip
    assert {row["segment"] for row in rows} == {"'=S()"}
    assert {row["value"] for row in rows} == {"-1200.0"}
    for row in rows:
        for text in row.values():
            assert not text.startswith(("=", "+", "@", "\t", "\r")), text


def test_headers_of_scores_are_defused(folder, run):
    """A metric called like a formula is defused in the header line too."""
    text = (folder / "own.toml").read_text(encoding="utf-8").replace('name = "Use"', 'name = "=1+1"')
    (folder / "odd.toml").write_text(text, encoding="utf-8")
    header = run("score", "accounts.csv", "--model", "odd.toml").out.splitlines()[0]
    assert "'=1+1 (value)" in header
    assert ",=1+1" not in header


# --- models --------------------------------------------------------------------------------------------------------


def test_models_list(run):
    """`models list` names every built-in model and marks the default."""
    result = run("models", "list")
    assert result.code == 0
    assert all(name in result.out for name in preset_names())
    assert "journey (default)" in result.out


@pytest.mark.parametrize("name", preset_names())
def test_models_show(name, run):
    """`models show` explains every metric and band of a model in words."""
    result = run("models", "show", name)
    assert result.code == 0
    model = load_model(name)
    assert all(part.name in result.out for part in (*model.metrics, *model.bands))


def test_models_show_own_file(folder, run):
    """A file of one's own is explained too."""
    assert "Train them" in run("models", "show", "own.toml").out


def test_models_export_makes_a_usable_model(folder, run):
    """An exported model, comments and all, builds what the built-in one builds."""
    assert run("models", "export", "journey", "mine.toml").code == 0
    assert load_model("mine.toml") == load_model("journey")
    assert (folder / "mine.toml").read_text(encoding="utf-8").startswith("#")
    first = run("score", "accounts.csv", "--as-of", "2026-06-30").out
    assert run("score", "accounts.csv", "--as-of", "2026-06-30", "--model", "mine.toml").out == first


# --- the program ---------------------------------------------------------------------------------------------------


def test_as_a_program(folder):
    """`python -m healthscore` exits with 2 and one line on a fault, and with 0 and CSV on success, in any encoding."""

    def program(*arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "healthscore", *arguments],
            capture_output=True,
            check=False,
            env={"PATH": "", "PYTHONIOENCODING": "ascii"},
        )

    refused = program("build", "none.csv")
    assert (refused.returncode, refused.stdout) == (2, b"")
    assert refused.stderr.startswith(b"healthscore: none.csv")
    assert refused.stderr.count(b"\n") == 1
    shown = program("models", "show", "journey")
    assert (shown.returncode, shown.stderr) == (0, b"")


def test_wrong_usage_is_explained(run):
    """A missing argument or an unknown option ends with exit code 2 and a hint, not with a traceback."""
    for arguments in (("build",), ("build", "x", "--modle", "y"), ("bild",), ("template", "--rows", "many")):
        result = run(*arguments)
        assert result.code == 2
        assert "Traceback" not in result.err
        assert "--help" in result.err
