"""An oracle for shared links in rational arithmetic; it shares no code with the engine.

It solves the whole network anew at every event by progressive filling over single flows. Slow, exact,
and short enough to be checked by eye.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass
class Job:
    start: Fraction
    bits: Fraction
    path: frozenset[str]
    weight: Fraction
    cap: Fraction | None
    end: Fraction | None = None


def exact_rates(capacity: Mapping[str, Fraction | None], jobs: Sequence[Job]) -> list[Fraction | None]:
    """Raise one water level for all; whoever meets a full link or its cap stays there.

    A link of capacity None has no end of it, and a rate of None is that of a job that nothing limits.
    """
    rates: list[Fraction | None] = [None] * len(jobs)
    while None in rates:
        growing = [k for k, rate in enumerate(rates) if rate is None]
        levels = []
        for link, total in capacity.items():
            weight = sum(jobs[k].weight for k in growing if link in jobs[k].path)
            if weight and total is not None:
                used = sum(r for k, r in enumerate(rates) if r is not None and link in jobs[k].path)
                levels.append(((total - used) / weight, link))
        caps = [jobs[k].cap / jobs[k].weight for k in growing if jobs[k].cap is not None]
        if not levels and not caps:
            break
        level = min([value for value, _ in levels] + caps)
        full = {link for value, link in levels if value == level}
        for k in growing:
            if jobs[k].path & full or (jobs[k].cap is not None and jobs[k].cap == level * jobs[k].weight):
                rates[k] = level * jobs[k].weight
    return rates


def exact_ends(
    capacity: Mapping[str, float],
    flows: Sequence[tuple[float, float, Sequence[str], float, float | None]],
    changes: Sequence[tuple[float, str, float]] = (),
) -> list[Fraction | None]:
    """End of each (start, bytes, path, weight, cap); None for never."""
    return exact_run(capacity, flows, changes)[0]


def exact_run(
    capacity: Mapping[str, float],
    flows: Sequence[tuple[float, float, Sequence[str], float, float | None]],
    changes: Sequence[tuple[float, str, float]] = (),
) -> tuple[list[Fraction | None], Fraction]:
    """The ends, and how close to a tie the run came without being one.

    That closeness is the least positive gap between an event and a flow that is due next, as a share of
    that flow's duration. Below the engine's stated resolution the order of two events is a matter of
    rounding, and with it whether a flow just makes it before an outage.
    """
    closest = Fraction(1)
    now_capacity = {link: _finite(value) for link, value in capacity.items()}
    jobs = [
        Job(Fraction(s), Fraction(b) * 8, frozenset(p), Fraction(w), _finite(math.inf if c is None else c))
        for s, b, p, w, c in flows
    ]
    todo = sorted(((Fraction(at), k) for k, (at, _, _) in enumerate(changes)))
    waiting = sorted(range(len(jobs)), key=lambda k: jobs[k].start)
    active: list[Job] = []
    now = Fraction(-(10**12))
    while True:
        rates = exact_rates(now_capacity, active)
        if None in rates:
            for job, rate in zip(active, rates, strict=True):
                job.end = now if rate is None else None
            active = [job for job, rate in zip(active, rates, strict=True) if rate is not None]
            continue
        moments = [now + job.bits / rate for job, rate in zip(active, rates, strict=True) if rate]
        moments += [at for at, _ in todo[:1]] + [jobs[k].start for k in waiting[:1]]
        if not moments:
            return [job.end for job in jobs], closest
        then = min(moments)
        for job, rate in zip(active, rates, strict=True):
            job.bits -= rate * (then - now)
            if rate and job.bits:
                left = job.bits / rate
                closest = min(closest, left / (then + left - job.start))
            if job.bits == 0:
                job.end = then
        now = then
        active = [job for job in active if job.bits]
        while todo and todo[0][0] == now:
            _, link, value = changes[todo.pop(0)[1]]
            now_capacity[link] = _finite(value)
        while waiting and jobs[waiting[0]].start == now:
            job = jobs[waiting.pop(0)]
            if job.bits:
                active.append(job)
            else:
                job.end = now


def _finite(value: float) -> Fraction | None:
    return None if value == math.inf else Fraction(value)
