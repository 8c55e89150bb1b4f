"""Writing a planned workbook with XlsxWriter: the only module that knows how a file comes about."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import CellFormulaTuple

from healthscore import __version__
from healthscore.errors import OutputError, WorkbookError
from healthscore.output import whole_file
from healthscore.workbook.plan import Book, Formula, Highlight, Link, Scalar, Sheet, Spill, Table, Validation, letters
from healthscore.workbook.styles import FONT, RULE, TAB_COLORS, side, style
from healthscore.workbook.writing.block import BlockSheet
from healthscore.workbook.writing.charts import add_bars, add_chart
from healthscore.workbook.writing.plain_texts import PlainTextWorkbook

_TABLE_STYLE = "Table Style Light 1"
#: Defined names that start with this are parts of others.
HIDDEN_NAME = "_hs."
#: The longest formula that Excel takes, in characters.
_FORMULA_LIMIT = 8192
#: What every computed value is replaced by in a poisoned file; no formula of ours can give this.
POISON = "poison"


def write_book(book: Book, path: Path, *, force: bool = False, poison: bool = False) -> Path:
    """Write a planned workbook to a file, whole or not at all.

    Args:
        book: the plan.
        path: where to write; the folder must exist.
        force: overwrite an existing file.
        poison: write a wrong value beside every formula, so that tests see what an engine really computes.

    Returns:
        The path written.

    Raises:
        OutputError: the file exists and `force` is off, the folder is missing or not writable, or the disk is full.
    """
    with whole_file(path, force=force) as part:
        try:
            _write(book, part, poison)
        except xlsxwriter.exceptions.FileCreateError as error:
            raise OutputError(f"{path}: cannot be written ({error}); nothing was changed") from error
    return path


def _write(book: Book, path: Path, poison: bool) -> None:
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": False,
    }
    workbook = PlainTextWorkbook(str(path), options)
    workbook.set_properties(
        {"title": book.title, "comments": f"healthscore {__version__}, model version {book.version}"}
    )
    # A fixed date, so that the same input gives the same bytes.
    workbook.set_properties({**workbook.doc_properties, "created": dt.datetime(2000, 1, 1)})
    workbook.set_size(2400, 1400)
    workbook.set_calc_mode("auto")
    writer = _Writer(workbook, book.currency, poison)
    for name, reference in book.names.items():
        workbook.define_name(name, f"={reference}")
        if name.startswith(HIDDEN_NAME):
            # Name, sheet, formula, hidden: the Name Manager shows what people use, not what it is made of.
            workbook.defined_names[-1][3] = True
    sheets = [workbook.add_worksheet(sheet.name, BlockSheet) for sheet in book.sheets]
    for sheet, target in zip(book.sheets, sheets, strict=True):
        writer.sheet(sheet, target)
    sheets[0].activate()
    workbook.close()


class _Writer:
    def __init__(self, workbook: Any, currency: str, poison: bool) -> None:
        self.workbook, self.currency, self.poison = workbook, currency, poison
        self.formats: dict[str, Any] = {}

    def format(self, word: str, *, ruled: bool = False) -> Any:
        """Return the workbook's format for a word, made once; `ruled` with the hairline that parts rows of a table."""
        key = f"{word}, ruled" if ruled else word
        if key not in self.formats:
            look = style(word, self.currency)
            self.formats[key] = self.workbook.add_format({**RULE, **look} if ruled else look)
        return self.formats[key]

    def sheet(self, plan: Sheet, sheet: Any) -> None:
        for col, width in sorted(plan.widths.items()):
            options = {"level": width.level, "hidden": width.hidden, "collapsed": width.collapsed}
            sheet.set_column(col, col, width.chars, None, options)
        for row, height in sorted(plan.heights.items()):
            options = {"level": height.level, "hidden": height.hidden, "collapsed": height.collapsed}
            sheet.set_row(row, height.points, None, options)
        for cell in plan.cells:
            self._cell(sheet, cell.row, cell.col, cell.value, self.format(cell.style))
        for table in plan.tables:
            self._table(sheet, table)
        for note in plan.comments:
            sheet.write_comment(note.row, note.col, note.text, {"author": note.author} if note.author else {})
        for validation in plan.validations:
            _validate(sheet, validation)
        for highlight in plan.highlights:
            self._highlight(sheet, highlight)
        for bars in plan.bars:
            add_bars(sheet, bars)
        for chart in plan.charts:
            add_chart(self.workbook, sheet, chart)
        self._page(plan, sheet)

    def _cell(self, sheet: Any, row: int, col: int, value: Scalar | Formula | Link | Spill, form: Any) -> None:
        if isinstance(value, Spill):
            self._spill(sheet, row, col, value, form)
        elif isinstance(value, Formula):
            # Straight into the sheet's store: our formulas need none of the rewriting that write_formula does.
            cached: Any = POISON if self.poison else _cached(value.value)
            sheet._check_dimensions(row, col)
            sheet.table[row][col] = CellFormulaTuple(value.text, form, cached)
        elif isinstance(value, Link):
            sheet.write_url(row, col, f"internal:{value.place}", form, value.text)
        elif value is None or value == "":
            sheet.write_blank(row, col, None, form)
        elif isinstance(value, bool):
            sheet.write_boolean(row, col, value, form)
        elif isinstance(value, (int, float)):
            sheet.write_number(row, col, value, form)
        elif isinstance(value, dt.date):
            sheet.write_datetime(row, col, value, form)
        else:
            sheet.write_string(row, col, value, form)

    def _spill(self, sheet: Any, row: int, col: int, value: Spill, form: Any) -> None:
        values = [POISON if self.poison else _cached(one) for one in value.values] or [""]
        sheet.write_dynamic_array_formula(row, col, row + len(values) - 1, col, f"={value.text}", form, values[0])
        for number, one in enumerate(values[1:], start=row + 1):
            sheet.write(number, col, one, form)

    def _table(self, sheet: Any, plan: Table) -> None:
        if not plan.name:
            sheet.add_block(plan, [self.format(column.style) for column in plan.columns], self.poison)
            return
        columns = [
            {"header": column.header, "header_format": self.format(f"{column.header_style}{side(column.style)}")}
            for column in plan.columns
        ]
        last = plan.col + len(plan.columns) - 1
        options = {
            "name": plan.name,
            "columns": columns,
            "autofilter": plan.filter,
            "style": _TABLE_STYLE,
            "banded_rows": False,
        }
        # One data row for XlsxWriter, which would make an object for every cell; the range is then set to all of them.
        sheet.add_table(plan.row, plan.col, plan.row + 1, last, options)
        table = sheet.tables[-1]
        first_last = f"{letters(plan.col)}{plan.row + 1}:{letters(last)}{plan.row + 1 + plan.rows}"
        table["range"] = table["a_range"] = first_last
        if plan.filter:
            table["autofilter"] = first_last
        for column, written in zip(plan.columns, table["columns"], strict=True):
            written["formula"] = _short_enough(column.formula or "", column.header)
        sheet.add_block(plan, [self.format(column.style, ruled=True) for column in plan.columns], self.poison)

    def _highlight(self, sheet: Any, plan: Highlight) -> None:
        look = {
            name: value
            for name, value in style(plan.style).items()
            if name in ("bg_color", "font_color", "bold", "font_strikeout")
        }
        key = f"highlight:{plan.style}"
        if key not in self.formats:
            self.formats[key] = self.workbook.add_format(look)
        options = {"type": "formula", "criteria": f"={plan.formula}", "format": self.formats[key], "stop_if_true": True}
        sheet.conditional_format(plan.first_row, plan.first_col, plan.last_row, plan.last_col, options)

    def _page(self, plan: Sheet, sheet: Any) -> None:
        sheet.set_tab_color(TAB_COLORS[plan.kind])
        if plan.hidden:
            sheet.hide()
        sheet.set_zoom(plan.zoom)
        sheet.set_selection(*plan.active, *plan.active)
        if not plan.gridlines:
            sheet.hide_gridlines(2)
        if plan.freeze:
            sheet.freeze_panes(*plan.freeze)
        if plan.repeat_rows:
            sheet.repeat_rows(*plan.repeat_rows)
        if plan.repeat_cols:
            sheet.repeat_columns(*plan.repeat_cols)
        if plan.print_area:
            sheet.print_area(*plan.print_area)
        sheet.set_landscape()
        sheet.set_paper(9)
        if plan.scale:
            sheet.set_print_scale(plan.scale)
            sheet.center_horizontally()
            sheet.set_h_pagebreaks(list(plan.breaks))
        else:
            sheet.fit_to_pages(*plan.pages)
        sheet.set_margins(0.4, 0.4, 0.5, 0.6)
        sheet.set_footer(f'&L&"{FONT}"&8&A&R&"{FONT}"&8Page &P of &N', {"scale_with_doc": False})


def _short_enough(text: str, header: str) -> str:
    if len(text) > _FORMULA_LIMIT:
        raise WorkbookError(
            f"the formula of {header!r} would have {len(text)} characters and Excel takes {_FORMULA_LIMIT}; "
            "use fewer rules or metrics in the model, or shorter names"
        )
    return text


def _cached(value: Scalar) -> Any:
    if value is None or value != value:  # noqa: PLR0124 (NaN)
        return ""
    if isinstance(value, bool):
        return value
    if isinstance(value, dt.date):
        return (value - dt.date(1899, 12, 30)).days
    return value


_UNBOUND = 1e15


def _validate(sheet: Any, plan: Validation) -> None:
    options: dict[str, Any] = {"input_title": plan.title[:32], "input_message": plan.prompt[:255]}
    if plan.kind == "list" and plan.source:
        source = f"={plan.source}" if isinstance(plan.source, str) else list(plan.source)
        options |= {
            "validate": "list",
            "source": source,
            "error_title": "Not on the list",
            "error_message": "Choose one from the list.",
        }
    elif plan.kind == "decimal":
        low = -_UNBOUND if plan.minimum is None else plan.minimum
        high = _UNBOUND if plan.maximum is None else plan.maximum
        options |= {"validate": "decimal", "criteria": "between", "minimum": low, "maximum": high}
        options |= {"error_title": "A number, please", "error_message": _range_message(plan)}
    elif plan.kind == "date":
        options |= {
            "validate": "date",
            "criteria": "between",
            "minimum": dt.date(1900, 3, 1),
            "maximum": dt.date(9999, 12, 31),
        }
        options |= {"error_title": "A date, please", "error_message": "Type a date, such as 2026-06-30."}
    else:
        options |= {"validate": "any"}
    if not plan.prompt:
        options.pop("input_title")
        options.pop("input_message")
    sheet.data_validation(plan.first_row, plan.first_col, plan.last_row, plan.last_col, options)


def _range_message(plan: Validation) -> str:
    if plan.minimum is not None and plan.maximum is not None:
        return f"Type a number from {plan.minimum:g} to {plan.maximum:g}."
    return "Type a number." if plan.minimum is None else f"Type a number, {plan.minimum:g} or more."
