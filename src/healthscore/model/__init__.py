"""The scoring model: what a score is made of."""

from healthscore.model.load import DEFAULT_MODEL, load_model, model_from_data, parse_model, preset_names, preset_text
from healthscore.model.parts import Metric
from healthscore.model.schema import ScoreModel

__all__ = [
    "DEFAULT_MODEL",
    "Metric",
    "ScoreModel",
    "load_model",
    "model_from_data",
    "parse_model",
    "preset_names",
    "preset_text",
]
