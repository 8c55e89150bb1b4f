"""Hypothesis strategies: models of every kind, and accounts for them with everything that makes an export awkward.

Models are put together so that they are valid by construction; nothing is filtered. Numbers come from few round
values, so that ties, zeros, thresholds met exactly and halves happen often, and from a wide range otherwise.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from healthscore import ScoreModel
from healthscore.names import key
from parity.books import AS_OF

#: Names that formulas, sheets, tables and XML have trouble with.
NAMES = (
    "Usage", "O'Brien", "50% [x]", "#1 @home", 'Say "hi"', "a & b < c", "Ünïcode 🚀", "استخدام المنتج", "A1", "R",
    "TRUE", "=SUM(A1)", "Score", "Model", "sum", "日本語の名前", "semi; colon, a", "{=1}", "'quoted'", "P (value)",
    "Very long name " + "x" * 65, "R1C1", "1e5", "Value", "~*?",
)  # fmt: skip
SEGMENTS = (
    "A1", "R", "O'Brien", "50% [x]", "Model", "SMB/EMEA", "SMB:EMEA", "True", "Sum", "Mid market", "mid-market 2",
    "Start", "'Q'", "المؤسسات", "🚀", "Left", "12", "A very long segment name that is over 31 characters", "C", "AsOf",
)  # fmt: skip
ACCOUNTS = (
    "Acme",
    "O'Neil & Sons",
    '"Quoted" <b>',
    "=1+1",
    "🚀 Labs",
    "شركة",
    "x" * 255,
    "A1",
    "#N/A",
    " spaced  out ",
    "_x0041_",
)
WORDS = ("Paid", "Late", "In dispute", "n/k", "Zero", "ÄÖ", "100", "a*", "x" * 60)
ROUND = (0.0, 1.0, -1.0, 0.5, 2.0, 3.0, 5.0, 10.0, 64.5, 50.0, 100.0, -3.25, 0.1, 0.3, 1e6, -1e6)


def numbers() -> st.SearchStrategy[float]:
    """Numbers that meet each other often, and now and then any with four decimals."""
    wide = st.integers(-10_000_000, 10_000_000).map(lambda number: number / 10_000)
    return st.one_of(st.sampled_from(ROUND), st.sampled_from(ROUND), wide)


def _some(values: st.SearchStrategy[Any], chance: int) -> st.SearchStrategy[Any]:
    """Return a value, or None once in so many draws."""
    return st.integers(1, chance).flatmap(lambda drawn: st.none() if drawn == 1 else values)


def _different(count: int, minimum: int = 1) -> st.SearchStrategy[list[float]]:
    return st.lists(numbers(), min_size=minimum, max_size=count, unique=True).map(sorted)


def _names(pool: tuple[str, ...], least: int, most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(pool), min_size=least, max_size=most, unique_by=key)


_POINTS = st.sampled_from([0.0, 10.0, 25.0, 33.3, 50.0, 64.5, 75.0, 100.0])
_WEIGHTS = st.sampled_from([0.0, 1.0, 1.0, 2.0, 0.5, 3.0, 40.0])


@st.composite
def thresholds(draw: st.DrawFn, kind: str, size: int, words: tuple[str, ...] = ()) -> dict[str, Any]:
    """Draw the thresholds of one kind of points; `size` says how many steps there are."""
    match kind:
        case "ramp":
            ends = draw(_different(2, 2))
            return {"ramp": draw(st.sampled_from([ends, ends[::-1]]))}
        case "plateau":
            ends = draw(_different(4, 4))
            return {"plateau": [ends[0], ends[1], draw(st.sampled_from(ends[1:3])), ends[3]]}
        case "peers":
            zero = draw(_some(numbers(), 2))
            return {"peers": draw(st.sampled_from([0.95, 0.5, 1.0, 0.01]))} | ({} if zero is None else {"zero": zero})
        case "steps":
            starts = draw(_different(size, size))
            return {"steps": [[start, draw(_POINTS)] for start in starts]}
        case "choices":
            return {"choices": {word: draw(_POINTS) for word in words}}
        case _:
            return {"rating": draw(st.sampled_from([2, 5, 10]))}


@dataclass(frozen=True)
class InputColumn:
    """An account column that a drawn model reads: `kind` says with what it is filled."""

    name: str
    kind: str
    words: tuple[str, ...] = ()


@st.composite
def _metric(
    draw: st.DrawFn,
    number: int,
    name: str,
    travels: bool,
) -> tuple[dict[str, Any], list[InputColumn]]:
    """Draw a metric and the columns it reads; `travels` says whether the model has a journey to measure."""
    values = ["column", "column", "column", "change", "ratio", "days_since", "days_until"]
    value = draw(st.sampled_from(values + ["journey", "journey"] * travels))
    kinds = ["ramp", "plateau", "peers", "steps"] + (["choices", "choices", "rating"] if value == "column" else [])
    points = draw(st.sampled_from(kinds))
    made: dict[str, Any] = {
        "name": name,
        "weight": draw(_WEIGHTS),
        "action": draw(st.sampled_from(["", f"Act on {name}"])),
    }
    words: tuple[str, ...] = ()
    own = f"{draw(st.sampled_from(NAMES))[:60]} in{number}"
    if draw(st.integers(1, 3)) == 1 and points != "choices":
        made["plausible"] = draw(_different(2, 2))
    if value == "journey":
        made |= {"journey": draw(st.sampled_from(["completed", "days_since_last", "roi"]))}
        return made | draw(thresholds(points, draw(st.integers(1, 4)))), []
    if points == "choices":
        words = tuple(draw(_names(WORDS, 1, 4)))
        inputs = [InputColumn(own, "category", words)]
    elif value in ("days_since", "days_until"):
        inputs = [InputColumn("renewal" if draw(st.integers(1, 4)) == 1 else own, "date")]
    elif value == "column":
        kind = (
            "rating" if points == "rating" else draw(st.sampled_from(["number", "number", "yes_no", "date", "value"]))
        )
        made |= {"type": kind} if kind in ("yes_no", "date") else {}
        inputs = [InputColumn("value" if kind == "value" else own, kind)]
    else:
        shared = draw(st.booleans())
        inputs = [InputColumn(own, "number"), InputColumn("shared quantity" if shared else f"{own} b", "number")]
    made[value] = inputs[0].name if len(inputs) == 1 else [column.name for column in inputs]
    made |= draw(thresholds(points, draw(st.integers(1, 4)), words))
    if inputs[0].kind == "number" and draw(st.integers(1, 5)) == 1:
        made["blank"] = 0
    if draw(st.integers(1, 4)) == 1:
        made["as_of_column"] = f"dated {number}"
        inputs.append(InputColumn(f"dated {number}", "date"))
        made |= draw(st.sampled_from([{}, {"stale_after_days": 30}, {"stale_after_days": 0}]))
    return made, inputs


@st.composite
def _condition(draw: st.DrawFn, metrics: list[dict[str, Any]]) -> dict[str, Any]:
    subject = draw(st.sampled_from([*metrics, None]))
    if subject is None:
        if draw(st.booleans()):
            return {"column": "region", "op": draw(st.sampled_from(["=", "<>"])), "value": draw(st.sampled_from(WORDS))}
        return {
            "column": "number beside",
            "op": draw(st.sampled_from(["<", ">=", "=", "<>"])),
            "value": draw(numbers()),
        }
    if subject.get("type") == "yes_no" and draw(st.booleans()):
        spelled = draw(st.sampled_from([subject["column"], subject["column"].upper()]))
        answers = {"op": draw(st.sampled_from(["=", "<>"])), "value": draw(st.sampled_from(["Yes", "No", "no"]))}
        return {"column": spelled} | answers
    if "choices" in subject:
        word = draw(st.sampled_from([*subject["choices"]]))
        return {"metric": subject["name"], "op": draw(st.sampled_from(["=", "<>"])), "value": word}
    operator = draw(st.sampled_from(["<", "<=", ">", ">=", "=", "<>"]))
    return {"metric": subject["name"], "op": operator, "value": draw(numbers())}


@st.composite
def _journey(draw: st.DrawFn, metrics: list[dict[str, Any]]) -> dict[str, Any]:
    """Draw a journey: milestones with a date, with conditions, or with both."""
    own = [metric for metric in metrics if "journey" not in metric]
    milestones = []
    for number, name in enumerate(draw(_names(NAMES, 2, 5))):
        ways = draw(st.sampled_from([("date",), ("when",), ("date", "when")]))
        milestone: dict[str, Any] = {"name": name}
        milestone |= {"date": f"reached {number % 3}"} if "date" in ways else {}
        milestone |= {"when": draw(st.lists(_condition(own), min_size=1, max_size=2))} if "when" in ways else {}
        milestones.append(milestone)
    stalled = draw(_some(st.sampled_from([0.0, 30.0]), 2))
    made: dict[str, Any] = {"milestones": milestones, "achieved": "achieved", "aimed": "aimed"}
    return made if stalled is None else made | {"stalled_after_days": stalled}


#: The columns that a drawn journey reads.
_JOURNEY_COLUMNS = (
    InputColumn("achieved", "number"),
    InputColumn("aimed", "number"),
    *(InputColumn(f"reached {number}", "date") for number in range(3)),
)


@st.composite
def _rules(draw: st.DrawFn, metrics: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = []
    for name in draw(_names(NAMES, 0, 4)):
        rule: dict[str, Any] = {"name": name, "text": draw(st.sampled_from(["", f"Beware: {name}", "  two   words"]))}
        if len(rules) > 1 and draw(st.booleans()):
            of = [other["name"] for other in rules]
            rule |= {"at_least": draw(st.integers(1, len(of))), "of": of}
        else:
            rule["when"] = draw(st.lists(_condition(metrics), min_size=1, max_size=3))
        cap = draw(_some(st.sampled_from([0.0, 35.0, 64.5, 100.0]), 3))
        rules.append(rule if cap is None else rule | {"cap": cap})
    return rules


@st.composite
def _ladder(draw: st.DrawFn, names: list[str]) -> list[dict[str, Any]]:
    starts = draw(
        st.lists(st.sampled_from([1.0, 35.0, 50.0, 64.5, 65.0, 80.0, 100.0]), min_size=4, max_size=4, unique=True)
    )
    return [{"name": name, "from": start} for name, start in zip(names, [0.0, *sorted(starts)], strict=False)]


@st.composite
def _segment(draw: st.DrawFn, name: str, made: dict[str, Any]) -> dict[str, Any]:
    segment: dict[str, Any] = {"name": name}
    chosen = st.lists(st.sampled_from(made["metrics"]), max_size=3, unique_by=lambda metric: metric["name"])
    segment["weights"] = {metric["name"]: draw(_WEIGHTS) for metric in draw(chosen)}
    segment["metrics"] = {}
    for metric in draw(chosen):
        kind = next(kind for kind in ("ramp", "plateau", "peers", "steps", "choices", "rating") if kind in metric)
        words = tuple(metric["choices"])[:2] if kind == "choices" else ()
        # A rating's scale belongs to the survey, not to the segment.
        own = {} if kind == "rating" else draw(thresholds(kind, len(metric.get("steps", ())), words))
        action = draw(_some(st.sampled_from(["Do it here", "Call"]), 2))
        segment["metrics"][metric["name"]] = own if action is None else own | {"action": action}
    if draw(st.booleans()):
        segment["dimension_weights"] = {part["name"]: draw(_WEIGHTS) for part in made["dimensions"][:1]}
    for ladder in ("bands", "grades"):
        if len(made[ladder]) > 1 and draw(st.booleans()):
            moved = draw(_ladder([part["name"] for part in made[ladder]]))
            segment[ladder] = {part["name"]: part["from"] for part in moved[1:]}
    coverage = draw(_some(st.sampled_from([0.0, 0.25, 0.5, 1.0]), 2))
    return segment if coverage is None else segment | {"minimum_coverage": coverage}


@dataclass(frozen=True)
class Case:
    """A model with accounts for it, what people typed beside them, and segments without accounts."""

    model: ScoreModel
    frame: pd.DataFrame
    people: dict[str, Any]
    more: list[str]
    empty_rows: int


@st.composite
def models(draw: st.DrawFn) -> tuple[ScoreModel, list[InputColumn]]:
    """Draw a model of up to eight metrics, and the account columns it reads."""
    made: dict[str, Any] = {"name": "Drawn", "minimum_coverage": draw(st.sampled_from([0.7, 0.0, 0.5, 1.0]))}
    travels = draw(st.integers(1, 3)) == 1
    drawn = [draw(_metric(number, name, travels)) for number, name in enumerate(draw(_names(NAMES, 1, 8)))]
    metrics = [metric for metric, _ in drawn]
    columns = {key(column.name): column for _, inputs in drawn for column in inputs}
    names = draw(_names(NAMES, 1, min(3, len(metrics))))
    made["dimensions"] = [{"name": name, "weight": draw(_WEIGHTS)} for name in names]
    made["criteria"] = [{"name": name, "on": draw(st.booleans())} for name in draw(_names(NAMES, 0, 2))]
    for number, metric in enumerate(metrics):
        metric["dimension"] = names[number % len(names)]
        if made["criteria"] and draw(st.integers(1, 3)) == 1:
            metric["criterion"] = draw(st.sampled_from(made["criteria"]))["name"]
    # One metric and one dimension must weigh something, or the model is refused.
    metrics[0]["weight"] = metrics[0]["weight"] or 1.0
    made["dimensions"][-1]["weight"] = made["dimensions"][-1]["weight"] or 1.0
    made["metrics"] = metrics
    colors = ("red", "orange", "yellow", "green", "blue")
    bands = draw(_ladder(draw(_names(("Red", "O'Band", "🟡", "Green [x]", "=B"), 1, 4))))
    rated = draw(st.booleans())
    made["bands"] = [
        band
        | ({"renewal_rate": number / 4} if rated else {})
        | {"color": colors[number], "action": draw(st.sampled_from(["", "Do it"])), "outlook": f"Outlook {number}"}
        for number, band in enumerate(bands)
    ]
    made["grades"] = draw(_ladder(draw(_names(("D", "C-", "B", "A+"), 1, 4))))
    made["rules"] = draw(_rules(metrics))
    if travels:
        made["journey"] = draw(_journey(metrics))
        columns |= {key(column.name): column for column in _JOURNEY_COLUMNS}
    stale = draw(_some(st.sampled_from([0.0, 90.0]), 2))
    made |= {} if stale is None else {"stale_after_days": stale}
    made["segments"] = [draw(_segment(name, made)) for name in draw(_names(SEGMENTS, 0, 3))]
    if made["rules"] or travels:
        columns |= {"numberbeside": InputColumn("number beside", "number")}
    return ScoreModel.model_validate(made), list(columns.values())


def _values(column: InputColumn) -> st.SearchStrategy[Any]:
    if column.kind == "category":
        spellings = [form for word in column.words for form in (word, word.upper(), f" {word} ")]
        return _some(st.sampled_from([*spellings, "something else"]), 4)
    if column.kind == "date":
        days = st.sampled_from([0, 1, -1, 30, 31, -30, 90, 400, -400])
        return _some(days.map(lambda number: AS_OF - dt.timedelta(days=number)), 4)
    if column.kind == "yes_no":
        return _some(st.sampled_from(["Yes", "No", "yes", "maybe", 2]), 4)
    if column.kind == "rating":
        return _some(st.sampled_from([0, 1, 2, 3, 4.5, 5, 6, 10]), 4)
    return _some(st.one_of(numbers(), numbers(), numbers(), st.sampled_from(["n/k", "twelve", "-"])), 5)


def _as_written(values: list[Any]) -> list[Any]:
    """Write dates as an export does, so that text may stand between them."""
    return [value.isoformat() if isinstance(value, dt.date) else value for value in values]


@st.composite
def cases(draw: st.DrawFn, most: int = 12) -> Case:
    """Draw a model and up to `most` accounts for it."""
    model, columns = draw(models())
    count = draw(st.integers(1, most))

    def column(values: st.SearchStrategy[Any]) -> list[Any]:
        return draw(st.lists(values, min_size=count, max_size=count))

    listed = [segment.name for segment in model.segments]
    pool = draw(_names(SEGMENTS, 1, 3)) + listed
    data: dict[str, list[Any]] = {
        "id": [f"C-{number}" for number in range(count)],
        "account": column(st.sampled_from(ACCOUNTS)),
        "segment": column(_some(st.sampled_from(pool), 6)),
        "region": column(_some(st.sampled_from([*WORDS, " paid", "PAID "]), 4)),
    }
    for given in [InputColumn("value", "number"), InputColumn("renewal", "date"), *columns]:
        empty = draw(st.integers(1, 8)) == 1
        data[given.name] = [None] * count if empty else _as_written(column(_values(given)))
    frame = pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in data.items()})
    taken = {key(str(name)) for name in data["segment"] if name is not None} | {key("Unsegmented")}
    more = [name for name in draw(_names(SEGMENTS, 0, 2)) if key(name) not in taken]
    return Case(model, frame, draw(_people(count)), more, draw(st.sampled_from([0, 0, 2])))


@st.composite
def _people(draw: st.DrawFn, count: int) -> dict[str, Any]:
    def column(*values: Any) -> list[Any]:
        return draw(st.lists(st.sampled_from(values), min_size=count, max_size=count))

    if draw(st.integers(1, 3)) == 1:
        return {}
    until = column(None, "2026-06-29", "2026-06-30", "2027-01-01", "2027-01-01")
    return {
        "override_score": np.array(column(np.nan, np.nan, 0.0, 100.0, 64.5, 12.345, -1.0, 100.5, 80.0), dtype=float),
        "override_reason": pd.Series(column(None, "", "  ", "Knows better", "O'Brien says"), dtype=object),
        "override_by": pd.Series(column(None, "Ann", "Ann", "Bob"), dtype=object),
        "override_until": pd.to_datetime(pd.Series(until, dtype=object)).astype("datetime64[s]"),
        "previous_score": np.array(column(np.nan, 50.0, 0.0, 100.0), dtype=float),
    }
