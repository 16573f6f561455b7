"""What was aimed at before anything was trained, and whether it was reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from simgrid.quality.evaluation.tables import Row, by_name


@dataclass(frozen=True, slots=True)
class Goal:
    """``key``: of the row (table, judge, on, of). ``surely``: the lower end of the interval must be above."""

    says: str
    key: tuple[str, str, str, str]
    sense: Literal[">=", "<="]
    bound: float
    surely: float | None = None


_DEFECTS = {
    "noise": 0.97,
    "blur": 0.97,
    "metal": 0.97,
    "exposure": 0.97,
    "inversion": 0.97,
    "truncation": 0.92,
    "ring": 0.88,
    "motion": 0.86,
    "ghosting": 0.84,
    "bias": 0.80,
}
GOALS: tuple[Goal, ...] = (
    Goal("any defect, AUC on unseen sources", ("judges", "fused", "any", "AUC"), ">=", 0.90),
    Goal(
        "above boosted trees on measures, paired, its lower end above 0",
        ("differences", "fused - trees", "any", "AUC difference"),
        ">=",
        0.02,
        surely=0.0,
    ),
    *(
        Goal(f"{name}, AUC on unseen sources", ("judges", "fused", name, "AUC"), ">=", bound)
        for name, bound in _DEFECTS.items()
    ),
    Goal(
        "AUC of any defect lost on the second generator",
        ("second generator", "fused", "any", "AUC lost"),
        "<=",
        0.05,
    ),
    Goal(
        "calibration error of any defect, unseen sources", ("calibration", "fused", "any", "ECE"), "<=", 0.05
    ),
    Goal("severity of CT noise, Spearman", ("severity", "fused", "CT noise", "Spearman"), ">=", 0.85),
)


def reached(goal: Goal, rows: Sequence[Row]) -> bool:
    """By the value itself, and where ``surely`` is given by the lower end of its interval too."""
    found = by_name(list(rows)).get(goal.key)
    if found is None:
        return False
    value = found.value >= goal.bound if goal.sense == ">=" else found.value <= goal.bound
    return value and (goal.surely is None or found.low > goal.surely)


def goals_table(rows: Sequence[Row]) -> str:
    """Markdown: goal, measured with its interval, met or not."""
    found = by_name(list(rows))
    lines = [
        f"| {goal.says} | {goal.sense} {goal.bound:.2f} | {found.get(goal.key, 'not measured')} "
        f"| {'met' if reached(goal, rows) else 'not met'} |"
        for goal in GOALS
    ]
    return "| goal | bound | measured [95 % interval] | |\n| --- | --- | --- | --- |\n" + "\n".join(lines)


def earns(rows: Sequence[Row]) -> str:
    """Whether the network earns its place beside the trees, in a sentence for the model card."""
    found = by_name(list(rows))["differences", "fused - trees", "any", "AUC difference"]
    if found.low > 0:
        return f"The network adds to the trees: AUC of any defect, fused minus trees, {found}."
    said = "surely below zero: the trees alone judge better" if found.high < 0 else "not surely above zero"
    return f"The CNN earns nothing: AUC of any defect, fused minus trees, is {found}, {said}."
