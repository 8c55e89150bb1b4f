"""The score: values, points, shares, coverage, rules, bands (DESIGN §2), vectorised over accounts."""

from healthscore.scoring.overrides import PEOPLE_COLUMNS
from healthscore.scoring.resolve import Resolved, SegmentTerms, resolve
from healthscore.scoring.score import Scores, score_frame

__all__ = ["PEOPLE_COLUMNS", "Resolved", "Scores", "SegmentTerms", "resolve", "score_frame"]
