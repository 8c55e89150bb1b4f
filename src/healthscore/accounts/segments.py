"""Which group each account belongs to: from which columns, in which spelling."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from healthscore.accounts.columns import ColumnMatch, find_header, no_such
from healthscore.accounts.texts import texts
from healthscore.errors import AccountsError
from healthscore.model.schema import ScoreModel
from healthscore.model.vocabulary import SEGMENT_JOINT, UNSEGMENTED
from healthscore.names import key

SEGMENT_LIMIT = 100


def segment_headers(
    model: ScoreModel, headers: Sequence[str], match: ColumnMatch, wanted: str | Sequence[str] | None, source: str
) -> tuple[str, ...]:
    """Return the headers of the columns that segments are made of; none when there is only one segment.

    `wanted` (as `--segment-by` gives it) wins, then the model's `segment_by` where the export has all of it, then the
    column that is usually called segment.
    """
    targets = {**match.roles, **match.inputs}
    if wanted:
        names = _split(wanted, headers)
        found = [_resolve(headers, targets, name) for name in names]
        for name, header in zip(names, found, strict=True):
            if header is None:
                raise no_such(f"{source}: --segment-by", name, (*headers, *targets))
        return tuple(dict.fromkeys(header for header in found if header is not None))
    found = [_resolve(headers, targets, name) for name in model.segment_by]
    if found and all(header is not None for header in found):
        return tuple(dict.fromkeys(str(header) for header in found))
    return (match.roles["segment"],) if "segment" in match.roles else ()


def segment_column(model: ScoreModel, columns: Sequence[pd.Series], names: Sequence[str], source: str) -> np.ndarray:
    """Return the segment of each account as texts; several columns are joined by " / ".

    Raises:
        AccountsError: there are more than 100 different segments.
    """
    parts = [_unified(texts(column, collapse=True).values, ()) for column in columns]
    joined = parts[0] if len(parts) == 1 else _joined(parts)
    segments = _unified(joined, [segment.name for segment in model.segments])
    count = len(pd.unique(segments))
    if count > SEGMENT_LIMIT:
        what = " and ".join(repr(name) for name in names)
        raise AccountsError(
            f"{source}: {what} gives {count:,} different segments; choose a column with fewer with --segment-by "
            f"({SEGMENT_LIMIT} at most)"
        )
    return segments


def _split(wanted: str | Sequence[str], headers: Sequence[str]) -> list[str]:
    """Cut `size,stage` at its commas, unless a header is written like that."""
    if not isinstance(wanted, str):
        return [str(name) for name in wanted]
    if find_header(headers, wanted.strip()) is not None:
        return [wanted.strip()]
    return [name.strip() for name in wanted.split(",") if name.strip()] or [wanted]


def _resolve(headers: Sequence[str], targets: Mapping[str, str], name: str) -> str | None:
    header = find_header(headers, name)
    if header is not None:
        return header
    target = find_header(targets, name)
    return None if target is None else targets[target]


def _joined(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Join the parts of each account; where all are blank, the account is simply without a segment."""
    everywhere = np.logical_and.reduce([part == UNSEGMENTED for part in parts])
    joined = parts[0]
    for part in parts[1:]:
        joined = joined + SEGMENT_JOINT + part
    joined[everywhere] = UNSEGMENTED
    return joined


def _unified(values: np.ndarray, preferred: Iterable[str]) -> np.ndarray:
    """Give every spelling of one name the preferred one: the model's, else the most frequent, else the first seen."""
    codes, found = pd.factorize(values)
    counts = np.bincount(codes[codes >= 0], minlength=len(found))
    best: dict[str, tuple[int, str]] = {}
    for text, count in zip(found, counts, strict=True):
        form = text.casefold()
        if form not in best or count > best[form][0]:
            best[form] = (int(count), text)
    model_spelling = {key(name): name for name in preferred}
    spelled = [model_spelling.get(key(text), best[text.casefold()][1]) for text in found]
    lookup = np.array([*spelled, UNSEGMENTED], dtype=object)
    return lookup[codes]
