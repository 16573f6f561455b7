"""From log and replications to one word for each kind of quantity, and where it differs most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from simgrid.reproduction.department.beside import FEWEST, Beside, Compared, Transfer
from simgrid.reproduction.verdicts import FEWEST_WORLDS, SINGLE_WORLDS
from simgrid.statistics.decisions import ERROR_RATE
from simgrid.statistics.one_among import one_among

Word: TypeAlias = Literal[
    "as in the log",
    "not as in the log",
    "possible",
    "too slow",
    "run more replications",
    "the log does not tell",
]
FEWEST_REPLICATIONS = round(1 / ERROR_RATE) - 1
"""Below, no difference whatever could be told: the p-value is never under 1 / (replications + 1)."""
MOST_TOO_LONG = 0.01
"""Share of images that may arrive after the log has them opened: clocks differ, and hands err."""


@dataclass(frozen=True, slots=True)
class Judged:
    """``p``: of the log being one more replication, all quantities together; NaN where none is told."""

    name: str
    word: Word
    p: float
    sentence: str

    @property
    def no(self) -> bool:
        """Whether the log contradicts the model."""
        return self.word in {"not as in the log", "too slow"}


@dataclass(frozen=True, slots=True)
class Place:
    """One quantity: the log's value among the replications, and the 2.5 to 97.5 % range of these."""

    label: str
    log: float
    mean: float
    low: float
    high: float

    @property
    def word(self) -> str:
        """Where the log's value lies."""
        if np.isnan(self.log) or np.isnan(self.low):
            return ""
        return "log is below" if self.log < self.low else "log is above" if self.log > self.high else "inside"


def judged(found: Beside) -> tuple[Judged, ...]:
    """A verdict on turnaround, wait, load and transfer."""
    return (*(_of(one) for one in found.kinds), _of_transfer(found.transfer))


def places(one: Compared) -> tuple[Place, ...]:
    """Every quantity of a kind."""
    enough = len(one.worlds) >= FEWEST_WORLDS and one.told
    made = []
    for column, label in enumerate(one.labels):
        worlds = one.worlds[:, column]
        low, high = (
            np.quantile(worlds, SINGLE_WORLDS, method="nearest").tolist() if enough else (np.nan, np.nan)
        )
        made.append(Place(label, float(one.log[column]), float(worlds.mean()), low, high))
    return tuple(made)


def _of(one: Compared) -> Judged:
    if not one.told:
        few = f"{one.rows} rows have {_NEEDS[one.name]}; {FEWEST} are needed"
        return Judged(one.name, "the log does not tell", np.nan, few)
    if len(one.worlds) < FEWEST_REPLICATIONS:
        enough = (
            f"{len(one.worlds)} replications tell nothing apart: at least {FEWEST_REPLICATIONS}, better 60"
        )
        return Judged(one.name, "run more replications", np.nan, enough)
    p = one_among(one.log, one.worlds)
    word: Word = "as in the log" if p > ERROR_RATE else "not as in the log"
    return Judged(one.name, word, p, _farthest(one))


_NEEDS = {
    "turnaround": "reported_at",
    "wait": "opened_at",
    "load": "opened_at, reported_at and assigned_to",
}


def _farthest(one: Compared) -> str:
    """The quantity that differs most for its spread."""
    together = np.vstack([one.worlds, one.log])
    with np.errstate(invalid="ignore"):
        spread = together.std(axis=0)
        away = np.abs(one.log - one.worlds.mean(axis=0))
        scaled = np.divide(away, spread, out=np.zeros_like(away), where=spread > 0)
    place = places(one)[int(np.nanargmax(np.nan_to_num(scaled)))]
    return (
        f"farthest at {place.label}: {place.log:.4g} {one.unit} in the log, "
        f"{place.mean:.4g} in the model ({place.low:.4g} to {place.high:.4g})"
    )


def _of_transfer(one: Transfer) -> Judged:
    if not len(one.opened_min):
        return Judged("transfer", "the log does not tell", np.nan, "no row has opened_at")
    share = float(one.too_long.mean())
    told = (
        f"the log has no times of transfer; {100 * share:.2g} % of its studies were opened sooner than "
        "their images travel in the model"
    )
    return Judged("transfer", "too slow" if share > MOST_TOO_LONG else "possible", np.nan, told)
