"""From an export to `Accounts`: match the columns, type each one, say what was noticed.

One way through: file → raw table → matched columns → typed columns → one frame. A frame from memory joins at the second
step, so both take the very same rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from healthscore.accounts.columns import ROLE_TYPES, ColumnMatch, match_columns
from healthscore.accounts.dates import ORDERS, DateOrder
from healthscore.accounts.duplicates import all_differ, find_duplicates
from healthscore.accounts.files import read_table
from healthscore.accounts.layout import RawTable, table_from_frame
from healthscore.accounts.log import Log
from healthscore.accounts.result import Accounts
from healthscore.accounts.segments import segment_column, segment_headers
from healthscore.accounts.texts import plural
from healthscore.accounts.typed import categories, check_rating, extra, filled, identifiers, names, typed
from healthscore.errors import AccountsError
from healthscore.model.parts import Metric
from healthscore.model.schema import ScoreModel
from healthscore.model.vocabulary import EVERYONE, InputType
from healthscore.names import key, unique


def read_accounts(
    path: str | Path,
    model: ScoreModel,
    *,
    mapping: Mapping[str, str] | None = None,
    dates: DateOrder | None = None,
    segment_by: str | Sequence[str] | None = None,
    sheet: str | None = None,
) -> Accounts:
    """Read an export of customer accounts.

    Args:
        path: CSV in any common encoding and dialect, a workbook or a Parquet file.
        model: says which columns are inputs, and of which type.
        mapping: {header of the export: role or model column}, over any match by name.
        dates: whether the day ("dmy") or the month ("mdy") stands first where a column does not settle it.
        segment_by: header, model column or role to segment by; several separated by commas.
        sheet: the workbook's sheet; the first with data when None.

    Raises:
        AccountsError: the file cannot be used as it is; the message is one line that says what to do.
    """
    return _accounts(read_table(path, sheet), model, mapping, dates, segment_by)


def accounts_from_frame(
    frame: pd.DataFrame,
    model: ScoreModel,
    *,
    mapping: Mapping[str, str] | None = None,
    dates: DateOrder | None = None,
    segment_by: str | Sequence[str] | None = None,
    source: str = "",
) -> Accounts:
    """Read accounts from a frame as `read_accounts` reads them from a file; the header counts as row 1."""
    return _accounts(table_from_frame(frame, source), model, mapping, dates, segment_by)


def _accounts(
    table: RawTable,
    model: ScoreModel,
    mapping: Mapping[str, str] | None,
    order: DateOrder | None,
    segment_by: str | Sequence[str] | None,
) -> Accounts:
    if order is not None and order not in ORDERS:
        raise AccountsError(f"--dates {order}: give dmy (day first) or mdy (month first)")
    match = match_columns(model, table.headers, mapping)
    log = Log(table.rows, table.findings)
    columns = {header: table.cells.iloc[:, number] for number, header in enumerate(table.headers)}
    segments = segment_headers(model, table.headers, match, segment_by, table.source)
    frame = _identity(columns, match, log, len(table.rows))
    log.accounts = frame["account"]
    unusable: dict[str, dict[int, str]] = {}
    readers = _Readers(model, match=match, columns=columns, log=log, source=table.source, order=order)
    for role in ("owner", "stage", "region", "value", "renewal"):
        frame[role], unusable[role] = readers.role(role)
    frame["segment"] = _segments(model, columns, segments, table)
    readers.check_segment(frame["segment"])
    kinds = model.input_columns()
    for name, kind in kinds.items():
        if name not in match.bound:
            frame[name], unusable[name] = readers.input(name, kind)
    missing = tuple(name for name in kinds if name not in match.inputs and not _always(match.bound.get(name), segments))
    carried = _carried(table.headers, match, segments)
    extras = unique([*frame, *carried])[len(frame) :]
    for header, name in zip(carried, extras, strict=True):
        frame[name] = extra(columns[header], header, log)
    differ = all_differ(frame["id"])
    if not differ:
        _note_case(frame["id"], log)
    return Accounts(
        frame=_assembled(frame),
        bound=match.bound,
        missing_inputs=missing,
        extras=tuple(extras),
        unusable={name: cells for name, cells in unusable.items() if cells},
        rows=table.rows,
        findings=tuple(log.findings),
        duplicates=() if differ else find_duplicates(frame["id"], table.rows),
        source=Path(table.source).name,
        segment_columns=segments,
    )


def _always(role: str | None, segments: Sequence[str]) -> bool:
    """Some roles have values even where the export has no column for them."""
    return role in ("id", "account") or (role == "segment" and bool(segments))


def _assembled(columns: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Make the frame; texts stay object columns under every version of pandas."""
    series = {name: pd.Series(values, dtype=values.dtype, copy=False) for name, values in columns.items()}
    return pd.DataFrame(series, copy=False)


def _identity(columns: Mapping[str, pd.Series], match: ColumnMatch, log: Log, count: int) -> dict[str, np.ndarray]:
    """Return id and account of every row; each stands in for the other, and the row number for both."""
    id_header, name_header = match.roles.get("id"), match.roles.get("account")
    accounts = names(columns[name_header], name_header, log) if name_header is not None else None
    if id_header is not None:
        ids = identifiers(columns[id_header], id_header, log)
    elif accounts is not None:
        log.column(str(name_header), "the export has no column with ids", "the names of the accounts are their ids")
        ids = accounts.copy()
    else:
        log.column("", "the export has no column with ids or names", "the row number stands for both: Row 2, Row 3, …")
        ids = np.full(count, None, dtype=object)
    blank = np.flatnonzero(pd.isna(ids))
    if len(blank):
        ids = ids.copy()
        ids[blank] = [f"Row {row}" for row in log.rows[blank]]
    if accounts is None:
        accounts = ids
    unnamed = np.flatnonzero(pd.isna(accounts))
    if len(unnamed):
        accounts = accounts.copy()
        accounts[unnamed] = ids[unnamed]
        log.column(
            str(name_header),
            f"{plural(len(unnamed), 'account')} without a name",
            "the id stands there",
            place=unnamed[0],
        )
    if len(blank) and (id_header or name_header):
        log.accounts = accounts
        header = str(id_header or name_header)
        log.cells(header, {int(place): "(blank)" for place in blank}, "the row number is its id")
    return {"id": ids, "account": accounts}


def _segments(
    model: ScoreModel, columns: Mapping[str, pd.Series], headers: Sequence[str], table: RawTable
) -> np.ndarray:
    if not headers:
        return np.full(len(table.rows), EVERYONE, dtype=object)
    return segment_column(model, [columns[header] for header in headers], headers, table.source)


def _carried(headers: Sequence[str], match: ColumnMatch, segments: Sequence[str]) -> list[str]:
    """Return the headers to carry along: those without use, and a segment column that became no segment."""
    used = {header for role, header in match.roles.items() if role != "segment"}
    used |= {header for name, header in match.inputs.items() if match.bound.get(name) != "segment"}
    if len(segments) == 1:
        used.add(segments[0])
    return [header for header in headers if header not in used]


def _note_case(ids: np.ndarray, log: Log) -> None:
    """Excel finds `AB1` when it looks for `ab1`; ids that differ in case only are told apart here, not there."""
    column = pd.Series(ids, dtype=object)
    lowered = column.str.lower()
    alike = lowered.duplicated(keep=False) & ~column.duplicated(keep=False)
    if alike.any():
        places = np.flatnonzero(alike.to_numpy())
        count = plural(len(places), "id")
        found = f"{count} that differ from another one in upper and lower case only, as {ids[places[0]]!r}"
        log.column("id", found, "kept apart; Excel's look-ups do not tell them apart", "warning", int(places[0]))


class _Readers:
    """Reads one column after the other with what all of them need."""

    def __init__(
        self,
        model: ScoreModel,
        *,
        match: ColumnMatch,
        columns: Mapping[str, pd.Series],
        log: Log,
        source: str,
        order: DateOrder | None,
    ) -> None:
        self.match, self.columns, self.log, self.source, self.order = match, columns, log, source, order
        self.metrics: dict[str, list[Metric]] = {}
        for metric in model.metrics:
            for name in metric.inputs:
                self.metrics.setdefault(key(name), []).append(metric)

    def role(self, role: str) -> tuple[np.ndarray, dict[int, str]]:
        """Read a role's column, with the metrics in mind that read it too."""
        metrics = [
            metric for name, bound in self.match.bound.items() if bound == role for metric in self._reading(name)
        ]
        return self._column(self.match.roles.get(role), ROLE_TYPES[role], metrics)

    def input(self, name: str, kind: InputType) -> tuple[np.ndarray, dict[int, str]]:
        """Read a model column; all missing where the export has none."""
        return self._column(self.match.inputs.get(name), kind, self._reading(name))

    def check_segment(self, segments: np.ndarray) -> None:
        """Report segments that are none of the choices of a metric which reads them."""
        for name, role in self.match.bound.items():
            for metric in self._reading(name):
                if role == "segment" and metric.choices:
                    categories(pd.Series(segments, dtype=object), name, self.log, metric)

    def _reading(self, name: str) -> list[Metric]:
        return self.metrics.get(key(name), [])

    def _column(self, header: str | None, kind: InputType, metrics: list[Metric]) -> tuple[np.ndarray, dict[int, str]]:
        if header is None:
            return _missing(kind, len(self.log.rows)), {}
        direct = [metric for metric in metrics if metric.value_kind == "column"]
        chooser = next((metric for metric in direct if metric.choices), None)
        place = f"{self.source or 'the accounts'}: column {header!r}"
        values, unusable = typed(
            self.columns[header], kind, header, self.log, place=place, order=self.order, metric=chooser
        )
        filler = next((metric for metric in metrics if metric.blank is not None), None)
        if filler is not None and kind == "number":
            values = filled(values, unusable, filler, header, self.log)
        for metric in direct:
            if metric.rating is not None:
                check_rating(values, metric, header, self.log)
        return values, unusable


def _missing(kind: InputType, count: int) -> np.ndarray:
    if kind == "category":
        return np.full(count, None, dtype=object)
    if kind == "date":
        return np.full(count, np.datetime64("NaT"), dtype="M8[s]")
    return np.full(count, np.nan)
