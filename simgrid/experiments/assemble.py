"""The one place that introduces the simulation, the workload, the policies and the gates to each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from simgrid.domain.decision import Team
from simgrid.domain.journal import Journal
from simgrid.domain.observer import Observer, unheard
from simgrid.domain.scenario import PolicyChoice, Scenario
from simgrid.experiments import workloads
from simgrid.experiments.believing import believed
from simgrid.experiments.calendar_times import in_rostered_time
from simgrid.experiments.draw import draw_world
from simgrid.experiments.learning import learning_of
from simgrid.experiments.setting import Setting, fit_of
from simgrid.experiments.taking_up import taken_up
from simgrid.metrics import ALL, Measurement, audit, evaluate, hours
from simgrid.policies import registry
from simgrid.quality import gates
from simgrid.rating import Ontology
from simgrid.simulation import NOBODY, Deciders, Fit, run
from simgrid.workload.synthetic import draw_retrievals


class ModelFailed(RuntimeError):
    """A run broke a law that every run must keep (conservation, causality, Little's identity)."""


def run_once(
    scenario: Scenario, policy: PolicyChoice, replication: int, told: Callable[[float], None] = unheard
) -> tuple[Measurement, ...]:
    """Simulate one replication under one policy and measure it; ``told`` hears how far it is."""
    scenario = scenario.of(replication)
    journal = run_journal(scenario, policy, replication, Observer(told))
    kept = {ALL, *scenario.groups}
    measured = evaluate(journal, scenario.discrepancy, scenario.lookup_factor, scenario.targets)
    if hours.DIMENSION in kept:
        measured += hours.measure(journal, scenario.start)
    return tuple(one for one in measured if one.group.partition("=")[0] in kept)


def run_journal(
    scenario: Scenario, policy: PolicyChoice, replication: int, observer: Observer = NOBODY
) -> Journal:
    """Simulate one replication under one policy.

    Raises ``ModelFailed`` when the run breaks a law of the model.
    """
    scenario = scenario.of(replication)
    return run_setting(scenario, setting_of(scenario, replication), policy, replication, observer)


def run_setting(
    scenario: Scenario,
    setting: Setting,
    policy: PolicyChoice,
    replication: int,
    observer: Observer = NOBODY,
) -> Journal:
    """As ``run_journal``, in a setting that was drawn (or changed) before."""
    scenario = scenario.of(replication)
    decider = registry.make(policy, setting.team, setting.ontology)
    deciders = Deciders(
        team=setting.team,
        policy=decider,
        timing=registry.timing(policy),
        gate=gates.make(scenario.gate),
        learning=learning_of(scenario, setting, policy, decider, replication),
    )
    journal = run(
        setting.world,
        setting.inspections,
        setting.retrievals,
        deciders,
        setting.fit,
        setting.studies,
        setting.priors,
        observer=observer,
    )
    units = setting.world.units
    broken = audit.problems(
        journal,
        [unit.workstations for unit in units],
        [unit.monitors.count if unit.monitors else 0 for unit in units],
    )
    if broken:
        where = f"{scenario.name}, {policy.label}, replication {replication}"
        raise ModelFailed("\n".join([f"{where}: the run broke a law of the model", *broken]))
    return journal


def setting_of(scenario: Scenario, replication: int) -> Setting:
    """Draw the replication's world and workload; the last few are kept, since policies share them."""
    scenario = scenario.of(replication)
    key = (scenario.canonical, tuple(sorted(scenario.inputs.items())), scenario.seed, replication)
    if not scenario.canonical:
        return _draw(scenario, replication)
    found = _RECENT.get(key)
    if found is None:
        # Before the next is drawn: two of millions of inspections at once would fill the memory.
        while len(_RECENT) >= _KEPT or _held() > _MOST_HELD:
            _RECENT.pop(next(iter(_RECENT)))
        found = _RECENT[key] = _draw(scenario, replication)
    return found


def _held() -> int:
    return sum(len(one.inspections) for one in _RECENT.values())


_KEPT = 4
_MOST_HELD = 200_000
"""Inspections of all that are kept."""
_RECENT: dict[tuple[object, ...], Setting] = {}


def _draw(scenario: Scenario, replication: int) -> Setting:
    ontology = ontology_of(scenario)
    conditions = tuple(condition.name for condition in ontology.conditions)
    world = draw_world(scenario, replication, conditions)
    if scenario.belief is not None:
        mined = believed(scenario, scenario.belief, replication, ontology, run_journal)
        limit = world.workload_limit
        if limit.share == "mined":
            limit = replace(limit, mined=mined.workload_min)
        world = replace(world, belief=mined.profiles, workload_limit=limit)
    inspections = workloads.draw(scenario, replication)
    if not scenario.demand.off_hours:
        inspections = in_rostered_time(inspections, world)
    retrievals = draw_retrievals(scenario.clients, scenario.horizon_s, scenario.seed, replication)
    studies = workloads.draw_studies(scenario, inspections, replication)
    priors = workloads.draw_prior_studies(scenario, inspections, studies, replication)
    if scenario.start_from is not None:
        drawn = inspections, studies, retrievals
        inspections, studies, retrievals = taken_up(scenario, scenario.start_from, replication, drawn)
        world = replace(world, backlog=scenario.start_from)
    team = Team.of(
        scenario.radiologists,
        world.belief,
        {unit.name: unit.monitor_megapixels for unit in scenario.units},
        inspections.kinds,
        shared_monitors={unit.name: unit.shared_megapixels for unit in scenario.units},
        storage_factor=scenario.storage_factor,
        transfer_limit_s=scenario.transfer_limit_s,
    )
    return Setting(
        world=world,
        inspections=inspections,
        studies=studies,
        retrievals=retrievals,
        team=team,
        ontology=ontology,
        fit=Fit(fit_of(ontology, team, world.truth), fit_of(ontology, team, world.belief)),
        priors=priors,
    )


def ontology_of(scenario: Scenario) -> Ontology:
    """The scenario's own tree, or the one that travels with simgrid."""
    return _default_ontology() if scenario.ontology is None else Ontology.from_mapping(scenario.ontology)


@lru_cache(maxsize=1)
def _default_ontology() -> Ontology:
    return Ontology.default()
