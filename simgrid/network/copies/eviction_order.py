"""The order in which objects would go: a heap of ranks that corrects itself when it meets an old one.

An object has one valid entry, which never ranks above the object itself; a rank that has risen is put right
only when the entry comes up. Entries of what has gone, or ranks lower now, are outdated and passed over.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush

from simgrid.network.copies.rules import Held

_SLACK = 64
"""Outdated entries that are always borne, beyond as many as there are valid ones."""


def is_candidate(held: Held) -> bool:
    """Whether nothing speaks against proposing the object."""
    return not (held._pins or held._leaving or held._withheld)


class EvictionOrder:
    """Objects by rank, then by the turn of their last use; all that are candidates have an entry."""

    __slots__ = ("_heap", "_outdated")

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Held]] = []
        self._outdated = 0

    def enter(self, held: Held) -> None:
        """Give an object without a valid entry one of its present rank."""
        held._entry_rank = held._rank
        held._entry_turn = held.turn
        heappush(self._heap, (held._rank, held.turn, held))

    def move(self, held: Held) -> None:
        """The object's turn is new and its rank may be lower than its entry, if it has one."""
        if held._entry_turn >= 0:
            self._outdated += 1
            self.enter(held)
            self._tidy()

    def leave(self, held: Held) -> None:
        """The object has gone; its entry, if it has one, is outdated."""
        if held._entry_turn >= 0:
            held._entry_turn = -1
            self._outdated += 1
            self._tidy()

    def first(self) -> Held:
        """Take out the candidate of lowest rank; IndexError when there is none.

        What is no candidate loses its entry on the way: it is entered again when it becomes one.
        """
        while True:
            _, turn, held = heappop(self._heap)
            if held._entry_turn != turn:
                self._outdated -= 1
            elif not is_candidate(held):
                held._entry_turn = -1
            elif held.turn != turn:
                self.enter(held)
            else:
                held._entry_turn = -1
                return held

    def _tidy(self) -> None:
        """Rebuild when most is outdated: memory stays in proportion to the objects held."""
        if self._outdated * 2 > len(self._heap) + _SLACK:
            self._heap = [one for one in self._heap if one[2]._entry_turn == one[1]]
            heapify(self._heap)
            self._outdated = 0
