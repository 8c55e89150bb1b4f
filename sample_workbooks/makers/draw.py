"""Random values that come out the same every time, on every machine and version of Python."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TypeVar

AS_OF = date(2026, 6, 30)
Choice = TypeVar("Choice")


class Draw:
    """Random values of one account in one sample; from `random()` only, which no version of Python changes."""

    def __init__(self, seed: str, name: str) -> None:
        self._random = random.Random(f"{seed}: {name}")

    def chance(self, probability: float) -> bool:
        """Return true with this probability."""
        return self._random.random() < probability

    def between(self, ends: tuple[float, float]) -> float:
        """Return a number between both ends."""
        return ends[0] + (ends[1] - ends[0]) * self._random.random()

    def whole(self, ends: tuple[float, float]) -> int:
        """Return a whole number between both ends."""
        return int(self.between(ends) + 0.5)

    def pick(self, options: Sequence[Choice]) -> Choice:
        """Return one of the options."""
        return options[int(self._random.random() * len(options))]

    def before(self, days: tuple[float, float]) -> str:
        """Return a date so many days before the as-of date."""
        return before(self.whole(days))


def before(days: int) -> str:
    """Return the date so many days before the as-of date; after it for a negative number."""
    return (AS_OF - timedelta(days=days)).isoformat()
