"""What can be had at once: true subspecialty, realised response time and workload under every policy.

A policy dominates another where it is better in one of the three and at least as good in the others, and the
intervals say so, not the means: all differences of all pairs are bounded together. Where every other policy
is shown to be worse in something, none dominates.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from simgrid.domain.units import FloatArray
from simgrid.experiments.answers import better
from simgrid.presentation import wording
from simgrid.reproduction.evidence import Evidence
from simgrid.reproduction.exhibits.drawing import INK, SOFT, finish, heading, spread_out
from simgrid.reproduction.exhibits.estimates import COLUMNS, Estimate, estimated
from simgrid.reproduction.exhibits.exhibit import Exhibit, Found, Need, Table, Value
from simgrid.reproduction.experiments import FRONTIER
from simgrid.reproduction.parts import DISTANCE
from simgrid.statistics.families import simultaneous

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GOALS = ("subspecialty_success", "response_time_success", DISTANCE)
BESIDE = ("response_time_success_in_hours", "tat_mean_min", "subspecialty_success_estimated")

Relation: TypeAlias = Literal["dominates", "is dominated", "trade-off", "cannot be told apart"]
Standing: TypeAlias = Literal["no other dominates it", "dominated", "open"]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two policies: bounds of their differences in each goal, signed so that more is better for ``one``."""

    one: str
    other: str
    low: tuple[float, ...]
    high: tuple[float, ...]

    @property
    def relation(self) -> Relation:
        """Of ``one`` to ``other``; differences that are 0 in every world count as equal."""
        ahead, behind = any(low > 0 for low in self.low), any(high < 0 for high in self.high)
        if ahead and behind:
            return "trade-off"
        if ahead and all(low >= 0 for low in self.low):
            return "dominates"
        if behind and all(high <= 0 for high in self.high):
            return "is dominated"
        return "cannot be told apart"


def pairs_of(values: Mapping[str, Mapping[str, FloatArray]], goals: Sequence[str] = GOALS) -> list[Pair]:
    """Every pair of policies, with bounds that hold for all pairs and goals together (95 %).

    ``values``: of each goal and policy one number a world, shape (worlds,).
    """
    policies = list(values[goals[0]])
    signs = [-1.0 if better(goal) == "lower" else 1.0 for goal in goals]
    couples = list(combinations(policies, 2))
    rows = [
        sign * (values[goal][one] - values[goal][other])
        for one, other in couples
        for goal, sign in zip(goals, signs, strict=True)
    ]
    bounds = simultaneous(np.array(rows))
    shape = (len(couples), len(goals))
    low, high = bounds.low.reshape(shape).tolist(), bounds.high.reshape(shape).tolist()
    return [Pair(*couple, tuple(low[at]), tuple(high[at])) for at, couple in enumerate(couples)]


def standings(pairs: Sequence[Pair]) -> dict[str, tuple[Standing, tuple[str, ...]]]:
    """Of each policy whether another dominates it, and which do."""
    policies = dict.fromkeys(name for pair in pairs for name in (pair.one, pair.other))
    found: dict[str, tuple[Standing, tuple[str, ...]]] = {}
    for policy in policies:
        own = [pair for pair in pairs if policy in (pair.one, pair.other)]
        above = tuple(
            pair.other if pair.one == policy else pair.one
            for pair in own
            if pair.relation == ("is dominated" if pair.one == policy else "dominates")
        )
        if above:
            found[policy] = ("dominated", above)
        else:
            found[policy] = (
                "no other dominates it" if all(_ahead(policy, one) for one in own) else "open",
                (),
            )
    return found


def _ahead(policy: str, pair: Pair) -> bool:
    """Whether the other is shown not to dominate: it is worse in some goal, or the same in all worlds."""
    same = not any(pair.low) and not any(pair.high)
    ahead = any(low > 0 for low in pair.low) if pair.one == policy else any(high < 0 for high in pair.high)
    return same or ahead


def table(found: Found) -> Table:
    """One row a policy and metric, with the policy's standing."""
    columns = ("policy", "standing", "dominated_by", "metric", "unit", "better", *COLUMNS)
    return Table(columns, tuple(_rows(found[FRONTIER.name])))


def _rows(evidence: Evidence) -> Iterator[tuple[Value, ...]]:
    for policy, (standing, above) in standings(pairs_of(evidence.values)).items():
        for metric in (*GOALS, *BESIDE):
            told = estimated(evidence.values[metric][policy]).cells
            what = (metric, wording.unit(metric), wording.direction(metric))
            yield (policy, standing, "; ".join(above), *what, *told)


def pairs_table(found: Found) -> Table:
    """One row a pair: the simultaneous bounds in each goal, positive where the first is better."""
    columns = (
        "policy",
        "against",
        "relation",
        *(f"{goal}_{edge}" for goal in GOALS for edge in ("lo", "hi")),
    )
    rows: list[tuple[Value, ...]] = []
    for pair in pairs_of(found[FRONTIER.name].values):
        bounds = [edge for both in zip(pair.low, pair.high, strict=True) for edge in both]
        rows.append((pair.one, pair.other, pair.relation, *bounds))
    return Table(columns, tuple(rows))


def figure(found: Found) -> Figure:
    """True subspecialty upwards, against response time and against workload; names beside the second panel.

    A policy has the same height in both.
    """
    from matplotlib.figure import Figure

    evidence = found[FRONTIER.name]
    told = standings(pairs_of(evidence.values))
    drawn = Figure(figsize=(11, 6.0))
    panels = drawn.subplots(1, 2, sharey=True)
    for panel, across in zip(panels, GOALS[1:], strict=True):
        points = _panel(panel, evidence, told, across)
    heading(panels[0], "Upwards: subspecialty success on true skill")
    heading(panels[1], "Better: up and to the right")
    heights = [estimated(row) for row in evidence.values[GOALS[0]].values()]
    low, high = min(one.low for one in heights), max(one.high for one in heights)
    if math.isfinite(high - low):  # a single world bounds nothing
        panels[0].set_ylim(low - 0.45 * (high - low), high + 0.08 * (high - low))
    _names(panels[1], points)
    kept = [name for name, (standing, _) in told.items() if standing == "no other dominates it"]
    note = (
        f"Cross: 95 % intervals over {evidence.worlds} worlds of Stage 2. Filled: shown that no other policy "
        "dominates it; hollow: another is at least as good in all three goals and better in one;\n"
        f"grey: cannot be told. By {len(GOALS)} goals and all pairs together. "
        f"No other dominates: {', '.join(kept) if kept else 'of none it is shown'}."
    )
    finish(drawn, "What can be had at once? Stage 2 under every policy", note)
    return drawn


def _panel(
    panel: Axes,
    evidence: Evidence,
    told: Mapping[str, tuple[Standing, tuple[str, ...]]],
    across: str,
) -> Mapping[str, tuple[Estimate, Estimate]]:
    """One panel; returns where each policy stands in it."""
    points = {
        policy: (
            estimated(_shortfall(evidence, across, policy)),
            estimated(evidence.values[GOALS[0]][policy]),
        )
        for policy in told
    }
    for policy, (x, y) in points.items():
        standing = told[policy][0]
        ink = SOFT if standing == "open" else INK
        panel.plot([x.low, x.high], [y.mean, y.mean], color=ink, lw=1)
        panel.plot([x.mean, x.mean], [y.low, y.high], color=ink, lw=1)
        fill = {"dominated": "white", "open": SOFT}.get(standing, INK)
        panel.plot(x.mean, y.mean, "o", ms=6, mfc=fill, mec=ink, zorder=3)
    panel.set_xscale("log")
    panel.xaxis.set_major_formatter("{x:g}")
    panel.xaxis.set_minor_formatter("")
    panel.invert_xaxis()
    panel.grid(color="0.93", lw=0.6)
    panel.set_axisbelow(True)
    what = wording.title(across) if across == DISTANCE else "share reported late, wall clock"
    panel.set_xlabel(f"{what} ↓ (logarithmic)", fontsize=9)
    return points


def _shortfall(evidence: Evidence, metric: str, policy: str) -> FloatArray:
    """What is missing to the best, of which less is better: the distance itself, or 1 minus a success."""
    values = evidence.values[metric][policy]
    return values if better(metric) == "lower" else 1.0 - values


def _names(panel: Axes, points: Mapping[str, tuple[Estimate, Estimate]]) -> None:
    """A column of names beside the panel, each tied to its point."""
    names = list(points)
    heights = [points[name][1].mean for name in names]
    room = (max(heights) - min(heights)) * 1.2 / max(len(names) - 1, 1)
    order = sorted(range(len(names)), key=lambda one: (heights[one], -points[names[one]][0].mean))
    nudged = [heights[one] + 1e-9 * place for place, one in enumerate(order)]
    for one, height in zip(order, spread_out(nudged, 0.72 * room), strict=True):
        x, y = points[names[one]]
        panel.annotate(
            names[one],
            (x.mean, y.mean),
            xytext=(1.03, height),
            textcoords=panel.get_yaxis_transform(),
            fontsize=8,
            ha="left",
            va="center",
            arrowprops={
                "arrowstyle": "-",
                "color": "0.7",
                "lw": 0.6,
                "relpos": (0, 0.5),
                "shrinkA": 1,
                "shrinkB": 2,
            },
            annotation_clip=False,
        )


_NEED = (Need(FRONTIER, (*GOALS, *BESIDE)),)
FRONTIER_OF_POLICIES = Exhibit(
    "frontier",
    "The frontier: subspecialty against response time and workload under every policy",
    _NEED,
    table=table,
    figure=figure,
)
FRONTIER_PAIRS = Exhibit("frontier-pairs", "The frontier: every pair of policies", _NEED, table=pairs_table)
