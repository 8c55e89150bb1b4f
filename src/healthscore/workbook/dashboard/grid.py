"""The columns of `Dashboard`: where each block starts, for any number of bands."""

from __future__ import annotations

#: Steps of the score that the distribution counts: from, to.
BINS = tuple((start, 100 if start == 90 else start + 9) for start in range(0, 100, 10))


class Grid:
    """Columns: a margin, two halves of narrow columns for the tables, a wide one, each with a gap before it.

    Behind the page stands what charts and rankings are drawn from.
    """

    UNIT, WIDE, GAP = 11.3, 80.0, 2.0
    #: Columns behind the page that get a width: rankings first, then what charts and drags are made of.
    BEHIND = 24

    def __init__(self, signals: int) -> None:
        #: Columns of a half: a name of two columns, a figure per band and their total, or three and a figure per band.
        self.half = max(7, 3 + signals)
        self.left = 1
        self.middle = self.left + self.half + 1
        self.wide = self.middle + self.half + 1
        self.behind = self.wide + 2
        self.charts = self.behind + 9

    def widths(self) -> dict[int, float]:
        """Return the width of every column of the page."""
        found = dict.fromkeys(range(self.wide), self.UNIT)
        gaps = dict.fromkeys((0, self.middle - 1, self.wide - 1), self.GAP)
        return found | gaps | {self.wide: self.WIDE}
