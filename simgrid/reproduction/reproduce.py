"""START HERE: claims in, findings out, by way of the worlds that they need."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from simgrid.reproduction.claims import Claim
from simgrid.reproduction.compared import check, check_experiments
from simgrid.reproduction.evidence import Evidence, arms, compute, missing_runs, stored
from simgrid.reproduction.exhibits.catalogue import EXHIBITS
from simgrid.reproduction.exhibits.exhibit import Exhibit, metrics_needed, worlds_needed
from simgrid.reproduction.experiments import Worlds
from simgrid.reproduction.finding import Finding
from simgrid.reproduction.findings import findings
from simgrid.reproduction.parts import Part, metrics_for, needed_for, parts_of
from simgrid.reproduction.watching import Watch
from simgrid.scenario import shipped
from simgrid.scenario.problems import did_you_mean

Way: TypeAlias = Literal["quick", "full", "cached"]
"""How it is asked: few worlds, all of them, or none but the stored."""


class NoSuchItem(ValueError):
    """An item that is neither a claim nor an experiment nor an exhibit."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The parts to be shown, all parts of their experiments, and exhibits.

    Only worlds that the shown parts rest on are asked; of these, what any part of the experiment measures.
    ``named``: somebody asked for just these, so worlds on which no claim rests are computed too.
    """

    shown: tuple[Part, ...]
    parts: tuple[Part, ...]
    exhibits: tuple[Exhibit, ...] = ()
    named: bool = False

    @property
    def worlds(self) -> tuple[Worlds, ...]:
        """All worlds that answer them, each once; those whose scenario there is."""
        of_parts = _worlds_of(needed_for(self.shown, self.parts))
        needed = {**worlds_needed(self.exhibits), **of_parts}
        ordered = dict.fromkeys([*of_parts, *needed])
        return tuple(needed[name] for name in ordered if shipped(needed[name].scenario) is not None)

    def count(self, worlds: Worlds, way: Way) -> int:
        """How many of these worlds are computed; 0 for those that are shown as stored."""
        if way == "cached" or not (self.named or worlds.name in self._of_claims()):
            return 0
        return worlds.count(way)

    def left_out(self) -> tuple[Worlds, ...]:
        """What --full would compute if it were named: worlds on which exhibits rest and no claim does."""
        return tuple(one for one in self.worlds if not self.count(one, "full") and one.count("full"))

    def _of_claims(self) -> AbstractSet[str]:
        return _worlds_of(needed_for(self.shown, self.parts)).keys()

    def metrics(self, worlds: Worlds) -> tuple[str, ...]:
        """What has to be measured of these worlds, the claims' first."""
        of_claims = metrics_for(self.parts, worlds)
        return tuple(dict.fromkeys((*of_claims, *metrics_needed(self.exhibits, worlds.name))))


@dataclass(frozen=True, slots=True)
class Answered:
    """The findings in the order of the claims, and the evidence by the name of its worlds."""

    findings: tuple[Finding, ...]
    evidence: Mapping[str, Evidence]


def ask(claims: Sequence[Claim], items: Sequence[str], *, all_exhibits: bool = True) -> Asked:
    """What is meant, by the names of claims, of their experiments or of exhibits; all where none is named.

    Exhibits of the same worlds come with a claim; without ``all_exhibits`` no others do where none is named.
    :raises NoSuchItem: for every item that is none of these.
    :raises NothingToCompare: for claims whose experiment or reading nobody has.
    """
    known = [one for claim in claims for one in (claim.name, claim.experiment) if one]
    names = dict.fromkeys([*known, *(one.name for one in EXHIBITS)])
    wrong = [one for one in items if one not in names]
    if wrong:
        told = [
            f"'{one}' is no claim, no experiment and no exhibit; {did_you_mean(one, names)}" for one in wrong
        ]
        raise NoSuchItem("\n".join(told))
    meant = [claim for claim in claims if not items or claim.name in items or claim.experiment in items]
    families = {claim.experiment for claim in meant}
    related = [claim for claim in claims if claim in meant or claim.experiment in families - {""}]
    parts = tuple(part for claim in related for part in parts_of(claim))
    check_experiments(parts)
    shown = tuple(part for part in parts if part.claim in meant)
    simulated = _worlds_of(needed_for(shown, parts)).keys()
    whole = all_exhibits and not items
    exhibits = tuple(one for one in EXHIBITS if whole or one.name in items or _given(one, simulated))
    return Asked(shown, parts, exhibits, named=bool(items))


def _worlds_of(parts: Sequence[Part]) -> dict[str, Worlds]:
    return {part.worlds.name: part.worlds for part in parts if part.worlds is not None}


def _given(exhibit: Exhibit, simulated: AbstractSet[str]) -> bool:
    """Whether an exhibit costs nothing beside the worlds that are simulated anyway."""
    needed = worlds_needed((exhibit,)).keys()
    return bool(needed) and needed <= simulated


def cpu_minutes(asked: Asked, output: Path) -> float:
    """About how many minutes of one processor --full would still take."""
    seconds = 0.0
    for worlds in asked.worlds:
        if count := asked.count(worlds, "full"):
            missing, runs = missing_runs(worlds, count, output)
            seconds += worlds.cpu_s * count * missing / runs
    return seconds / 60.0


def reproduce(asked: Asked, way: Way, output: Path, jobs: int, watch: Watch) -> Answered:
    """The findings of what is asked, and the evidence for them and for the exhibits.

    ``output``: the parent of results folders, whose runs are used again; what is not computed is looked for
    there and then among the reference runs. Raises as ``simgrid.reproduction.evidence.compute``, and before
    anything is computed as ``simgrid.reproduction.compared.check``.
    """
    if way != "cached":
        _check_before(asked)
    found: dict[str, Evidence] = {}
    for worlds in asked.worlds:
        count = asked.count(worlds, way)
        if count:
            found[worlds.name] = compute(worlds, count, asked.metrics(worlds), output, jobs, watch)
            continue
        of_claims = metrics_for(asked.parts, worlds)
        kept = stored(worlds, output, asked.metrics(worlds)) or stored(worlds, output, of_claims)
        if kept is not None:
            found[worlds.name] = kept
    made = dict(zip(map(id, asked.parts), findings(asked.parts, found), strict=True))
    return Answered(tuple(made[id(part)] for part in asked.shown), found)


def _check_before(asked: Asked) -> None:
    """That claims name what their worlds have, as far as the scenarios tell."""
    simulated = {one.name: arms(one) for one in asked.worlds if one.kind == "measured"}
    check(
        [
            (part, simulated[part.worlds.name])
            for part in asked.parts
            if part.worlds is not None and part.worlds.name in simulated
        ]
    )


def minutes_said(cpu: float, jobs: int) -> str:
    """``about 25 minutes with 2 workers``."""
    minutes = math.ceil(cpu / jobs)
    return f"about {minutes} minute{'s' * (minutes != 1)} with {jobs} worker{'s' * (jobs != 1)}"
