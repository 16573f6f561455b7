"""The study's predictions (K9, K13 to K16) at every point of their scenarios, under the studied policy.

What was declared is one point of each; the others show what the mechanism does on the way there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from simgrid.domain.units import FloatArray
from simgrid.presentation import wording
from simgrid.reproduction import gains
from simgrid.reproduction.claims import Claim
from simgrid.reproduction.claims_file import read_claims, shipped_claims
from simgrid.reproduction.evidence import Evidence
from simgrid.reproduction.exhibits.drawing import dot, finish, heading, rows_of, value_labels
from simgrid.reproduction.exhibits.estimates import COLUMNS, UNDEFINED, Estimate, estimated
from simgrid.reproduction.exhibits.exhibit import Exhibit, Found, Need, Table
from simgrid.reproduction.experiments import EXPERIMENTS, Experiment, arm
from simgrid.reproduction.gains import Effect
from simgrid.reproduction.parts import DISTANCE
from simgrid.reproduction.same_journals import SAME_JOURNAL
from simgrid.reproduction.verdicts import singles_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CLAIMS = ("K9", "K13", "K14", "K15", "K16")
_GAINS = ("subspecialty_success", DISTANCE, "response_time_success")
MEASURED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "delivery": ("stall_share",),
        "one-radiologist": (SAME_JOURNAL,),
        "pool": _GAINS,
        "constraints": _GAINS,
        "storage": ("copies_mean", "sent_gb"),
    }
)
"""By prediction."""
Rows: TypeAlias = Mapping[str, FloatArray]
"""One number a world, shape (worlds,), by arm."""

_TITLES = {"K9": "delivery", "K16": "cached copies", "K14": "pool", "K15": "constraints"}
"""By claim, in the order of the panels."""


@dataclass(frozen=True, slots=True)
class Row:
    """One quantity at one point. ``declared``: what the verdict is about; ``unit``: empty for a share."""

    claim: str
    metric: str
    point: str
    quantity: str
    unit: str
    declared: bool
    estimate: Estimate


@cache
def predicted() -> tuple[Claim, ...]:
    """The predictions, as paper/claims.yaml has them."""
    return tuple(one for one in read_claims(shipped_claims()) if one.name in CLAIMS)


def rows_told(claim: Claim, evidence: Evidence) -> tuple[Row, ...]:
    """What the worlds of a prediction tell of each metric, point by point."""
    experiment, quantity = EXPERIMENTS[claim.experiment], claim.quantity
    if quantity is None:
        return ()
    if SAME_JOURNAL in evidence.values:
        return tuple(_journals(claim, evidence.values[SAME_JOURNAL]))
    told = _trends if quantity.measure == "trend" else _differences
    return tuple(
        row for metric in quantity.metrics for row in told(claim, experiment, metric, evidence.values[metric])
    )


def _journals(claim: Claim, values: Rows) -> Iterator[Row]:
    """The share of worlds in which a policy's journal is that of the studied one."""
    studied = claim.quantity.subject if claim.quantity else ""
    for policy, same in values.items():
        if policy != studied:
            what = f"share of worlds as under {studied}"
            yield Row(claim.name, SAME_JOURNAL, policy, what, "", declared=True, estimate=estimated(same))


def _differences(claim: Claim, experiment: Experiment, metric: str, values: Rows) -> Iterator[Row]:
    """Each value of what is compared, and its difference from what it is declared to be held against."""
    quantity = claim.quantity
    if quantity is None:
        return
    (against,) = quantity.against
    compared = tuple(dict.fromkeys(_point(name)[experiment.axis] for name in values))
    unit = wording.unit(metric)
    for rest in _others(values, experiment.axis):
        where = ", ".join(rest.values())
        told = {one: values[arm({**rest, experiment.axis: one}, experiment.policy)] for one in compared}
        for one, row in told.items():
            place = f"{where}, {one}" if where else one
            yield Row(claim.name, metric, place, "mean", unit, declared=False, estimate=estimated(row))
        for one in (one for one in compared if one != against):
            declared = one == quantity.subject and (not claim.readings or where in claim.readings)
            place = where if one == quantity.subject and where else f"{where}, {one}" if where else one
            found = _told(gains.difference(told[one], told[against]))
            what = f"{one} minus {against}"
            yield Row(claim.name, metric, place, what, unit, declared=declared, estimate=found)


def _trends(claim: Claim, experiment: Experiment, metric: str, values: Rows) -> Iterator[Row]:
    """The gain at each point in per cent, and the far end's minus the near end's in percentage points."""
    quantity = claim.quantity
    if quantity is None:
        return
    (other,) = quantity.against
    ends = []
    for point in _others(values, ""):
        ours, theirs = (values[arm(point, one)] for one in (quantity.subject, other))
        above, below = (theirs, ours) if metric == DISTANCE else (ours, theirs)
        divisible = metric == DISTANCE or gains.tells(below)
        found = _told(gains.gain(above, below), 100.0) if divisible else UNDEFINED
        where, what = ", ".join(point.values()), f"gain over {other}"
        yield Row(claim.name, metric, where, what, "%", declared=False, estimate=found)
        if divisible and point in experiment.trend:
            ends.append((experiment.trend.index(point), (above, below)))
    if len(ends) == len(experiment.trend):
        (_, far), (_, near) = sorted(ends, key=lambda one: one[0])
        first, last = (", ".join(end.values()) for end in experiment.trend)
        found = _told(gains.growth(far, near), 100.0)
        what = f"gain over {other}, difference"
        yield Row(claim.name, metric, f"{first} minus {last}", what, "points", declared=True, estimate=found)


def _told(effect: Effect, scale: float = 1.0) -> Estimate:
    one, singles = effect.interval, singles_of(effect.worlds, 0.0)
    low, high = (singles.low, singles.high) if singles else (float("nan"), float("nan"))
    mean, *edges = (scale * value for value in (one.mean, one.low, one.high, low, high))
    return Estimate(mean, edges[0], edges[1], edges[2], edges[3], one.n)


def _point(name: str) -> dict[str, str]:
    """The point of an arm, see ``experiments.arm``; sweep columns and values have no commas here."""
    *pairs, _ = name.split(", ")
    return dict(pair.split("=", 1) for pair in pairs)


def _others(values: Rows, axis: str) -> list[dict[str, str]]:
    """The points of all arms without one of their columns, each once, in order."""
    found: list[dict[str, str]] = []
    for name in values:
        point = {column: value for column, value in _point(name).items() if column != axis}
        if point not in found:
            found.append(point)
    return found


def table(found: Found) -> Table:
    """One row a prediction, metric, point and quantity, of what there is evidence for."""
    columns = ("claim", "metric", "point", "quantity", "unit", "declared", *COLUMNS)
    rows = [
        (
            *(one.claim, one.metric, one.point, one.quantity, one.unit),
            *("yes" if one.declared else "no", *one.estimate.cells),
        )
        for one in _all_rows(found)
    ]
    return Table(columns, tuple(rows))


def _all_rows(found: Found) -> Iterator[Row]:
    for claim in predicted():
        evidence = found.get(EXPERIMENTS[claim.experiment].worlds.name)
        if evidence is not None:
            yield from rows_told(claim, evidence)


def figure(found: Found) -> Figure:
    """A panel a prediction and metric; the declared quantity black, other points grey."""
    from matplotlib.figure import Figure

    told = tuple(_all_rows(found))
    shown = [_drawn(one) for one in _panels(told)]
    across = min(3, len(shown)) or 1
    down = -(-len(shown) // across) or 1
    drawn = Figure(figsize=(11, 0.9 + 2.3 * down))
    grid = drawn.subplots(down, across, squeeze=False).ravel()
    for panel, rows in zip(grid, shown, strict=False):
        _panel(panel, rows)
    for panel in grid[len(shown) :]:
        panel.set_axis_off()
    worlds = ", ".join(f"{name} {count}" for name, count in _worlds(told).items())
    note = (
        "Dot and line: mean with its paired 95 % interval. Pale bar: middle 95 % of single worlds. "
        "Black: what was declared and is predicted; grey: beside it.\n"
        f"All under RWOA; differences of gains in points. Worlds: {worlds}.{_in_words(told)}"
    )
    finish(drawn, "What the study predicts and did not test", note)
    return drawn


def _panels(told: Sequence[Row]) -> list[tuple[Row, ...]]:
    """The rows by prediction and metric; journals, which are a sentence, left out."""
    drawn = sorted(
        (one for one in told if one.claim in _TITLES), key=lambda one: list(_TITLES).index(one.claim)
    )
    names = dict.fromkeys((one.claim, one.metric) for one in drawn)
    return [tuple(one for one in told if (one.claim, one.metric) == name) for name in names]


def _drawn(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """What a panel shows: gains, or differences from what was declared; means are in the table."""
    differences = tuple(one for one in rows if one.quantity != "mean")
    readings = next(one for one in predicted() if one.name == rows[0].claim).readings
    declared = {one.quantity for one in rows if one.declared}
    return tuple(one for one in differences if not readings or one.quantity in declared)


def _panel(panel: Axes, rows: Sequence[Row]) -> None:
    claim = next(one for one in predicted() if one.name == rows[0].claim)
    metric, places = rows[0].metric, [float(len(rows) - place) for place in range(len(rows))]
    panel.axvline(0.0, color="black", lw=0.8, zorder=0)
    for row, place in zip(rows, places, strict=True):
        dot(panel, place, row.estimate, soft=not row.declared)
    value_labels(panel, [one.estimate for one in rows], places)
    rows_of(panel, [_short(one) for one in rows], places)
    for label, row in zip(panel.get_yticklabels(), rows, strict=True):
        label.set_fontsize(8)
        label.set_fontweight("bold" if row.declared else "normal")
    panel.tick_params(axis="x", labelsize=8)
    band = claim.band(metric)
    side = "" if band is None else ", predicted > 0" if math.isinf(band.high) else ", predicted < 0"
    kinds = {one.quantity for one in rows if not one.declared} or {rows[0].quantity}
    told = rows[0].quantity if len(kinds) == 1 else f"minus{rows[0].quantity.rpartition(' minus')[2]}"
    beneath = f"{told} [{rows[0].unit or 'share'}]{side}"
    heading(panel, f"{claim.name}, {_TITLES[claim.name]}: {wording.title(metric)}", beneath)


def _short(row: Row) -> str:
    return row.point.replace(" minus ", "\nminus ")


def _worlds(told: Sequence[Row]) -> dict[str, int]:
    return {one.claim: one.estimate.worlds for one in told}


def _in_words(told: Sequence[Row]) -> str:
    """K13, of which there is nothing to draw: in how many worlds all policies live the same events."""
    same = [one for one in told if one.metric == SAME_JOURNAL]
    if not same:
        return ""
    least = min(one.estimate.mean for one in same)
    return f" K13: under each of {len(same)} other policies the same events in {100 * least:g} % of worlds."


PREDICTIONS = Exhibit(
    "predictions",
    "What the study predicts and did not test: delivery, one radiologist, pool, constraints, cached copies",
    tuple(Need(EXPERIMENTS[f"prediction-{name}"].worlds, metrics) for name, metrics in MEASURED.items()),
    table=table,
    figure=figure,
)
