"""Eviction rules word by word: every decision looks at all objects anew. Slow, and nothing to get wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Name = Literal["lru", "lfu", "fifo", "gdsf", "ttl", "clairvoyant"]


@dataclass
class Object:
    key: int
    size: int
    cost: float
    admitted: int
    admitted_turn: int
    used_turn: int
    uses: int
    floor: float


class NaiveCache:
    """One request a step; the step is the time. ``future`` lists every request of the whole run."""

    def __init__(self, capacity: int, name: Name, lifetime: float, future: Sequence[int]) -> None:
        self.capacity = capacity
        self.name = name
        self.lifetime = lifetime if name == "ttl" else math.inf
        self.future = future
        self.objects: list[Object] = []
        self.floor = 0.0
        self.turn = 0

    def request(self, step: int, size: int, cost: float) -> tuple[bool, list[int]]:
        """Whether it is a hit, and who had to go for it."""
        key = self.future[step]
        self.turn += 1
        for one in self.objects:
            if one.key == key:
                one.used_turn = self.turn
                one.uses += 1
                one.floor = self.floor
                hit = step - one.admitted < self.lifetime
                if not hit:
                    one.admitted = step
                    one.admitted_turn = self.turn
                return hit, []
        gone: list[int] = []
        if size > self.capacity:
            return False, gone
        while self.capacity - sum(one.size for one in self.objects) < size:
            victim = min(self.objects, key=lambda one: self.order(one, step))
            self.objects.remove(victim)
            self.floor = max(self.floor, self.value(victim))
            gone.append(victim.key)
        self.objects.append(Object(key, size, cost, step, self.turn, self.turn, 1, self.floor))
        return False, gone

    def value(self, one: Object) -> float:
        return one.floor + one.uses * one.cost / one.size

    def order(self, one: Object, step: int) -> tuple[float, int]:
        match self.name:
            case "lru":
                return one.used_turn, 0
            case "lfu":
                return one.uses, one.used_turn
            case "fifo":
                return one.admitted_turn, 0
            case "gdsf":
                return self.value(one), one.used_turn
            case "ttl":
                return one.admitted, one.admitted_turn
            case "clairvoyant":
                later = [at for at in range(step + 1, len(self.future)) if self.future[at] == one.key]
                return -(later[0] if later else math.inf), one.used_turn


def most_hits(requests: Sequence[int], places: int) -> int:
    """The most hits that any choice of victims gives on objects of one size: all choices are tried."""
    reachable: dict[frozenset[int], int] = {frozenset(): 0}
    for key in requests:
        after: dict[frozenset[int], int] = {}
        for held, hits in reachable.items():
            if key in held:
                choices = [(held, hits + 1)]
            elif len(held) < places:
                choices = [(held | {key}, hits)]
            else:
                choices = [(held - {victim} | {key}, hits) for victim in held]
            for state, number in choices:
                after[state] = max(after.get(state, -1), number)
        reachable = after
    return max(reachable.values())
