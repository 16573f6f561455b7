"""The same plan in a world without what takes radiologists from their desks, or without doubt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from simgrid.domain.scenario import Scenario, throughout


def always_reading(scenario: Scenario) -> Scenario:
    """The cell in which no time at a desk goes elsewhere."""
    return _staffed(scenario, "always reading", non_reading=0.0)


def never_absent(scenario: Scenario) -> Scenario:
    """The cell in which nobody is away."""
    return _staffed(scenario, "never absent", absence=0.0)


def certain(scenario: Scenario) -> Scenario:
    """The cell with the values that the scenario has for what its worlds draw."""
    return replace(scenario, realise=None, uncertain=(), draws=())


def _staffed(scenario: Scenario, name: str, **what: float) -> Scenario:
    def change(cell: Scenario) -> Scenario:
        people = tuple(replace(one, **what) for one in cell.radiologists)  # type: ignore[arg-type]
        return _named(replace(cell, radiologists=people), name)

    return throughout(scenario, change)


def _named(cell: Scenario, name: str) -> Scenario:
    """What is drawn for a cell is kept by its text, so that another world needs another."""
    return replace(cell, canonical=f"{cell.canonical}\n{name}" if cell.canonical else "")


Change = Callable[[Scenario], Scenario]
