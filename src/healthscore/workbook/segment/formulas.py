"""The formula of each column of a segment sheet: which file of `formulas/` with which cells."""

from __future__ import annotations

from healthscore.formula import formula
from healthscore.model.parts import Condition, Journey, Metric, Rule
from healthscore.model.schema import ScoreModel
from healthscore.names import key
from healthscore.workbook.segment.columns import Places, capping, first_last

AS_OF = "AsOf"


class Inputs:
    """Which column of the sheet holds each of the model's input columns."""

    def __init__(self, model: ScoreModel, bound: dict[str, str]) -> None:
        self._names = {key(name): name for name in model.input_columns()}
        self._bound = bound

    def key(self, name: str) -> str:
        """Return the key of the sheet's column for an input column of the model."""
        own = self._names[key(name)]
        return f"role:{self._bound[own]}" if own in self._bound else f"input:{own}"


def column_formulas(model: ScoreModel, places: Places, inputs: Inputs) -> dict[str, str]:
    """Return the formula of every computed column: key of the column -> text without the leading `=`."""
    found: dict[str, str] = {}
    for metric in model.metrics:
        found[f"value:{metric.name}"] = _value(metric, places, inputs)
        if places.has(f"stale:{metric.name}"):
            found[f"stale:{metric.name}"] = _stale(metric, places, inputs)
        found[f"points:{metric.name}"] = _points(metric, places)
        found[f"lost:{metric.name}"] = formula(
            "points_lost",
            coverage=places.this("coverage"),
            points=places.this(f"points:{metric.name}"),
            share=places.strip("share", f"points:{metric.name}"),
        )
    found.update(_verdict(model, places))
    found.update(_rules(model, places, inputs))
    found.update(_drags(model, places))
    found.update(_criteria(model, places))
    if model.journey is not None:
        found.update(_journey(model, model.journey, places, inputs))
    return found


# --- values and points ---------------------------------------------------------------------------------------------


def _value(metric: Metric, places: Places, inputs: Inputs) -> str:
    if metric.journey is not None:
        own = {"completed": "completed", "days_since_last": "days_since_milestone", "roi": "roi"}[metric.journey]
        return plain_value(metric, [places.this(own)], places)
    value = plain_value(metric, [places.this(inputs.key(name)) for name in metric.inputs], places)
    if not places.has(f"stale:{metric.name}"):
        return value
    return formula("value_stale", stale=places.this(f"stale:{metric.name}"), value=value)


def _stale(metric: Metric, places: Places, inputs: Inputs) -> str:
    return formula(
        "stale",
        type=metric.input_type,
        input=places.this(inputs.key(metric.inputs[0])),
        dated=places.this(inputs.key(metric.as_of_column or "")),
        limit=places.strip("stale", f"value:{metric.name}"),
        as_of=AS_OF,
    )


def plain_value(metric: Metric, cells: list[str], places: Places) -> str:
    """Return the formula of a metric's value, however old its inputs (`cells`) are."""
    match metric.value_kind:
        case "change":
            return formula("value_change", now=cells[0], before=cells[1])
        case "ratio":
            return formula("value_ratio", part=cells[0], whole=cells[1])
        case "days_since" | "days_until" as kind:
            return formula(f"value_{kind}", date=cells[0], as_of=AS_OF)
    if metric.choices is not None:
        choices = places.list_array(f"value:{metric.name}", len(metric.choices))
        return formula("value_choices", input=cells[0], choices=choices)
    if metric.rating is not None:
        ends = {name: places.strip(name, f"points:{metric.name}") for name in ("zero", "full")}
        return formula("value_rating", input=cells[0], **ends)
    return formula("value_yes_no" if metric.input_type == "yes_no" else "value_column", input=cells[0])


def _points(metric: Metric, places: Places) -> str:
    mine, value = f"points:{metric.name}", places.this(f"value:{metric.name}")
    if metric.points_kind == "choices":
        count = len(metric.choices or ())
        choices = places.list_array(f"value:{metric.name}", count)
        return formula("points_choices", value=value, choices=choices, points=places.list_array(mine, count))
    if metric.points_kind == "steps":
        count, starts = len(metric.steps or ()), f"value:{metric.name}"
        return formula(
            "points_steps",
            value=value,
            first=places.list_cell(starts, 0),
            starts=places.listed(starts, count),
            points=places.listed(mine, count),
        )
    ends = ["zero", "full"]
    if metric.points_kind == "plateau":
        ends += ["full_until", "zero_again"]
    kind = "points_plateau" if metric.points_kind == "plateau" else "points_ramp"
    return formula(kind, value=value, **{name: places.strip(name, mine) for name in ends})


# --- from points to a verdict --------------------------------------------------------------------------------------


def _verdict(model: ScoreModel, places: Places) -> dict[str, str]:
    points, shares = first_last(model, "points"), places.strip_span("share", *first_last(model, "points"))
    coverage, base, score = places.this("coverage"), places.this("base"), places.this("score")
    caps = capping(model)
    found = {
        "coverage": formula(
            "coverage",
            id=places.this("role:id"),
            account=places.this("role:account"),
            shares=shares,
            points=places.span(*points),
        ),
        "base": formula("base", coverage=coverage, shares=shares, points=places.span(*points)),
        "calculated": formula(
            "calculated",
            base=base,
            coverage=coverage,
            minimum=places.strip("parameter", "coverage"),
            cap=places.this("cap") if caps else "100",
        ),
        "active": formula(
            "override_active",
            coverage=coverage,
            as_of=AS_OF,
            **{name: places.this(f"override:{name}") for name in ("score", "reason", "by", "until")},
        ),
        "score": formula(
            "score",
            active=places.this("active"),
            override=places.this("override:score"),
            calculated=places.this("calculated"),
        ),
        "change": formula("change", score=score, previous=places.this("previous")),
        "priority": formula("priority", value=places.this("role:value"), score=score),
    }
    if caps:
        rules = [
            {"holds": places.this(f"rule:{rule.name}"), "cap": places.strip("parameter", f"rule:{rule.name}")}
            for rule in caps
        ]
        found["cap"] = formula("cap", coverage=coverage, rules=rules)
    if places.has("out_of"):
        rated = next(metric for metric in model.metrics if metric.weight > 0)
        scale = {
            "lowest": places.strip("zero", f"points:{rated.name}"),
            "highest": places.strip("full", f"points:{rated.name}"),
        }
        found["out_of"] = formula("out_of", score=score, **scale)
    return found | _bands(model, places)


def _bands(model: ScoreModel, places: Places) -> dict[str, str]:
    count, number = len(model.bands), places.this("band_number")
    found = {
        "band_number": formula("band_number", score=places.this("score"), starts=places.listed("score", count)),
        "grade": formula(
            "grade",
            score=places.this("score"),
            letters=places.listed("grade", len(model.grades)),
            starts=places.listed("change", len(model.grades)),
        ),
    }
    for name in ("symbol", "band", "outlook", "band_action"):
        found[name] = formula(
            "of_band",
            coverage=places.this("coverage"),
            number=number,
            unscored='""' if name == "band_action" else places.strip("unscored", name),
            words=places.listed(name, count),
        )
    return found


# --- rules ---------------------------------------------------------------------------------------------------------


def _rules(model: ScoreModel, places: Places, inputs: Inputs) -> dict[str, str]:
    found = {f"rule:{rule.name}": _rule(model, rule, places, inputs) for rule in model.rules}
    if model.rules:
        texts = [
            {"holds": places.this(f"rule:{rule.name}"), "text": places.strip("metric", f"rule:{rule.name}")}
            for rule in model.rules
        ]
        found["risk_signals"] = formula("risk_signals", coverage=places.this("coverage"), rules=texts)
    return found


def _rule(model: ScoreModel, rule: Rule, places: Places, inputs: Inputs) -> str:
    mine = f"rule:{rule.name}"
    if rule.of:
        names = {key(other.name): other.name for other in model.rules}
        return formula(
            "rule_at_least",
            coverage=places.this("coverage"),
            rules=[places.this(f"rule:{names[key(name)]}") for name in rule.of],
            at_least=places.list_cell(mine, 0),
        )
    conditions = _conditions(model, rule.when, mine, places, inputs)
    return formula("rule", coverage=places.this("coverage"), conditions=conditions)


def _conditions(
    model: ScoreModel, when: tuple[Condition, ...], column: str, places: Places, inputs: Inputs
) -> list[dict[str, object]]:
    """Return what the formula of conditions needs; the limits stand in the list above `column`."""
    return [
        _condition(model, condition, inputs, places) | {"limit": places.list_cell(column, position)}
        for position, condition in enumerate(when)
    ]


def _condition(model: ScoreModel, condition: Condition, inputs: Inputs, places: Places) -> dict[str, object]:
    text = isinstance(condition.value, str)
    if condition.metric is not None:
        subject = places.this(f"value:{model.metric(condition.metric).name}")
    else:
        subject = places.this(inputs.key(condition.subject))
    there = formula("is_there", kind=compared_as(model, condition), cell=subject)
    return {"subject": subject, "op": condition.op, "text": text, "there": there}


def compared_as(model: ScoreModel, condition: Condition) -> str:
    """Return as what a condition takes its subject: `number`, `yes_no` or `text`."""
    if not isinstance(condition.value, str):
        return "number"
    kinds = {key(name): kind for name, kind in model.input_columns().items()}
    return "yes_no" if condition.column is not None and kinds[key(condition.column)] == "yes_no" else "text"


# --- journey and criteria ------------------------------------------------------------------------------------------


def _criteria(model: ScoreModel, places: Places) -> dict[str, str]:
    block = first_last(model, "points")
    return {
        f"criterion:{part.name}": formula(
            "criterion_score",
            criteria=places.strip_span("criterion", *block),
            criterion=places.strip("criterion", f"criterion:{part.name}"),
            weights=places.strip_span("weight", *block),
            points=places.span(*block),
        )
        for part in model.criteria
    }


def _journey(model: ScoreModel, journey: Journey, places: Places, inputs: Inputs) -> dict[str, str]:
    names = [part.name for part in journey.milestones]
    block = f"milestone:{names[0]}", f"milestone:{names[-1]}"
    reached = places.span(*block)
    dates = [places.this(inputs.key(part.date)) for part in journey.milestones if part.date is not None]
    known = [f"ISNUMBER({date})" for date in dates]
    found = {}
    for milestone in journey.milestones:
        mine = f"milestone:{milestone.name}"
        conditions = _conditions(model, milestone.when, mine, places, inputs)
        known += [str(part["there"]) for part in conditions]
        found[mine] = formula(
            "milestone",
            id=places.this("role:id"),
            account=places.this("role:account"),
            date=places.this(inputs.key(milestone.date)) if milestone.date is not None else "",
            as_of=AS_OF,
            conditions=conditions,
        )
    found["milestone"] = formula("furthest_milestone", reached=reached, names=places.strip_span("metric", *block))
    found["completed"] = formula("journey_completed", reached=reached, known=list(dict.fromkeys(known)))
    found["milestone_day"] = formula("milestone_day", reached=reached, dates=dates, as_of=AS_OF)
    found["last_milestone"] = formula("last_milestone", day=places.this("milestone_day"))
    last = places.this("last_milestone")
    found["days_since_milestone"] = formula("value_days_since", date=last, as_of=AS_OF)
    found["stalled"] = formula(
        "stalled",
        days=places.this("days_since_milestone"),
        completed=places.this("completed"),
        limit=places.strip("parameter", "stalled"),
    )
    if journey.achieved is not None and journey.aimed is not None:
        parts = {"part": inputs.key(journey.achieved), "whole": inputs.key(journey.aimed)}
        found["roi"] = formula("value_ratio", **{name: places.this(column) for name, column in parts.items()})
    return found


# --- drags and what to do ------------------------------------------------------------------------------------------


def _drags(model: ScoreModel, places: Places) -> dict[str, str]:
    lost, count = first_last(model, "lost"), len(model.metrics)
    names = places.strip_span("metric", *first_last(model, "points"))
    if count == 1:
        # LibreOffice takes a single cell for no list to search.
        number = places.strip("parameter", lost[0])
        found = {"drag_number:1": formula("only_drag_number", lost=places.this(lost[0]), number=number)}
    else:
        found = {"drag_number:1": formula("drag_number", lost=places.span(*lost))}
        found["drag_number:2"] = formula(
            "second_drag_number",
            first=places.this("drag_number:1"),
            lost=places.span(*lost),
            numbers=places.strip_span("parameter", *lost),
        )
    for rank in range(1, min(count, 2) + 1):
        number = places.this(f"drag_number:{rank}")
        found[f"drag:{rank}"] = formula("of_drag", number=number, list=names)
        found[f"drag_points:{rank}"] = formula("of_drag", number=number, list=places.span(*lost))
    actions = places.strip_span("metric", *lost)
    found["drag_action"] = formula("of_drag", number=places.this("drag_number:1"), list=actions)
    found["next_action"] = formula(
        "next_action",
        coverage=places.this("coverage"),
        band=places.this("band_number"),
        bands=places.listed("band_action", len(model.bands)),
        unscored=places.strip("unscored", "next_action"),
        drag_action=places.this("drag_action"),
        band_action=places.this("band_action"),
    )
    return found
