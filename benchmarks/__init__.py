"""Figures that can be run again: `python -m benchmarks`. See README.md in this folder."""
