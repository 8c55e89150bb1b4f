"""Files of every kind become the same raw table, or one clear line."""

import datetime as dt
import importlib.util
import zipfile

import openpyxl
import pandas as pd
import pytest

from healthscore.accounts import sheets
from healthscore.accounts.files import read_table
from healthscore.errors import AccountsError

TEXT = 'id,Größe,note\nA1,"1,5",über\nA2,2,"a\nb"\n'
CELLS = [["A1", "1,5", "über"], ["A2", "2", "a\nb"]]


def table_of(tmp_path, content, name="export.csv", **options):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(path, **options)


def refusal(tmp_path, content, name="export.csv", **options):
    with pytest.raises(AccountsError) as caught:
        table_of(tmp_path, content, name, **options)
    message = str(caught.value)
    assert "\n" not in message
    assert name in message
    return message


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_encoding_delimiter_and_line_end_gives_the_same_table(tmp_path, encoding, delimiter, end):
    """Encoding and dialect are found from the content alone."""
    text = "\n".join(
        delimiter.join(cells) for cells in (["id", "Größe", "note"], ["A1", '"1,5"', "über"], ["A2", "2", '"a\nb"'])
    )
    table = table_of(tmp_path, text.replace("\n", end).encode(encoding))
    assert table.headers == ("id", "Größe", "note")
    assert [[cell.replace(end, "\n") for cell in row] for row in table.cells.to_numpy().tolist()] == CELLS
    assert table.rows.tolist() == [2, 3]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("όνομα πελάτη και άλλες πληροφορίες για την εταιρεία", "iso-8859-7"),
        ("название компании и другие сведения о клиенте", "cp1251"),
        ("название компании и другие сведения о клиенте", "koi8-r"),
        ("客戶名稱以及其他的公司資料", "big5"),
        ("客户名称以及其他的公司资料", "gb18030"),
        ("これはお客様のなまえです", "cp932"),
        ("고객 이름 그리고 회사 정보", "euc-kr"),
        ("“Müller & Söhne” – naïve café", "cp1252"),
    ],
)
def test_old_encodings_are_told_apart_by_their_letters(tmp_path, text, encoding):
    """A file that is not Unicode is read in the encoding typical of its script, and a note says so."""
    table = table_of(tmp_path, f"id,name\n1,{text}\n2,x\n".encode(encoding))
    assert table.cells.iloc[0, 1] == text
    assert any("not in UTF-8" in finding.found for finding in table.findings)


def test_decimal_commas_do_not_pass_for_delimiters(tmp_path):
    """Semicolons separate and commas mark decimals, even below a title; tags with semicolons leave commas in charge."""
    assert table_of(tmp_path, "Report\nid;v\n1,5;2,5\n3,5;4,5\n").headers == ("id", "v")
    assert table_of(tmp_path, "id,n,tags\n1,2,a;b\n3,4,c;d\n").headers == ("id", "n", "tags")
    assert table_of(tmp_path, "sep=;\nid;v\n1,5;2,5\n").rows.tolist() == [3]


def test_titles_above_the_header_are_skipped_and_said(tmp_path):
    """The header is the first row as wide as the data; rows keep their numbers in the file."""
    table = table_of(tmp_path, "Accounts 2024\n\nexported by CRM,,\nid,name,arr\n1,Acme,5\n\n2,Bolt,6\n")
    assert table.headers == ("id", "name", "arr")
    assert table.rows.tolist() == [5, 7]
    assert [(finding.row, finding.found) for finding in table.findings] == [
        (1, "Accounts 2024"), (3, "exported by CRM"), (6, "1 blank row, the first is row 6"),
    ]  # fmt: skip


def test_headers_of_years_stay_the_header(tmp_path):
    """A header row of numbers is not passed over for a wordy line further down."""
    table = table_of(tmp_path, "Name,2023,2024\nAcme,1,2\nBolt,3,4\nSource: CRM,,\n")
    assert table.headers == ("Name", "2023", "2024")


def test_blank_and_repeated_headers_get_names(tmp_path):
    """Blank headers are called by their place, repeated ones numbered and said."""
    table = table_of(tmp_path, "id,,Name,name\n1,2,3,4\n")
    assert table.headers == ("id", "Column 2", "Name", "name (2)")
    assert [finding.column for finding in table.findings] == ["name"]


def test_rows_that_are_too_long_or_short_lose_nothing(tmp_path):
    """Surplus cells stand in columns of their own, missing ones are blank; both are said."""
    table = table_of(tmp_path, "id,name\n1,Acme,extra,more\n2\n3,Bolt\n")
    assert table.headers == ("id", "name", "Column 3", "Column 4")
    assert table.cells.iloc[0].tolist() == ["1", "Acme", "extra", "more"]
    assert [finding.row for finding in table.findings] == [2, 3]


def test_a_column_of_trailing_delimiters_is_no_column(tmp_path):
    """A delimiter at the end of each line adds nothing."""
    assert table_of(tmp_path, "id,name,\n1,Acme,\n").headers == ("id", "name")


def workbook(path, rows, title="Sheet"):
    book = openpyxl.Workbook()
    book.active.title = "Empty"
    sheet = book.create_sheet(title)
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


ROWS = [
    ["Report"],
    [],
    ["id", "name", "arr", "renewal", "trial"],
    [7, "Acme", 1.5, dt.datetime(2025, 1, 31), True],
    [8, "Bolt"],
]


@pytest.mark.parametrize("compiled", [True, False])
def test_workbooks_read_alike_with_and_without_calamine(tmp_path, monkeypatch, compiled):
    """The first sheet with data is read with its own types and row numbers, by either reader."""
    if compiled and importlib.util.find_spec("python_calamine") is None:
        pytest.skip("python-calamine is not installed")
    if not compiled:
        monkeypatch.setattr(sheets.importlib.util, "find_spec", lambda name: None)
    path = workbook(tmp_path / "book.xlsx", ROWS, "Accounts")
    table = read_table(path)
    assert table.headers == ("id", "name", "arr", "renewal", "trial")
    assert table.rows.tolist() == [4, 5]
    first = table.cells.iloc[0].tolist()
    assert first[:3] == [7, "Acme", 1.5]
    assert pd.Timestamp(first[3]) == pd.Timestamp("2025-01-31")
    assert first[4] is True
    assert [finding.found for finding in table.findings] == ["Report"]
    assert read_table(path, sheet="accounts").headers == table.headers
    with pytest.raises(AccountsError, match="the sheets are Empty, Accounts"):
        read_table(path, sheet="Sheet9")


def test_a_stray_cell_in_the_far_corner_is_refused(tmp_path):
    """A sheet of 17 billion cells gets one line instead of all memory."""
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "id", "x"
    book.save(tmp_path / "far.xlsx")
    assert "1,048,576 rows and 16,384 columns" in refusal(tmp_path, (tmp_path / "far.xlsx").read_bytes(), "far.xlsx")


def test_damaged_and_foreign_files_end_in_one_line(tmp_path):
    """Whatever the file is, the message says what was found."""
    good = workbook(tmp_path / "good.xlsx", ROWS).read_bytes()
    for cut in (5, 100, len(good) // 2, len(good) - 10):
        assert "damaged" in refusal(tmp_path, good[:cut], "cut.xlsx")
    flipped = good[:100] + bytes(byte ^ 255 for byte in good[100:-1500]) + good[-1500:]
    assert "damaged" in refusal(tmp_path, flipped, "flipped.xlsx")
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("a.csv", "id\n1\n")
    assert "zip archive" in refusal(tmp_path, (tmp_path / "other.zip").read_bytes(), "other.xlsx")
    assert "PDF" in refusal(tmp_path, b"%PDF-1.4 ...")
    assert "web page" in refusal(tmp_path, b"<html><table>", "old.xls")
    assert "JSON" in refusal(tmp_path, b'[{"id": 1}]')
    assert "binary" in refusal(tmp_path, bytes(range(256)) * 20)
    assert "empty" in refusal(tmp_path, b"")
    assert "blanks" in refusal(tmp_path, b" \n \n")
    assert "no accounts below" in refusal(tmp_path, b"id,name\n")
    assert "password" in refusal(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"))
    assert "Parquet" in refusal(tmp_path, b"PAR1 nonsense PAR1", "x.parquet")
    assert "no sheets" in refusal(tmp_path, b"id\n1\n", sheet="One")


def test_a_damaged_old_workbook_does_not_take_the_process_down(tmp_path):
    """Calamine dies on a header that speaks of 800 million sectors; we say that the file is damaged."""
    pytest.importorskip("python_calamine")
    header = bytearray(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + b"\x3e\0\x03\0\xfe\xff\x09\0\x06\0" + bytes(478)
    )
    header[0x2C:0x30] = header[0x40:0x44] = (854_589_442).to_bytes(4, "little")
    assert "damaged" in refusal(tmp_path, bytes(header) + bytes(4096), "old.xls")


def test_a_quotation_mark_that_never_closes_is_refused(tmp_path):
    """An open quote would swallow every row below it; the message names its row."""
    assert "row 3: a quotation mark opens" in refusal(tmp_path, 'id,name\n1,Acme\n2,"Bolt\n3,Cord\n')


def test_missing_files_and_folders_are_named(tmp_path):
    """A wrong path gets a line, not a traceback."""
    for path in (tmp_path / "none.csv", tmp_path, "nul\0.csv"):
        with pytest.raises(AccountsError):
            read_table(path)


def test_files_and_archives_beyond_the_bounds_are_refused(tmp_path, monkeypatch):
    """Size on disk and size unpacked are both bounded."""
    monkeypatch.setattr("healthscore.accounts.files.SIZE_LIMIT", 10)
    assert "at most" in refusal(tmp_path, "id,name\n1,Acme\n")
    monkeypatch.undo()
    monkeypatch.setattr("healthscore.accounts.files.EXPANSION_LIMIT", 100)
    assert "unpacked" in refusal(tmp_path, workbook(tmp_path / "b.xlsx", ROWS).read_bytes(), "b.xlsx")


def test_what_a_missing_reader_needs_is_said(tmp_path, monkeypatch):
    """Without the compiled extras, .xls and .parquet name the package to install."""
    monkeypatch.setattr(sheets.importlib.util, "find_spec", lambda name: None)
    assert "healthscore[fast]" in refusal(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old.xls")
    assert "healthscore[fast]" in refusal(tmp_path, b"PAR1xxxxPAR1", "x.parquet")


def test_a_very_long_cell_is_read(tmp_path):
    """The csv module's own limit of 131,072 characters does not apply."""
    assert len(table_of(tmp_path, f"id,note\n1,{'x' * 200_000}\n").cells.iloc[0, 1]) == 200_000
