"""Caches, the Redundancy Service and the Grid Index as the domain knows them, held against the places."""

from __future__ import annotations

from simgrid.domain.copies import CacheRules, IndexRules, Redundancy
from simgrid.scenario.findings import Findings
from simgrid.scenario.people import DATA_CENTRE
from simgrid.scenario.problems import did_you_mean
from simgrid.scenario.schema import ScenarioSpec
from simgrid.scenario.schema_copies import CacheSpec, IndexSpec, RedundancySpec

MOST_KEPT_FREE = 0.5
_REDUNDANCY = ("grid", "redundancy")


def build_cache(spec: CacheSpec | None) -> CacheRules | None:
    """A place's cache, None where it keeps nothing."""
    if spec is None:
        return None
    return CacheRules(spec.size, spec.rule, float("inf") if spec.ttl is None else spec.ttl)


def build_index(spec: IndexSpec | None) -> IndexRules | None:
    """The Grid Index, None where it is off."""
    return None if spec is None else IndexRules(spec.push)


def build_redundancy(spec: ScenarioSpec, findings: Findings) -> Redundancy | None:
    """The Redundancy Service, None where it is off; its places are checked into ``findings``."""
    asked = spec.grid.redundancy
    if asked is None:
        return None
    _check_archives(asked, spec, findings)
    if asked.copies > len(asked.archives):
        message = f"{asked.copies} durable copies cannot lie in {_counted(len(asked.archives))}"
        findings.add("E107", (*_REDUNDANCY, "copies"), message, "name more archives, or ask for fewer copies")
    if asked.keep_free > MOST_KEPT_FREE:
        message = f"{100 * asked.keep_free:g} % is out of range"
        way_out = "deleting goes on until twice as much is free: give at most 50 %"
        findings.add("E107", (*_REDUNDANCY, "keep_free"), message, way_out)
    return Redundancy(asked.copies, asked.archives, asked.source, asked.delete, asked.keep_free)


def _counted(archives: int) -> str:
    return "1 archive" if archives == 1 else f"{archives} archives"


def _check_archives(asked: RedundancySpec, spec: ScenarioSpec, findings: Findings) -> None:
    known = [DATA_CENTRE, *spec.sites]
    for number, name in enumerate(asked.archives):
        path = (*_REDUNDANCY, "archives", number)
        if name not in known:
            way_out = did_you_mean(name, known, "archives are the data centre and sites:")
            findings.add("E201", path, f"no site is called '{name}'", way_out)
        elif name in asked.archives[:number]:
            findings.add("E202", path, f"'{name}' stands twice", "keep one")
        elif name in spec.sites and spec.sites[name].cache is not None:
            message = f"'{name}' is an archive and keeps everything"
            way_out = "leave its cache out, or take it off grid.redundancy.archives"
            findings.add("E202", ("sites", name, "cache"), message, way_out)
    if DATA_CENTRE not in asked.archives:
        message = f"'{DATA_CENTRE}' is missing"
        way_out = f"every study is uploaded there: add {DATA_CENTRE} to the list"
        findings.add("E102", (*_REDUNDANCY, "archives"), message, way_out)
