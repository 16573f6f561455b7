"""What a way of computing evidence is given and gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import TypeAlias

from simgrid.domain.scenario import Scenario
from simgrid.domain.units import FloatArray
from simgrid.experiments.parallel import Progress

Watch: TypeAlias = Callable[[int, str], AbstractContextManager[Progress]]
"""Given the number of runs to compute and what they are of: a function that hears how many more are done."""

Values: TypeAlias = Mapping[str, Mapping[str, FloatArray]]
"""By metric and arm: shape (worlds,)."""

OneWorld: TypeAlias = Callable[[Scenario, int], Mapping[str, Mapping[str, float]]]
"""What one world of a scenario gave, by metric and arm."""
