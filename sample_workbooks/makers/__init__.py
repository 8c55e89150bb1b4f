"""The makers of the sample accounts: one module per model, each with a `SAMPLE`; `make_accounts.py` writes them all."""

from makers import (
    four_components,
    journey,
    product_relationship,
    success_criteria,
    ten_signals,
    traffic_light,
    usage_rank,
)
from makers.common import Sample

SAMPLES: tuple[Sample, ...] = (
    journey.SAMPLE,
    traffic_light.SAMPLE,
    usage_rank.SAMPLE,
    product_relationship.SAMPLE,
    ten_signals.SAMPLE,
    four_components.SAMPLE,
    success_criteria.SAMPLE,
)

__all__ = ["SAMPLES", "Sample"]
