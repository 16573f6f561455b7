"""When inspections are requested, and where: a weekly profile turned into instants.

Both kinds of arrivals come from the same unit exponentials, mapped through the integrated profile: a fixed
count takes their running sums as a share of the last one (the order statistics of so many independent
draws), a Poisson process takes them as they are. Raising a count or a rate therefore moves the instants
smoothly and leaves row i the same inspection.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TypeAlias

import numpy as np

from simgrid.domain.demand import Arrivals, Flow
from simgrid.domain.study import Whole
from simgrid.domain.units import DAY, HOUR, FloatArray, IntArray, Seconds
from simgrid.randomness import stream
from simgrid.workload.errors import WorkloadError
from simgrid.workload.stretches import stretches

Streams: TypeAlias = Callable[..., np.random.Generator]
"""Gives the generator of a purpose: ``streams("luck")``, ``streams("size", "CT")``."""

_DRAWS_AT_ONCE = 1024
_MONDAY = 168


@dataclass(frozen=True, slots=True)
class Profile:
    """The integral of the relative weight over time: piecewise linear between ``edges_s``.

    ``mass`` has the unit of seconds at mean weight: an even profile has ``mass == edges_s``.
    """

    edges_s: FloatArray
    mass: FloatArray

    @classmethod
    def of(cls, hourly: Sequence[float], within_s: Seconds, start: datetime | None = None) -> Profile:
        """The profile over [0, within_s) of a window that begins at ``start``.

        ``hourly`` has 24 (each day alike) or 168 weights for the local hours of ``start``'s zone, counted
        from Monday 0 h; none means even. Without ``start`` the window begins on a Monday at midnight. An
        hour that daylight saving repeats keeps its weight, one that it skips is lost.
        """
        if not len(hourly):
            edges = np.array([0.0, within_s])
            return cls(edges, edges)
        weights = np.asarray(hourly, dtype=np.float64)
        into_hour = 0.0 if start is None else start.minute * 60 + start.second + start.microsecond / 1e6
        turns = np.arange(HOUR - into_hour, within_s, HOUR)
        edges = np.concatenate(([0.0], turns, [within_s]))
        middles = (edges[:-1] + edges[1:]) / 2
        hours = np.array([_hour_of_week(start, middle) for middle in middles], dtype=np.int64)
        density = weights[hours % len(weights)] / weights.mean()
        return cls(edges, np.concatenate(([0.0], np.cumsum(density * np.diff(edges)))))

    @property
    def total(self) -> float:
        """The mass of the whole window."""
        return float(self.mass[-1])

    def when(self, mass: FloatArray) -> FloatArray:
        """The instants at which the integral reaches the given masses, all before the window's end."""
        last = np.nextafter(self.edges_s[-1], 0.0)
        instants: FloatArray = np.minimum(np.interp(mass, self.mass, self.edges_s), last)
        return instants


def _hour_of_week(start: datetime | None, after_s: Seconds) -> int:
    if start is None:
        return int(after_s // HOUR) % _MONDAY
    if start.tzinfo is None:
        local = start + timedelta(seconds=after_s)
    else:
        local = datetime.fromtimestamp(start.timestamp() + after_s, start.tzinfo)
    return local.weekday() * 24 + local.hour


@dataclass(frozen=True, slots=True)
class Block:
    """Requests whose draws share their streams: ``site`` and ``requested_s`` have shape (n,), ascending.

    ``flow``: the flow they belong to, which says what they are of and how urgent; None without one.
    """

    site: IntArray
    requested_s: FloatArray
    streams: Streams
    flow: Flow | None = None


def request_blocks(
    arrivals: Arrivals,
    sites: Sequence[str],
    seed: int,
    replication: int,
    start: datetime | None = None,
    *purpose: str,
) -> list[Block]:
    """All requests: one block for a fixed count, one per site and per flow for Poisson arrivals.

    The streams of a site carry its name, those of a flow its modality too: a further one moves nobody's
    draws. Those of a count carry the ``purpose``, which keeps two counts apart.

    Raises:
        WorkloadError: the arrivals contradict themselves or the sites.
    """
    check_arrivals(arrivals, sites)
    profile = Profile.of(arrivals.hourly, arrivals.within_s, start)
    if arrivals.count is not None:
        streams = partial(stream, seed, replication, *purpose)
        site, instants = np.empty(arrivals.count, dtype=np.int64), np.empty(arrivals.count)
        _fill(arrivals, sites, profile, streams, site, instants)
        return [Block(site, instants, streams)]
    blocks = []
    for index, name in enumerate(sites):
        streams = partial(_of_site, seed, replication, name)
        instants = _poisson(profile, arrivals.per_day.get(name, 0.0), streams)
        blocks.append(Block(np.full(len(instants), index, dtype=np.int64), instants, streams))
    for flow in arrivals.flows:
        streams = partial(_of_flow, seed, replication, flow)
        own = Profile.of(flow.hourly, arrivals.within_s, start)
        instants = _poisson(own, flow.per_day, streams)
        site = np.full(len(instants), sites.index(flow.site), dtype=np.int64)
        blocks.append(Block(site, instants, streams, flow))
    return blocks


def _poisson(profile: Profile, per_day: float, streams: Streams) -> FloatArray:
    per_second = per_day / DAY
    return profile.when(poisson_sums(profile.total * per_second, streams("arrival")) / (per_second or 1))


def _of_site(seed: int, replication: int, site: str, *purpose: str) -> np.random.Generator:
    return stream(seed, replication, *purpose, "of-site", site)


def _of_flow(seed: int, replication: int, flow: Flow, *purpose: str) -> np.random.Generator:
    return stream(seed, replication, *purpose, "of-flow", flow.site, flow.modality)


def poisson_sums(expected: float, rng: np.random.Generator) -> FloatArray:
    """The points of a unit Poisson process in [0, expected), ascending; their number is Poisson."""
    pieces = [np.zeros(0)]
    reached = 0.0
    while reached < expected:
        pieces.append(reached + np.cumsum(rng.standard_exponential(_DRAWS_AT_ONCE)))
        reached = float(pieces[-1][-1])
    sums = np.concatenate(pieces)
    points: FloatArray = sums[sums < expected]
    return points


def fill_requests(
    arrivals: Arrivals,
    sites: Sequence[str],
    streams: Streams,
    start: datetime | None,
    site: Whole,
    requested_s: FloatArray,
) -> None:
    """The requests of a fixed count, as ``request_blocks`` draws them, into columns of as many rows.

    Raises:
        WorkloadError: the arrivals contradict themselves or the sites.
    """
    check_arrivals(arrivals, sites)
    _fill(arrivals, sites, Profile.of(arrivals.hourly, arrivals.within_s, start), streams, site, requested_s)


def _fill(
    arrivals: Arrivals,
    sites: Sequence[str],
    profile: Profile,
    streams: Streams,
    site: Whole,
    requested_s: FloatArray,
) -> None:
    if arrivals.count and profile.total <= 0:
        raise WorkloadError([_no_weight(arrivals)])
    luck, sums = streams("site"), streams("arrival")
    share = arrivals.site_share
    weights = np.array([share.get(name, 0.0) if share else 1.0 for name in sites])
    reached = 0.0
    for part in stretches(len(requested_s)):
        site[part] = choose(weights, luck.random(part.stop - part.start))
        own = requested_s[part]
        sums.standard_exponential(out=own)
        own[0] += reached
        np.cumsum(own, out=own)
        reached = float(own[-1])
    total = reached + sums.standard_exponential()
    for part in stretches(len(requested_s)):
        requested_s[part] = profile.when(profile.total * requested_s[part] / total)


def choose(weights: FloatArray, uniform: FloatArray) -> IntArray:
    """The index each uniform in [0, 1) falls on when [0, 1) is cut in proportion to ``weights`` (K,)."""
    upper = np.cumsum(weights, dtype=np.float64)
    found = np.searchsorted(upper, uniform * upper[-1], side="right")
    index: IntArray = np.minimum(found, np.flatnonzero(weights)[-1]).astype(np.int64)
    return index


def check_arrivals(arrivals: Arrivals, sites: Sequence[str]) -> None:
    """Raise a WorkloadError that lists everything wrong with the arrivals."""
    problems = []
    if (arrivals.count is None) == (not arrivals.per_day and not arrivals.flows):
        problems.append("arrivals: give either count or per_day (or flows), not both and not neither")
    if arrivals.count is not None and arrivals.count < 0:
        problems.append(f"arrivals.count is {arrivals.count}: it must be 0 or more")
    if not arrivals.within_s > 0 or not np.isfinite(arrivals.within_s):
        problems.append(f"arrivals.within is {arrivals.within_s} s: it must be a positive time")
    problems += _hourly_problems("arrivals.hourly", arrivals.hourly)
    for flow in arrivals.flows:
        name = f"the flow of {flow.modality} from {flow.site}"
        problems += _hourly_problems(f"{name}: hourly", flow.hourly)
        if flow.site not in sites:
            problems.append(f"{name} comes from no site: the sites are {', '.join(sites)}")
        if not 0 <= flow.per_day < np.inf:
            problems.append(f"{name}: per_day is {flow.per_day}: it must be finite, 0 or more")
    for name, shares in (("site_share", arrivals.site_share), ("per_day", arrivals.per_day)):
        problems += [
            f"arrivals.{name} names {site!r}, which is no site: the sites are {', '.join(sites)}"
            for site in shares
            if site not in sites
        ]
        if shares and not _weights(tuple(shares.values())):
            problems.append(f"arrivals.{name}: values must be finite, 0 or more, and not all 0")
    if not sites:
        problems.append("sites: there is none, so nobody requests an inspection; add one")
    if problems:
        raise WorkloadError(problems)


def _hourly_problems(name: str, hourly: Sequence[float]) -> list[str]:
    if len(hourly) not in {0, 24, 168}:
        return [f"{name} has {len(hourly)} weights: give 24 (a day) or 168 (a week)"]
    if hourly and not _weights(hourly):
        return [f"{name}: weights must be finite, 0 or more, and not all 0"]
    return []


def _weights(values: Sequence[float]) -> bool:
    array = np.asarray(values, dtype=np.float64)
    return bool(np.all(np.isfinite(array)) and np.all(array >= 0) and array.sum() > 0)


def _no_weight(arrivals: Arrivals) -> str:
    return (
        f"arrivals.hourly gives weight 0 to the whole window of {arrivals.within_s} s, in which "
        f"{arrivals.count} inspections are to arrive: move the start or raise a weight"
    )
