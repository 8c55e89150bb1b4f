"""The workbook: plans of each sheet as plain data, and the writer that makes a file of them.

Names are imported when they are first asked for (PEP 562): the functions inside Excel read the model from its sheet by
`model_grid`, in places that have no XlsxWriter.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from healthscore.workbook.book import plan_book
    from healthscore.workbook.plan import Book
    from healthscore.workbook.writing.workbook import write_book

__all__ = ["Book", "plan_book", "write_book"]

_HOMES = {"Book": "plan", "plan_book": "book", "write_book": "writing.workbook"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
