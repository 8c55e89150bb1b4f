"""healthscore: an export of customer accounts and a scoring model in, a living Excel workbook out."""

__version__ = "0.1.0"
