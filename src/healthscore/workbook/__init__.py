"""The workbook: plans of each sheet as plain data, and the writer that makes a file of them."""

from healthscore.workbook.book import plan_book
from healthscore.workbook.plan import Book
from healthscore.workbook.writer import write_book

__all__ = ["Book", "plan_book", "write_book"]
