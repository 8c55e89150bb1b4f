"""The score: values, points, shares, coverage, rules, bands (DESIGN §2), vectorised over accounts."""

from healthscore.scoring.resolve import Resolved, SegmentTerms, resolve
from healthscore.scoring.score import PEOPLE_COLUMNS, Scores, score_frame

__all__ = ["PEOPLE_COLUMNS", "Resolved", "Scores", "SegmentTerms", "resolve", "score_frame"]
