"""Reading a model file: TOML in, a frozen `ScoreModel` out, or one error that lists every place and its mend."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from healthscore.errors import ModelError
from healthscore.model import parts
from healthscore.model.schema import ScoreModel

DEFAULT_MODEL = "journey"

#: List in a model file -> the class of its entries, to name the keys that exist when one is unknown.
_PARTS: dict[str, type[BaseModel]] = {
    "dimensions": parts.Dimension,
    "metrics": parts.Metric,
    "bands": parts.Band,
    "grades": parts.Grade,
    "rules": parts.Rule,
    "criteria": parts.Criterion,
    "segments": parts.Segment,
    "when": parts.Condition,
    "milestones": parts.Milestone,
    "journey": parts.Journey,
}


def preset_names() -> list[str]:
    """Return the names of the models that come with the product, in alphabetical order."""
    folder = resources.files("healthscore.templates") / "models"
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))


def preset_text(name: str) -> str:
    """Return the TOML of a built-in model, comments and all; ModelError when there is none of that name."""
    if name not in preset_names():
        raise ModelError(f"there is no model {name!r}; the built-in ones are {', '.join(preset_names())}")
    return (resources.files("healthscore.templates") / "models" / f"{name}.toml").read_text(encoding="utf-8")


def load_model(source: str | Path) -> ScoreModel:
    """Load a model from a file or by the name of a built-in one.

    Args:
        source: a path to a TOML file, or a name as `healthscore models list` prints it.

    Returns:
        The validated, frozen model.

    Raises:
        ModelError: the file is missing or not TOML, or the model has faults; every fault is listed with its place.
    """
    path = Path(source)
    if path.suffix.lower() != ".toml" and str(source) in preset_names():
        return parse_model(preset_text(str(source)), str(source))
    if not path.is_file():
        raise ModelError(
            f"{source}: there is no such model file; the built-in models are {', '.join(preset_names())}, "
            "or give the path of a .toml file"
        )
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"{source}: the model file cannot be read as UTF-8 text ({error})") from error
    return parse_model(text, str(source))


def parse_model(text: str, place: str = "model") -> ScoreModel:
    """Turn the text of a TOML model into a `ScoreModel`; ModelError names every fault. `place` starts each line."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ModelError(f"{place}: not a TOML file: {error}") from error
    return model_from_data(data, place)


def model_from_data(data: Mapping[str, Any], place: str = "model") -> ScoreModel:
    """Validate plain data (as TOML gives it) into a `ScoreModel`; ModelError names every fault."""
    try:
        return ScoreModel.model_validate(data)
    except ValidationError as error:
        # A list with a faulty entry is also reported as too short, because the entry fell out; that says nothing new.
        faults = [fault for fault in error.errors() if fault["type"] != "too_short" or not fault["input"]]
        lines = [line for fault in faults or error.errors() for line in _explain(fault, data)]
        raise ModelError("\n".join(f"{place}: {line}" for line in lines)) from error


def _explain(fault: Any, data: Mapping[str, Any]) -> list[str]:
    where, kind, message = fault["loc"], fault["type"], str(fault["msg"])
    spot = _spot(where, data)
    if kind == "value_error":
        text = message.removeprefix("Value error, ")
        return [f"{spot}: {line}" if spot else line for line in text.split("\n")]
    if kind == "extra_forbidden":
        return [_unknown_key(where, spot)]
    if kind == "missing" and isinstance(where[-1], int):
        return [f"{_spot(where[:-1], data)}: has too few numbers; number {where[-1] + 1} is missing"]
    if kind == "missing":
        return [f"{_spot(where[:-1], data) or 'the model'}: `{where[-1]}` is missing; add it"]
    found = fault.get("input")
    shown = "" if isinstance(found, (dict, list)) else f" (found {found!r})"
    return [f"{spot}: {message[0].lower()}{message[1:]}{shown}"]


def _spot(where: tuple[int | str, ...], data: Any) -> str:
    """Name a place as a person would: metric 'Usage', ramp."""
    words: list[str] = []
    for step in where:
        data = _descend(data, step)
        if isinstance(step, int):
            name = data.get("name") if isinstance(data, Mapping) else None
            label = repr(name) if name else f"number {step + 1}"
            words[-1:] = [f"{words[-1].removesuffix('s')} {label}"] if words else [label]
        elif step in ("float", "str", "constrained-str") or step.startswith("function-"):
            continue
        else:
            words.append(step)
    return ", ".join(words)


def _descend(data: Any, step: int | str) -> Any:
    try:
        return data[step]
    except (KeyError, IndexError, TypeError):
        return None


def _unknown_key(where: tuple[int | str, ...], spot: str) -> str:
    part = next((_PARTS[step] for step in reversed(where[:-1]) if step in _PARTS), ScoreModel)
    if len(where) >= 4 and where[0] == "segments" and where[2] == "metrics":
        part = parts.SegmentThresholds
    known = [field.alias or name for name, field in part.model_fields.items()]
    close = difflib.get_close_matches(str(where[-1]), known, n=1, cutoff=0.6)
    mend = f"did you mean `{close[0]}`?" if close else f"the keys are {', '.join(known)}"
    return f"{spot}: unknown key; {mend}"
