"""The score in Excel's language: one Jinja file per formula, each opening with the comment that explains it."""
