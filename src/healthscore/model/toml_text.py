"""Writing a model as TOML text that loads to an equal model: the way back from a workbook to a model file.

The layout is that of the built-in models: what holds for the whole first, then one `[[part]]` after the other, small
tables and lists on one line. Fields at their default are left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from healthscore.model.parts import Journey
from healthscore.model.schema import ScoreModel

#: Lists of parts, each written as [[name]], with the sentence above it.
_PARTS = {
    "bands": "Bands: the colours, each from its lowest score on.",
    "grades": "Grades: the letters.",
    "dimensions": "Dimensions: the groups of signals. Only the proportions of weights count.",
    "metrics": "Metrics: each has a weight within its dimension, a value, and a way to turn the value into points.",
    "rules": "Rules: combinations of conditions; a cap is the highest score while the rule holds.",
    "criteria": "Criteria: what success means here.",
    "journey": "Journey: the milestones on the way to a return on what the customer pays.",
    "segments": "Segments: only what differs from the above.",
}
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_WIDTH = 110


def model_to_toml(model: ScoreModel) -> str:
    """Return a model as TOML text; `parse_model` of it gives an equal model."""
    return "\n".join(_lines(model)) + "\n"


def _lines(model: ScoreModel) -> Iterator[str]:
    for name, value in _given(model):
        if name not in _PARTS and name != "columns":
            yield f"{name} = {_value(value)}"
    if model.columns:
        yield "\n# Other headers under which an export may bring a column.\n[columns]"
        for name, others in model.columns.items():
            yield f"{_key(name)} = {_value(others)}"
    for name, sentence in _PARTS.items():
        parts = getattr(model, name)
        if not parts or ScoreModel.model_fields[name].get_default() == parts:
            continue
        yield f"\n# {sentence}"
        if isinstance(parts, Journey):
            yield from _journey(parts)
            continue
        for part in parts:
            yield f"\n[[{name}]]"
            yield from _part(name, part)


def _journey(journey: Journey) -> Iterator[str]:
    yield "\n[journey]"
    for name, value in _given(journey):
        if name != "milestones":
            yield f"{name} = {_value(value)}"
    for milestone in journey.milestones:
        yield "\n[[journey.milestones]]"
        yield from _part("journey.milestones", milestone)


def _part(place: str, part: BaseModel) -> Iterator[str]:
    tables = []
    for name, value in _given(part):
        if isinstance(value, Mapping) and any(isinstance(inner, BaseModel) for inner in value.values()):
            tables.append((name, value))
        else:
            yield f"{name} = {_value(value)}"
    for name, table in tables:
        yield f"\n[{place}.{name}]"
        for inner, own in table.items():
            yield f"{_key(inner)} = {_value(own)}"


def _given(part: BaseModel) -> Iterator[tuple[str, Any]]:
    """Yield the fields that differ from their default, under the names that a model file uses."""
    for name, field in type(part).model_fields.items():
        value = getattr(part, name)
        if field.is_required() or value != _default(field):
            yield field.alias or name, value


def _default(field: FieldInfo) -> Any:
    return field.get_default(call_default_factory=True, validated_data={})


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, str):
        return text(value)
    if isinstance(value, BaseModel):
        return _inline(dict(_given(value)))
    if isinstance(value, Mapping):
        return _inline(value)
    if isinstance(value, Sequence):
        return _array([_value(item) for item in value])
    raise TypeError(f"a model holds no {type(value).__name__}")


def number(value: float) -> str:
    """Return a number as TOML writes it: whole ones without a point."""
    if float(value).is_integer() and abs(value) < 2**53:
        return str(int(value))
    return repr(float(value))


def text(value: str) -> str:
    """Return a text as a TOML string on one line; JSON's escapes are TOML's, but for DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else text(name)


def _inline(table: Mapping[str, Any]) -> str:
    """Return an inline table; TOML keeps it on one line."""
    inner = ", ".join(f"{_key(name)} = {_value(value)}" for name, value in table.items())
    return f"{{ {inner} }}" if inner else "{}"


def _array(items: list[str]) -> str:
    line = f"[{', '.join(items)}]"
    return line if len(line) <= _WIDTH else "[\n" + "".join(f"  {item},\n" for item in items) + "]"
