"""Who gets what: the file's rules, and what it can never lead to."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthscore.errors import HealthscoreError
from healthscore.scorecards import data, plan_file, plan_options, read_recipients
from healthscore.scorecards.recipients import EXAMPLE, Wanted, address

HEAD = 'allowed_domains = ["example.com"]\n'


@pytest.fixture
def read(tmp_path):
    """Read a recipients file of this text."""

    def reader(text: str, head: str = HEAD):
        path = tmp_path / "recipients.toml"
        path.write_text(head + text, encoding="utf-8")
        return read_recipients(path)

    return reader


def entry(**values) -> str:
    """Return one entry as TOML."""
    import json

    return "[[recipient]]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items())


@pytest.mark.parametrize(
    ("text", "spec", "name"),
    [
        ("jo@example.com", "jo@example.com", ""),
        ("Jo Doe <jo@Example.COM>", "jo@example.com", "Jo Doe"),
        ('"Doe, Jo" <jo.x+y@example.com>', "jo.x+y@example.com", "Doe, Jo"),
        ("Jürgen <j@bücher.example>", "j@xn--bcher-kva.example", "Jürgen"),
    ],
)
def test_addresses(text, spec, name):
    """The usual ways to write one address."""
    assert (address(text).spec, address(text).name) == (spec, name)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "jo",
        "jo@",
        "@example.com",
        "jo@example.com, eve@evil.example",
        "jo@example.com;eve@evil.example",
        "jo@example.com\nBcc: eve@evil.example",
        "Jo\r\nBcc: eve@evil.example <jo@example.com>",
        "Jo <jo@example.com> <eve@evil.example>",
        "jo@example.com>\r\nRCPT TO:<eve@evil.example",
        "jo @example.com",
        "jo@exa mple.com",
        "jo@-example.com",
        "jo@example..com",
        "jö@example.com",
        "jo\x00@example.com",
        '"jo@evil.example"@example.com',
        "a" * 65 + "@example.com",
    ],
)
def test_what_is_no_single_address_is_refused(text):
    """Lists, line breaks, second addresses and quoting tricks are no address."""
    with pytest.raises(HealthscoreError, match="not an e-mail address"):
        address(text)


@given(st.text())
def test_any_text_is_an_address_or_an_error(text):
    """Property: an address that is accepted is plain ASCII with one @."""
    try:
        found = address(text)
    except HealthscoreError:
        return
    assert re.fullmatch(r"[!-~]+@[a-z0-9.-]+", found.spec)
    assert "\n" not in str(found)


def test_the_example_is_valid_and_shows_every_key(read, book):
    """What `email init` writes can be read, and its commented entries too."""
    assert len(read(EXAMPLE, "").recipients) == 1
    opened = "\n".join(
        line.removeprefix("# ") if re.match(r"# (\[|\w+ = )", line) else line for line in EXAMPLE.splitlines()
    )
    everything = read(opened, "")
    assert len(everything.recipients) == 4
    assert everything.sender is not None
    assert {job.kind for job in plan_file(book, everything).jobs} == {"portfolio", "segment", "owner", "account"}


def test_addresses_outside_the_allowed_domains_are_refused(read):
    """Another domain, a sub-domain and a look-alike are outside; the message names them."""
    for outside in ("eve@evil.example", "eve@sub.example.com", "eve@example.com.evil.example", "eve@notexample.com"):
        with pytest.raises(HealthscoreError, match=re.escape(outside)):
            read(entry(to=["jo@example.com"], cc=[outside], kinds=["portfolio"]))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (entry(to=[]), "to"),
        (entry(to=["jo@example.com"], kinds=["everything"]), "kinds"),
        (entry(to=["jo@example.com"], bcc=["x@example.com"]), "bcc"),
        (entry(to=["jo@example.com"], owner="Kim", kinds=["portfolio"]), "bound to the owner 'Kim'"),
        (entry(to=["jo@example.com"], owner="Kim", kinds=["segment"]), "bound to the owner 'Kim'"),
        (entry(to=["jo@example.com"], segment="Small", kinds=["portfolio"]), "bound to the segment 'Small'"),
        (entry(to=["jo@example.com"], owner="Kim", segment="Small"), "two entries"),
        (entry(to=["jo@example.com"], kinds=["account"]), "name them"),
        (entry(to=["jo@example.com"], accounts=["C-1"]), "account"),
        ('[links]\nworkbook = "http://example.com/x"\n', "https://"),
        ('[links]\nworkbook = "javascript:alert(1)"\n', "https://"),
        ('[links]\nworkbook = "https://example.com/\\"onclick=x"\n', "https://"),
        ("password = 'x'\n", "password"),
        ("what is this", "TOML"),
    ],
)
def test_a_fault_in_the_file_is_one_clear_line(read, text, words):
    """Every fault is named with its place; there is no place for a password."""
    with pytest.raises(HealthscoreError, match=re.escape(words)):
        read(text)


@pytest.mark.parametrize(
    ("text", "head", "told"),
    [
        ("", "", 'allowed_domains: is missing; write it as allowed_domains = ["example.com"]'),
        ("", "allowed_domains = 5\n", 'allowed_domains: found 5; write it as allowed_domains = ["example.com"]'),
        ("", "allowed_domains = []\n", 'allowed_domains: is empty; write it as allowed_domains = ["example.com"]'),
        ('[recipient]\nto = ["a@example.com"]\n', HEAD, "in double brackets: [[recipient]]"),
        (entry(name="VP"), HEAD, 'recipient 1 (VP): to: is missing; write it as to = ["jo@example.com"]'),
        (entry(to=5), HEAD, 'recipient 1: to: found 5; write it as to = ["jo@example.com"]'),
        (entry(to=["a@example.com", "b"]), HEAD, "recipient 1: to, number 2: 'b' is not an e-mail address"),
        (
            entry(to=["a@example.com"], kinds=["weekly"]),
            HEAD,
            "kinds, number 1: 'weekly' is no kind of scorecard; give portfolio, segment, owner or account",
        ),
        (
            entry(to=["a@example.com"], kindz=["portfolio"]),
            HEAD,
            "kindz: is not a key that can stand here; these can: name, owner, segment, to, cc, kinds, accounts",
        ),
        (entry(to=["a@example.com"], owner=""), HEAD, "recipient 1: owner: found ''; write a text in quotes"),
        ('links = "https://example.com"\n', HEAD, "links: found 'https://example.com'; write the heading [links]"),
        ('[links]\nworkbook = "https://[::1"\n', HEAD, "links, workbook: 'https://[::1' is no link"),
    ],
)
def test_a_fault_says_where_what_and_what_to_do(read, text, head, told):
    """One fault, one line: the file, the entry, the key, what stands there, and what to write instead."""
    with pytest.raises(HealthscoreError) as caught:
        read(text, head)
    line = str(caught.value)
    assert told in line
    assert "\n" not in line
    assert "pydantic" not in line
    assert "tuple" not in line.lower()


def test_a_file_in_another_encoding_says_so(tmp_path):
    """A file that an old editor saved is told to be saved as UTF-8."""
    path = tmp_path / "recipients.toml"
    path.write_bytes(HEAD.encode() + b'[[recipient]]\nname = "J\xfcrgen"\nto = ["j@example.com"]\n')
    with pytest.raises(HealthscoreError, match="save it as UTF-8"):
        read_recipients(path)


def test_ids_may_be_written_as_numbers(read, book):
    """An id without quotes is the id; one that is not there is named with its entry."""
    text = entry(name="Team", to=["a@example.com"], kinds=["account"], accounts=[1001])
    with pytest.raises(HealthscoreError, match="recipient Team: no account has the id or name '1001'"):
        plan_file(book, read(text))


def test_a_workbook_without_owners_has_no_owners_scorecards(book):
    """`--kind owner` where the column is empty says so instead of making nothing."""
    nobody = replace(book, accounts=replace(book.accounts, frame=book.frame.assign(owner=None)))
    with pytest.raises(HealthscoreError, match="no account in the workbook has an owner"):
        plan_options(nobody, Wanted(kinds=("owner",)))


def test_a_file_without_entries_says_what_to_do(read, book):
    """Domains alone lead nowhere, which is said."""
    with pytest.raises(HealthscoreError, match=r"no \[\[recipient\]\] yet"):
        plan_file(book, read(""))


def test_allowed_domains_are_needed(read):
    """A file without them is refused."""
    with pytest.raises(HealthscoreError, match="allowed_domains"):
        read(entry(to=["jo@example.com"]), "")


def test_an_owner_gets_their_own_accounts_only(read, book):
    """Account scorecards of an owner's entry are the owner's; naming somebody else's account is refused."""
    text = entry(to=["m@example.com"], owner="Marcus Bell", kinds=["owner", "account"])
    plan = plan_file(book, read(text))
    mine = set(book.frame.loc[book.frame["owner"] == "Marcus Bell", "id"])
    assert {job.name for job in plan.jobs if job.kind == "account"} <= mine
    assert all(job.bound == "owner" for job in plan.jobs)
    foreign = entry(to=["m@example.com"], owner="Marcus Bell", kinds=["account"], accounts=["C-1008"])
    with pytest.raises(HealthscoreError, match="C-1008 belongs to another owner"):
        plan_file(book, read(foreign))


def test_a_name_that_is_nearly_the_same_is_somebody_else(read, book):
    """Ann Lee gets none of Ann-Lee's accounts; a third spelling, which may mean both, is asked about."""
    frame = book.frame.copy()
    frame["owner"] = ["Ann Lee" if row % 2 else "Ann-Lee" for row in range(len(frame))]
    two = replace(book, accounts=replace(book.accounts, frame=frame))
    for owner in ("Ann Lee", "ann  lee", "Ann-Lee"):
        rows = data.rows_of(two, "owner", owner)
        assert {frame["owner"][row] for row in rows} == {"Ann-Lee" if "-" in owner else "Ann Lee"}
    with pytest.raises(HealthscoreError, match="may be 'Ann-Lee' or 'Ann Lee'"):
        data.rows_of(two, "owner", "ann_lee")
    with pytest.raises(HealthscoreError, match="may be 'Ann-Lee' or 'Ann Lee'"):
        plan_file(two, read(entry(to=["a@example.com"], owner="AnnLee")))
    assert len(data.rows_of(book, "owner", "marcus_bell")) == len(data.rows_of(book, "owner", "Marcus Bell"))


def test_an_owner_who_has_no_accounts_is_reported_not_fatal(read, book):
    """Somebody without accounts this week gets nothing, which is said; so are owners whom no entry names."""
    text = entry(to=["g@example.com"], owner="Gone Person") + entry(to=["m@example.com"], owner="marcus  BELL")
    plan = plan_file(book, read(text))
    assert [job.name for job in plan.jobs] == ["marcus  BELL"]
    assert any("Gone Person" in note for note in plan.notes)
    assert any("owners without an entry" in note and "Priya Raman" in note for note in plan.notes)


def test_a_role_may_get_all_segments(read, book):
    """A role that asks for segments gets one message for each."""
    plan = plan_file(book, read(entry(to=["ops@example.com"], kinds=["segment"])))
    assert [job.name for job in plan.jobs] == ["Small", "Enterprise", "Medium", "Unsegmented"]


def test_the_command_line_narrows_the_file(read, book):
    """--kind and --owner keep what they name; nothing left is an error."""
    file = read(entry(to=["vp@example.com"], kinds=["portfolio"]) + entry(to=["m@example.com"], owner="Marcus Bell"))
    assert [job.kind for job in plan_file(book, file, Wanted(kinds=("portfolio",))).jobs] == ["portfolio"]
    assert [job.kind for job in plan_file(book, file, Wanted(owners=("Marcus Bell",))).jobs] == ["owner"]
    with pytest.raises(HealthscoreError, match="nobody in the recipients file"):
        plan_file(book, file, Wanted(segments=("Small",)))


def test_without_a_file_the_command_line_says_what_is_made(book):
    """Nothing asked: the portfolio. --kind owner: everybody's. Names: those. Account scorecards must be named."""
    assert [job.kind for job in plan_options(book, Wanted()).jobs] == ["portfolio"]
    assert len(plan_options(book, Wanted(kinds=("owner",))).jobs) == 5
    jobs = plan_options(book, Wanted(owners=("Marcus Bell",), accounts=("C-1001",)), [address("x@example.com")]).jobs
    assert [(job.kind, job.name) for job in jobs] == [("owner", "Marcus Bell"), ("account", "C-1001")]
    with pytest.raises(HealthscoreError, match="--account"):
        plan_options(book, Wanted(kinds=("account",)))
