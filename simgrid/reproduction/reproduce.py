"""START HERE: claims in, findings out, by way of the worlds that they need."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from simgrid.reproduction.claims import Claim
from simgrid.reproduction.evidence import Evidence, Watch, compute, missing_runs, stored
from simgrid.reproduction.experiments import Worlds
from simgrid.reproduction.finding import Finding
from simgrid.reproduction.findings import findings
from simgrid.reproduction.parts import Part, metrics_for, parts_of
from simgrid.scenario import shipped
from simgrid.scenario.problems import did_you_mean

Way: TypeAlias = Literal["quick", "full", "cached"]
"""How it is asked: few worlds, all of them, or none but the stored."""


class NoSuchItem(ValueError):
    """An item that is neither a claim nor an experiment."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The parts that are to be shown, and all parts of their experiments, which are corrected together."""

    shown: tuple[Part, ...]
    parts: tuple[Part, ...]

    @property
    def worlds(self) -> tuple[Worlds, ...]:
        """All worlds that answer them, each once; those whose scenario there is."""
        needed = dict.fromkeys(part.worlds.name for part in self.parts if part.worlds is not None)
        by_name = {part.worlds.name: part.worlds for part in self.parts if part.worlds is not None}
        return tuple(by_name[name] for name in needed if shipped(by_name[name].scenario) is not None)


def ask(claims: Sequence[Claim], items: Sequence[str]) -> Asked:
    """The claims that are meant, by their names or by their experiments'; all where none is named.

    :raises NoSuchItem: for every item that is neither.
    """
    names = dict.fromkeys(one for claim in claims for one in (claim.name, claim.experiment) if one)
    wrong = [one for one in items if one not in names]
    if wrong:
        told = [f"'{one}' is no claim and no experiment; {did_you_mean(one, names)}" for one in wrong]
        raise NoSuchItem("\n".join(told))
    meant = [claim for claim in claims if not items or claim.name in items or claim.experiment in items]
    families = {claim.experiment for claim in meant}
    related = [claim for claim in claims if claim in meant or claim.experiment in families - {""}]
    parts = tuple(part for claim in related for part in parts_of(claim))
    return Asked(tuple(part for part in parts if part.claim in meant), parts)


def cpu_minutes(asked: Asked, output: Path) -> float:
    """About how many minutes of one processor --full would still take."""
    seconds = 0.0
    for worlds in asked.worlds:
        missing, runs = missing_runs(worlds, worlds.full, output)
        seconds += worlds.cpu_s * worlds.full * missing / runs
    return seconds / 60.0


def reproduce(asked: Asked, way: Way, output: Path, jobs: int, watch: Watch) -> tuple[Finding, ...]:
    """The findings of what is asked, in the order of the claims.

    ``output``: the parent of results folders, whose runs are used again; what is not computed is looked for
    there and then among the reference runs. Raises as
    ``simgrid.reproduction.evidence.compute``.
    """
    found: dict[str, Evidence] = {}
    for worlds in asked.worlds:
        count = 0 if way == "cached" else worlds.count(way)
        metrics = metrics_for(asked.parts, worlds)
        if count:
            found[worlds.name] = compute(worlds, count, metrics, output, jobs, watch)
            continue
        kept = stored(worlds, output, metrics)
        if kept is not None:
            found[worlds.name] = kept
    made = dict(zip(map(id, asked.parts), findings(asked.parts, found), strict=True))
    return tuple(made[id(part)] for part in asked.shown)


def minutes_said(cpu: float, jobs: int) -> str:
    """``about 25 minutes with 2 workers``."""
    minutes = math.ceil(cpu / jobs)
    return f"about {minutes} minute{'s' * (minutes != 1)} with {jobs} worker{'s' * (jobs != 1)}"
