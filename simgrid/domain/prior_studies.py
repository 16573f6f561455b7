"""The earlier studies of a run's patients, and which of them each inspection asks for: columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simgrid.domain.study import EarlierStudies


@dataclass(frozen=True, slots=True)
class StudyLists:
    """A list of study numbers for each of S inspections: those of inspection i are in ``begin[i]`` to
    ``begin[i + 1]`` of ``study``.
    """

    begin: npt.NDArray[np.int64]
    study: npt.NDArray[np.int64]

    def of(self, inspection: int) -> list[int]:
        """One inspection's list."""
        own: list[int] = self.study[self.begin[inspection] : self.begin[inspection + 1]].tolist()
        return own


@dataclass(frozen=True, slots=True)
class PriorStudies:
    """The priors of a run as studies: ``ahead`` to import from the assignment on, ``wanted`` at opening."""

    earlier: EarlierStudies
    ahead: StudyLists
    wanted: StudyLists
