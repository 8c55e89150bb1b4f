"""The sheet of a segment: its columns, their formulas, the strip above them, and the sheet as a whole."""
