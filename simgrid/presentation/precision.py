"""How replications until the means are precise are told: what was asked, each look, and how it ended."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import asdict

from simgrid.domain.precision import Precision, Target
from simgrid.experiments.stopping import Stopping
from simgrid.presentation import wording
from simgrid.presentation.blocks import Block

MOST_TOLD = 6


def asked_for(precision: Precision, counts: tuple[int, ...]) -> str:
    """What ends the replications, and where is looked, in one sentence."""
    told = _listed([f"{one.metric} within {_width(one.width, one)}" for one in precision.targets])
    return f"replications until {told}; looking at {_listed([str(count) for count in counts])}"


def look_line(course: Stopping) -> str:
    """What the latest look found: the mean that is farthest from its target."""
    after = f"after {course.last.replications} replications"
    if course.reached:
        return f"{after}: precise"
    worst = max(course.short, key=lambda place: _excess(course, place))
    others = f" (and {len(course.short) - 1} more)" if len(course.short) > 1 else ""
    return f"{after}: {_within(course, worst)}{others}"


def precision_block(course: Stopping | None, of: str = "") -> Iterator[Block]:
    """How the replications ``of`` a study ended; nothing where their number was given."""
    if course is None:
        return
    after = f"{course.last.replications} replications{f' of {of}' if of else ''}"
    looked = _listed([str(one.replications) for one in course.looks])
    rule = f"Half-widths hold for {_means(course)} together (Bonferroni); looked at {looked}."
    if course.reached:
        worst = max(range(len(course.series)), key=lambda place: _excess(course, place))
        yield Block(f"Precise after {after}", notes=(f"Widest: {_within(course, worst)}.", rule))
        return
    told = sorted(course.short, key=lambda place: _excess(course, place), reverse=True)
    lines = [f"{_within(course, place)}{_way_out(course, place)}" for place in told[:MOST_TOLD]]
    if len(told) > MOST_TOLD:
        lines.append(f"and {len(told) - MOST_TOLD} more, closer to what was asked")
    yield Block(f"Precision not reached with {after}", notes=(*lines, rule))


def precision_line(course: Stopping, of: str = "") -> str:
    """The rule, its looks and its end as one JSON object; ``of`` which study, where there are several."""
    ends = {"table": "precision", "reached": course.reached, "replications": course.last.replications}
    if of:
        ends["study"] = of
    return json.dumps({**ends, **asdict(course)}, ensure_ascii=False)


def _within(course: Stopping, place: int) -> str:
    """``tat_p95_min of rwoa is within 3.1 % (asked: 2 %)``."""
    one, target = course.series[place], course.target(place)
    name = f"{one.metric} of {one.policy}{f' at {one.where}' if one.where else ''}"
    mean, half = course.last.mean[place], course.last.half_width[place]
    if mean is None or half is None:
        return f"{name} was not measured"
    if target.relative and half >= abs(mean) and half > 0:
        return f"{name} cannot be told from 0"
    found = half / abs(mean) if target.relative and half > 0 else half
    return f"{name} is within {_width(found, target)} (asked: {_width(target.width, target)})"


def _way_out(course: Stopping, place: int) -> str:
    """How many replications would do, or what to ask for instead."""
    mean, half, allowed = (
        numbers[place] for numbers in (course.last.mean, course.last.half_width, course.last.allowed)
    )
    if mean is None or half is None or allowed is None:
        return ": no number of replications would do"
    if course.target(place).relative and half >= abs(mean):
        return ": a share of such a mean says nothing, give an amount by 'within'"
    wanted = course.last.replications * (half / allowed) ** 2
    digits = 1 - math.floor(math.log10(wanted))
    return f"; about {math.ceil(round(wanted, digits)):d} replications would do"


def _excess(course: Stopping, place: int) -> float:
    """Half-width over what is allowed; infinite where there is none."""
    half, allowed = course.last.half_width[place], course.last.allowed[place]
    if half is None or allowed is None:
        return math.inf
    return half / allowed if allowed > 0 else (0.0 if half == 0 else math.inf)


def _width(width: float, target: Target) -> str:
    if target.relative:
        return f"{100 * width:.2g} %"
    unit = wording.unit(target.metric)
    return f"{width:.3g} {unit}" if unit else f"{width:.3g}"


def _means(course: Stopping) -> str:
    return "the one mean" if len(course.series) == 1 else f"all {len(course.series)} means"


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
