"""Figure 4: Stage 2 as the chief assigned it, against the policies: absolute values, then gains over him."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from simgrid.presentation import wording
from simgrid.reproduction import gains
from simgrid.reproduction.claims import Claim
from simgrid.reproduction.claims_file import read_claims, shipped_claims
from simgrid.reproduction.evidence import Evidence
from simgrid.reproduction.exhibits.drawing import (
    HOW_TO_READ,
    SOFT,
    dot,
    finish,
    heading,
    rows_of,
    value_labels,
)
from simgrid.reproduction.exhibits.estimates import COLUMNS, UNDEFINED, Estimate
from simgrid.reproduction.exhibits.exhibit import Exhibit, Found, Need, Table, Value
from simgrid.reproduction.exhibits.table_1 import estimate
from simgrid.reproduction.experiments import EXPERIMENTS
from simgrid.reproduction.gains import Effect
from simgrid.reproduction.parts import DISTANCE, RECIPROCAL, Part, parts_of
from simgrid.reproduction.verdicts import Singles, singles_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CHIEF, STUDIED = "manual", "rwoa"
CLAIMS = ("K4", "K5", "K6", "K7")
"""The claims on the figure's four quantities; their readings and stated values are theirs."""
_STAGE_2 = EXPERIMENTS["stage-2"].worlds
_SHOWN = (
    ("subspecialty_success", "on true skill"),
    ("subspecialty_success_estimated", "on the ratings mined from Stage 1"),
    (DISTANCE, "mean distance from the limits"),
    ("response_time_success", "wall clock against the deadline"),
    ("response_time_success_in_hours", "rostered minutes against 60"),
    ("response_time_success_literal", "reading minutes, no queue"),
    ("tat_mean_min", "from request to report at the site"),
    ("tat_in_hours_mean_min", "the same, rostered minutes only"),
    ("lookup_total_min", "sum of expected reading minutes"),
)
_BESIDE = ("load_gini", "utilisation", "transfer_mean_min", "wait_mean_min", "reading_mean_min")
MEASURED = (*(name for name, _ in _SHOWN), *_BESIDE)
_TITLES = {
    "K4": "Subspecialty success",
    "K5": "Workload success (eq. 10)",
    "K6": "Response-time success",
    "K7": "Total response time, shorter by",
}


@dataclass(frozen=True, slots=True)
class Gain:
    """A policy's gain over the chief under one reading of a claim; ``effect`` is None beside a zero."""

    part: Part
    policy: str
    effect: Effect | None
    singles: Singles | None

    @property
    def estimate(self) -> Estimate:
        """As drawn and written, in per cent; NaN where no ratio can be told."""
        if self.effect is None:
            return UNDEFINED
        one, range_ = self.effect.interval, self.singles
        low, high = (range_.low, range_.high) if range_ else (float("nan"), float("nan"))
        return Estimate(100 * one.mean, 100 * one.low, 100 * one.high, 100 * low, 100 * high, one.n)


def table(found: Found) -> Table:
    """One row a policy and quantity: absolute values."""
    return absolute_table(found[_STAGE_2.name])


def absolute_table(evidence: Evidence) -> Table:
    """One row a policy and quantity of any worlds in which ``MEASURED`` is known."""
    rows = [
        (
            policy,
            metric,
            wording.unit(metric),
            wording.direction(metric),
            *estimate(evidence, metric, policy).cells,
        )
        for policy in evidence.values[DISTANCE]
        for metric in (*MEASURED, RECIPROCAL)
    ]
    return Table(("policy", "metric", "unit", "better", *COLUMNS), tuple(rows))


def gains_table(found: Found) -> Table:
    """One row a claim, reading and policy: the gain over the chief in per cent, and what the study states."""
    columns = ("claim", "reading", "policy", "metric", "stated", "percentile_of_stated")
    return Table(
        (*columns, *(f"gain_{name}" for name in COLUMNS[:-1]), COLUMNS[-1]), tuple(_gain_rows(found))
    )


def _gain_rows(found: Found) -> Iterator[tuple[Value, ...]]:
    for claim in stated():
        for one in gains_of(claim, found):
            value = float("nan") if claim.value is None else 100.0 * claim.value
            percentile = one.singles.percentile if one.singles else float("nan")
            what = (claim.name, one.part.name, one.policy, one.part.measured)
            yield (*what, value, percentile, *one.estimate.cells)


@cache
def stated() -> tuple[Claim, ...]:
    """The claims of the figure, as paper/claims.yaml has them."""
    return tuple(one for one in read_claims(shipped_claims()) if one.name in CLAIMS)


def gains_of(claim: Claim, found: Found) -> list[Gain]:
    """Of every reading with evidence and every policy of its worlds but the chief, the studied one first."""
    made = []
    for part in parts_of(claim):
        evidence = found.get(part.worlds.name) if part.worlds is not None else None
        if evidence is None or part.measured not in evidence.values:
            continue
        policies = [one for one in evidence.values[part.measured] if one != CHIEF]
        made += [
            _gain(claim, part, evidence, one) for one in sorted(policies, key=lambda one: one != STUDIED)
        ]
    return made


def _gain(claim: Claim, part: Part, evidence: Evidence, policy: str) -> Gain:
    rows = evidence.values[part.measured]
    ours, chief = rows[policy], rows[CHIEF]
    if part.measured == DISTANCE:
        effect = gains.gain(chief, ours)
    elif claim.quantity is not None and claim.quantity.measure == "reduction":
        effect = gains.reduction(ours, chief)
    elif gains.tells(chief):
        effect = gains.gain(ours, chief)
    else:
        return Gain(part, policy, None, None)
    return Gain(part, policy, effect, singles_of(effect.worlds, claim.value or 0.0))


def figure(found: Found) -> Figure:
    """Nine quantities, a row a policy; the chief's mean as a line through all of them."""
    evidence = found[_STAGE_2.name]
    worlds = f"{evidence.worlds} worlds of 1464 inspections."
    note = f"{HOW_TO_READ}\n{worlds} Hollow, and dashed line: the chief (manual)."
    return absolute_figure(
        evidence, CHIEF, "Figure 4 again: Stage 2 under the chief and under the policies", note
    )


def absolute_figure(evidence: Evidence, baseline: str, title: str, note: str) -> Figure:
    """The same of any worlds, with the baseline's mean as a line."""
    from matplotlib.figure import Figure

    policies = tuple(evidence.values[DISTANCE])
    rows = [float(len(policies) - place) for place in range(len(policies))]
    drawn = Figure(figsize=(10.5, 8.4))
    grid = drawn.subplots(3, 3, sharey=True)
    for panel, (metric, meaning) in zip(grid.flat, _SHOWN, strict=True):
        told = [estimate(evidence, metric, policy) for policy in policies]
        panel.axvline(told[policies.index(baseline)].mean, color=SOFT, lw=0.8, ls="--", zorder=0)
        for policy, row, one in zip(policies, rows, told, strict=True):
            dot(panel, row, one, hollow=policy == baseline)
        value_labels(panel, told, rows)
        rows_of(panel, policies, rows)
        measure = f" [{wording.unit(metric)}]" if wording.unit(metric) else ""
        heading(panel, f"{_title(metric)}{measure} {wording.arrow(metric)}", meaning)
    finish(drawn, title, note)
    return drawn


def _title(metric: str) -> str:
    told = wording.title(metric)
    return told.partition(",")[0].replace("subspecialty success estimated", "subspecialty success")


def gains_figure(found: Found) -> Figure:
    """A panel a claim, a row a reading and policy, the stated gain as a line."""
    from matplotlib.figure import Figure

    drawn = Figure(figsize=(11, 9.6))
    told = {claim.name: gains_of(claim, found) for claim in stated()}
    tall = [max(len(told[name]) for name in pair) for pair in (CLAIMS[:2], CLAIMS[2:])]
    grid = drawn.subplots(2, 2, height_ratios=[rows + 2 for rows in tall])
    for panel, claim in zip(grid.flat, stated(), strict=True):
        _gain_panel(panel, claim, told[claim.name])
    worlds = sorted({one.estimate.worlds for group in told.values() for one in group if one.effect})
    counts = " or ".join(str(count) for count in worlds)
    note = (
        "Dot and line: ratio of means with its paired 95 % interval, also in figures. "
        "Pale bar: middle 95 % of single worlds.\n"
        f"Dashed line: what the study states of RWOA, one world. Black: RWOA. {counts} worlds."
    )
    finish(drawn, "Figure 4 again: gains over the chief under each reading, in per cent", note)
    return drawn


def _gain_panel(panel: Axes, claim: Claim, told: list[Gain]) -> None:
    readings = list(dict.fromkeys(one.part.name for one in told))
    rows = [float(len(told) - place) - 0.7 * readings.index(one.part.name) for place, one in enumerate(told)]
    for one, row in zip(told, rows, strict=True):
        dot(panel, row, one.estimate, soft=one.policy != STUDIED)
        beside = panel.get_yaxis_transform()
        panel.text(1.02, row, _in_figures(one.estimate), transform=beside, fontsize=7, va="center")
    rows_of(panel, [one.policy for one in told], rows)
    for label, one, row in zip(panel.get_yticklabels(), told, rows, strict=True):
        label.set_fontsize(8)
        if one.policy == STUDIED:
            label.set_fontweight("bold")
            above = panel.get_yaxis_transform()
            place, name = (-0.02, row + 0.75), one.part.name
            panel.text(*place, name, transform=above, fontsize=8, style="italic", ha="right", va="center")
    panel.set_ylim(min(rows) - 0.6, max(rows) + 1.2)
    panel.axvline(0.0, color="black", lw=0.8)
    if claim.value is not None:
        _stated(panel, 100.0 * claim.value)
    heading(panel, f"{_TITLES[claim.name]} [%]", f"{claim.name}, {claim.place[-1]}")


def _in_figures(one: Estimate) -> str:
    if math.isnan(one.mean):
        return "no ratio"
    digits = wording.places([(one.low, one.high)], most=1)
    mean, low, high = (f"{round(value, digits) + 0.0:+.{digits}f}" for value in (one.mean, one.low, one.high))
    return f"{mean} [{low}, {high}]"


def _stated(panel: Axes, value: float) -> None:
    """The study's value as a line, named on the side that has room."""
    panel.axvline(value, color="black", lw=1.2, ls="--")
    low, high = panel.get_xlim()
    left = value > (low + high) / 2
    panel.annotate(
        f"study {value:+.4g}",
        (value, panel.get_ylim()[1]),
        xytext=(-3 if left else 3, -2),
        textcoords="offset points",
        fontsize=7.5,
        va="top",
        ha="right" if left else "left",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
    )


FIGURE_4 = Exhibit(
    "figure-4",
    "Figure 4: Stage 2 under the chief and under the policies",
    (Need(_STAGE_2, MEASURED),),
    table=table,
    figure=figure,
)
FIGURE_4_GAINS = Exhibit(
    "figure-4-gains",
    "Figure 4: gains over the chief under each reading",
    (Need(_STAGE_2, MEASURED),),
    uses=tuple(
        Need(how.worlds, ("subspecialty_success", DISTANCE))
        for how in EXPERIMENTS["stage-2"].readings.values()
        if how.worlds is not None
    ),
    table=gains_table,
    figure=gains_figure,
)
