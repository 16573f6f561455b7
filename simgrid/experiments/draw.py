"""Draw one world around what a scenario declares: true speeds and ratings, and what is believed of them.

Every draw belongs to a radiologist: adding one, or changing a policy, moves nobody else's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from statistics import fmean

import numpy as np

from simgrid.domain.events import Illness, absences, illnesses
from simgrid.domain.radiologist import Profile, Radiologist
from simgrid.domain.scenario import Scenario
from simgrid.domain.schedule import Roster
from simgrid.domain.units import FloatArray
from simgrid.domain.world import World
from simgrid.experiments.calendar_times import period_starts
from simgrid.experiments.draw_faults import drawn_events
from simgrid.network.recurring import recurring_limits
from simgrid.randomness import stream


def draw_world(scenario: Scenario, replication: int, conditions: tuple[str, ...]) -> World:
    """The world of one replication; ``conditions`` are the ontology's leaves, in their order.

    A factor is exp(sd z): its median is 1. Ratings are cut at 1, beliefs too.
    """
    declared = _declared(scenario)
    truth = tuple(
        _true(scenario, one, ratings, replication, conditions)
        for one, ratings in zip(scenario.radiologists, declared, strict=True)
    )
    belief = tuple(
        _believed(scenario, one, profile, replication, conditions)
        for one, profile in zip(scenario.radiologists, truth, strict=True)
    )
    # In UTC: adding to a local time moves the clock on the wall, not the instant.
    end = scenario.start.astimezone(UTC) + timedelta(seconds=scenario.give_up_s)
    planned = tuple(_roster(scenario, one, replication, end) for one in scenario.radiologists)
    ill = any(isinstance(event, Illness) for event in scenario.events)
    return World(
        sites=scenario.sites,
        units=scenario.units,
        radiologists=scenario.radiologists,
        rosters=tuple(
            roster.without(illnesses(one.name, scenario.events))
            for roster, one in zip(planned, scenario.radiologists, strict=True)
        ),
        truth=truth,
        belief=belief,
        data_centre=scenario.data_centre,
        clients=scenario.clients,
        dispatch=scenario.dispatch,
        acquisition=scenario.acquisition,
        administration=scenario.administration,
        workload_limit=scenario.workload_limit,
        storage_factor=scenario.storage_factor,
        report_bytes=scenario.report_bytes,
        sharing=scenario.sharing,
        horizon_s=scenario.horizon_s,
        give_up_s=scenario.give_up_s,
        warmup_s=scenario.warmup_s,
        events=(*scenario.events, *drawn_events(scenario, replication)),
        grid=scenario.grid,
        cherry_picking=tuple(_cherry_picks(scenario, one, replication) for one in scenario.radiologists),
        recurring=recurring_limits(scenario),
        planned_rosters=planned if ill else (),
        limit_periods_s=period_starts(scenario.start, scenario.give_up_s, scenario.workload_limit.period),
        pseudonym_seed=int(stream(scenario.seed, replication, "pseudonyms").integers(2**62)),
    )


def _roster(scenario: Scenario, one: Radiologist, replication: int, end: datetime) -> Roster:
    """Her hours in this world, without the days and the events on which she is away.

    Every calendar day has its own draw, whether she works on it or not: other hours move no absence.
    """
    first = scenario.start.date() - timedelta(days=2)
    days = (end.date() - first).days + 2 if one.absence else 0
    away = stream(scenario.seed, replication, "absence", one.name).random(days) < one.absence
    absent = frozenset(first + timedelta(days=int(day)) for day in np.flatnonzero(away))
    roster = one.schedule.roster(scenario.start, end, absent)
    return roster.without(absences(one.name, scenario.events))


def _cherry_picks(scenario: Scenario, one: Radiologist, replication: int) -> bool:
    """Whether she takes the shortest study first in this world; a higher share only adds to those who do."""
    if not one.cherry_picking:
        return False
    return bool(stream(scenario.seed, replication, "cherry-picking", one.name).random() < one.cherry_picking)


def _declared(scenario: Scenario) -> list[Mapping[str, float]]:
    """Everybody's ratings, brought as near to each condition's mean as differences are no benefit."""
    benefit, ratings = scenario.spread.benefit, [one.ratings for one in scenario.radiologists]
    if benefit == 1.0:
        return ratings
    rated: dict[str, list[float]] = {}
    for own in ratings:
        for name, value in own.items():
            rated.setdefault(name, []).append(value)
    mean = {name: fmean(values) for name, values in rated.items()}
    return [
        {name: min(max(mean[name] + benefit * (value - mean[name]), 0.0), 1.0) for name, value in own.items()}
        for own in ratings
    ]


def _true(
    scenario: Scenario,
    one: Radiologist,
    ratings: Mapping[str, float],
    replication: int,
    conditions: tuple[str, ...],
) -> Profile:
    speed, skill = _factors(scenario, "truth", one, replication, conditions)
    declared = Profile(ratings, one.speed)
    spread = scenario.spread
    return _perturbed(declared, speed, skill, spread.speed, spread.skill, conditions)


def _believed(
    scenario: Scenario, one: Radiologist, truth: Profile, replication: int, conditions: tuple[str, ...]
) -> Profile:
    speed, skill = _factors(scenario, "belief", one, replication, conditions)
    error = scenario.spread.estimate_error
    return _perturbed(truth, speed, skill, error, error, conditions)


def _factors(
    scenario: Scenario, purpose: str, one: Radiologist, replication: int, conditions: tuple[str, ...]
) -> tuple[float, FloatArray]:
    """Standard normals: one for the speed, one for each condition's rating."""
    speed = float(stream(scenario.seed, replication, purpose, "speed", one.name).standard_normal())
    skill = stream(scenario.seed, replication, purpose, "rating", one.name).standard_normal(len(conditions))
    return speed, skill


def _perturbed(
    around: Profile,
    speed: float,
    skill: FloatArray,
    speed_sd: float,
    skill_sd: float,
    conditions: tuple[str, ...],
) -> Profile:
    ratings = {
        name: float(min(around.ratings[name] * np.exp(skill_sd * z), 1.0))
        for name, z in zip(conditions, skill, strict=True)
        if name in around.ratings
    }
    return Profile(ratings, float(around.speed * np.exp(speed_sd * speed)))
