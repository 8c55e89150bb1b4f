"""The weekly loop: a new export goes into a filled workbook; what people wrote stays, and nothing is lost."""

from healthscore.refresh.run import Refreshed, refresh

__all__ = ["Refreshed", "refresh"]
