"""What a stress test costs, before it is computed: runs by part, and minutes once runs have been timed."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from statistics import median

from simgrid.experiments.receipts import Receipt
from simgrid.planning.extent import Extent
from simgrid.scenario.counts import many

TIMED = 50
"""Of so many runs, the last, the median counts."""


def cost_sentence(one: Extent) -> str:
    """``at most 1,530 runs: 60 as deployed, 900 without ...``."""
    early = " or ".join(map(str, one.looks[:-1]))
    sooner = f" A state that is decided after {early} replications gets no more." if early else ""
    load = (
        f"{one.load:,} for {many(one.steps, 'step')} of the load, up to the first sure miss, "
        if one.steps
        else ""
    )
    return (
        f"{one.at_least:,} to {one.most:,} runs: {one.deployed:,} as deployed, up to {one.without:,} without "
        f"each of {one.things} things, up to {load}{one.outage:,} for the worst hour.{sooner}"
    )


def seconds_a_run(receipts: Sequence[Receipt]) -> float | None:
    """The median of the last runs of a folder; None before the first has been stored."""
    began = {one.run: one.at for one in receipts if one.event == "began"}
    spent = [
        (one.at - began[one.run]).total_seconds()
        for one in receipts
        if one.event == "stored" and one.run in began
    ]
    return median(spent[-TIMED:]) if spent else None


def minutes_sentence(one: Extent, done: int, seconds: float, jobs: int) -> str:
    """``about 12 to 51 minutes with 2 workers``, for what is not ``done``."""
    fewest, most = (
        max(1, ceil(max(runs - done, 0) * seconds / 60 / jobs)) for runs in (one.at_least, one.most)
    )
    span = f"{fewest} to {most}" if fewest < most else f"{most}"
    minutes = "minute" if most == 1 else "minutes"
    workers = f"{jobs} worker{'s' * (jobs != 1)}"
    return f"about {span} {minutes} with {workers}, at {seconds:.2g} s a run; what is finished is kept"
