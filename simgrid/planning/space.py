"""The plans of a scenario: every combination of the values that may differ, cheapest first."""

from __future__ import annotations

from dataclasses import dataclass, replace

from simgrid.domain.scenario import Scenario
from simgrid.planning.cost import Cost, cost_of
from simgrid.scenario import Loaded
from simgrid.scenario.plan_axes import written_at

POLICY = "policy"


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan: (place, text) of each value that may differ, its cell under its one policy, its cost."""

    values: tuple[tuple[str, str], ...]
    cell: Scenario
    cost: Cost


class NoPlans(ValueError):
    """A scenario that was not loaded for planning."""


def plans(loaded: Loaded) -> tuple[Plan, ...]:
    """The plans, cheapest first; of equal cost in the order written, the last place fastest.

    ``loaded`` by ``load(..., planned=True)``.

    :raises NoPlans: for a scenario that was loaded otherwise.
    """
    if loaded.deployed is None:
        raise NoPlans("the scenario was not loaded for planning")
    made = [Plan(cell.swept, _alone(cell), cost_of(cell)) for cell in loaded.cells]
    return tuple(sorted(made, key=lambda one: one.cost.total))


def deployed(loaded: Loaded) -> Plan:
    """The scenario as written, with the values that it has at the places that may differ.

    :raises NoPlans: as ``plans``.
    """
    if loaded.deployed is None or loaded.deployed.plan is None:
        raise NoPlans("the scenario was not loaded for planning")
    asked = loaded.deployed.plan
    values = tuple(
        (place, asked.policy if place == POLICY else written_at(loaded.tree, place)) for place in asked.vary
    )
    return Plan(values, _alone(loaded.deployed), cost_of(loaded.deployed))


def _alone(cell: Scenario) -> Scenario:
    """The cell with the one policy of its plan; runs of it are the same runs."""
    if cell.plan is None:
        raise NoPlans("the scenario asks for no plan")
    label = dict(cell.swept).get(POLICY, cell.plan.policy)
    choice = next(one for one in cell.policies if one.label == label)
    return replace(cell, policies=(choice,), baseline=choice.label, claims=())
