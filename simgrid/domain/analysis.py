"""A sensitivity analysis: the design whose points are the cells of a study."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from simgrid.domain.units import FloatArray

Method: TypeAlias = Literal["morris", "sobol"]


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """One design, made once for each combination of the crossed switches.

    ``ends``: each place's range as written. ``shares`` (rows, places) says where each row lies between the
    ends. ``row_points`` names the row's point among the ``distinct`` ones, which are the cells of a
    combination, combination after combination. ``crossed``: the names of the switches. ``of``: metrics.
    """

    method: Method
    places: tuple[str, ...]
    ends: tuple[tuple[str, str], ...]
    shares: FloatArray
    row_points: tuple[int, ...]
    distinct: int
    crossed: tuple[str, ...]
    of: tuple[str, ...]
    seed: int
