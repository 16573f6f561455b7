"""A state for each of millions of studies, where few different ones occur: two bytes a study.

A study lies at its site and in the data centre, seldom anywhere else, so that they all share some hundred
states. Each state has a number from the moment when it first occurs; a row holds the number.
"""

from __future__ import annotations

from array import array
from collections.abc import Hashable
from typing import Generic, TypeVar

import numpy as np

from simgrid.domain.units import IntArray

State = TypeVar("State", bound=Hashable)

_NARROW = 1 << 16
_COUNTED_AT_ONCE = 1 << 16


class States(Generic[State]):
    """``rows`` has the number of each row's state, ``states[number]`` the state; at first all are ``first``.

    ``number`` may widen the rows to four bytes: what it returns goes into the ``rows`` that are then there.
    """

    __slots__ = ("_number", "rows", "states")

    def __init__(self, rows: int, first: State) -> None:
        self.rows = array("H", bytes(2 * rows))
        self.states = [first]
        self._number = {first: 0}

    def number(self, state: State) -> int:
        """The number of a state, a new one where it has never occurred."""
        number = self._number.setdefault(state, len(self.states))
        if number == len(self.states):
            self.states.append(state)
            if number == _NARROW:
                self.rows = array("I", self.rows)
        return number

    def of(self, row: int) -> State:
        """The state of a row."""
        return self.states[self.rows[row]]

    def put(self, row: int, state: State) -> None:
        """The row is in this state from now on."""
        number = self.number(state)
        self.rows[row] = number

    def counts(self) -> IntArray:
        """How many rows are in each state, in the order of ``states``."""
        rows = np.frombuffer(self.rows, dtype=self.rows.typecode)
        counts = np.zeros(len(self.states), dtype=np.int64)
        for begin in range(0, len(rows), _COUNTED_AT_ONCE):
            counts += np.bincount(rows[begin : begin + _COUNTED_AT_ONCE], minlength=len(counts))
        return counts
