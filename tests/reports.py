"""Studies for the tests of reports: invented values on a grid of inputs, and hostile names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np

from simgrid.domain.targets import Target
from simgrid.experiments.study import Column, Design, Study
from simgrid.presentation.board.given import Given

HOSTILE = (
    "<script>alert(1)</script>",
    "</title></style><img src=x onerror=alert(1)>",
    "\"' onmouseover='alert(1)",
    "\u202egnp.exe",
    "-->]]><!--",
)
URGENT = Target("urgent", "all", "response_time_success", 0.95, "higher", "share", 3600.0)
TAIL = Target("tail", "all", "tat_p95_min", 120.0, "lower", "metric")

Value = Callable[[tuple[int, ...], int], Sequence[float]]
"""Levels of a cell and a replication to the value of each column."""


def invented(
    inputs: dict[str, Sequence[str]],
    value: Value,
    *,
    columns: Sequence[Column] = (
        Column("all", "target.urgent", "1"),
        Column("all", "target.tail", "min"),
    ),
    policies: Sequence[str] = ("rwoa",),
    replications: int = 6,
    title: str = "An invented study",
) -> Study:
    """A full grid of inputs in which every policy has the same values."""
    points = list(product(*inputs.values()))
    levels = list(product(*(range(len(one)) for one in inputs.values())))
    design = Design(
        "invented", title, tuple(inputs), tuple(points), tuple(policies), policies[-1], replications, 1,
        ("response_time_success",), (),
    )  # fmt: skip
    values = np.array(
        [
            [[[*value(at, replication)] for replication in range(replications)] for _ in policies]
            for at in levels
        ],
        dtype=np.float64,
    )
    keys = tuple(
        tuple(tuple(f"{c}-{p}-{r}" for r in range(replications)) for p in range(len(policies)))
        for c in range(len(points))
    )
    return Study(design, tuple(columns), values, keys)


def given(study: Study | None = None, **parts: object) -> Given:
    """A report's input that lies in no folder."""
    known: dict[str, object] = {"loaded": None, "plan": None, "stress": None, "manifests": (), "folders": ()}
    return Given(study=study, **(known | parts))  # type: ignore[arg-type]
