"""Measuring: each job in a process of its own, several rounds, one job after the other within a round.

This process imports nothing big, because a child's peak memory counts from what its parent held when it was started.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parent.parent
_KIBIBYTE = 1 if sys.platform == "darwin" else 1024  # ru_maxrss counts bytes on a Mac, KiB elsewhere


@dataclass(frozen=True)
class Job:
    """One thing to measure: a function of `benchmarks.jobs` and its arguments."""

    name: str
    arguments: tuple[str | int, ...] = ()


@dataclass(frozen=True)
class Measured:
    """Median and range of the seconds, highest peak memory in MB, and medians of what else the job said of itself."""

    seconds: float
    fastest: float
    slowest: float
    peak: float
    facts: dict[str, Any]


def run(job: Job) -> dict[str, Any]:
    """Run one job in a process of its own; return its `seconds`, `peak` in MB and facts."""
    command = [sys.executable, "-m", "benchmarks.jobs", job.name, *map(str, job.arguments)]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"benchmark job {' '.join(command[3:])} failed:\n{done.stderr}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def measure(jobs: Sequence[Job], runs: int, progress: Callable[[str], None]) -> list[Measured]:
    """Measure jobs in rounds, so that a busy minute of the machine falls on all of them alike."""
    results: list[list[dict[str, Any]]] = [[] for _ in jobs]
    for number in range(1, runs + 1):
        for job, found in zip(jobs, results, strict=True):
            progress(f"run {number} of {runs}: {job.name.replace('_', ' ')} {' '.join(map(_short, job.arguments))}")
            found.append(run(job))
    return [_summary(found) for found in results]


def _short(argument: str | int) -> str:
    return Path(str(argument)).name


def _summary(found: list[dict[str, Any]]) -> Measured:
    seconds = [one["seconds"] for one in found]
    facts = {name: statistics.median(one[name] for one in found) for name in found[0]}
    return Measured(facts["seconds"], min(seconds), max(seconds), max(one["peak"] for one in found), facts)


def peak_memory(children: bool = False) -> float:
    """Return the most memory that this process (or the biggest of its children) has held, in MB of 10⁶ bytes."""
    who = resource.RUSAGE_CHILDREN if children else resource.RUSAGE_SELF
    return resource.getrusage(who).ru_maxrss * _KIBIBYTE / 1e6


def children_seconds() -> float:
    """Return the processor time that this process's children have used, which a busy machine changes little."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
