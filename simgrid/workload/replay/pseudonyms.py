"""Names that tell nothing: keyed, so that nobody without the key can try out candidates.

The key is random for each conversion unless one is given; it is written nowhere. With the same key the same
identifier gets the same pseudonym, so that logs of two months can be joined by who holds the key.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import eq
from typing import Protocol, overload

import numpy as np
import numpy.typing as npt

from simgrid.workload.replay.log_files import LogError

KEEPABLE = ("sites", "radiologists")
_KEY_BYTES = (16, 64)
_PSEUDONYM = re.compile(r"i[0-9a-f]{16}")
_DAYS_A_WEEK = 7
_SPELT_AT_ONCE = 10_000


class Naming(Protocol):
    """How identifiers of a log become those of an ``EventLog``."""

    def inspection(self, identifier: str) -> int:
        """64 bits for an inspection's identifier."""
        ...

    def shift_days(self, patient: str, most_weeks: int) -> int:
        """By how many days all dates of a patient move: whole weeks, never 0 unless ``most_weeks`` is."""
        ...

    def names(self, kind: str, given: Iterable[str]) -> dict[str, str]:
        """The name to use for each of the given names of a kind (``site``, ``radiologist``)."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class Pseudonyms:
    """Keyed pseudonyms (BLAKE2b). ``keep`` lists whose names stay as given: ``sites``, ``radiologists``.

    Of 5 million inspections two share their 64 bits with a probability below one in a million. Patients and
    inspections cannot be kept.

    Raises:
        LogError: a key that could be guessed, or names to keep that there are not.
    """

    key: bytes
    keep: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Refuse a short key and unknown names to keep, both at once."""
        least, most = _KEY_BYTES
        problems = [
            f"keep: {one!r} cannot be kept: expected some of {', '.join(KEEPABLE)}"
            for one in sorted(self.keep - set(KEEPABLE))
        ]
        if not least <= len(self.key) <= most:
            problems.append(f"a key of {len(self.key)} bytes: expected {least} to {most} random bytes")
        if problems:
            raise LogError(problems)

    def inspection(self, identifier: str) -> int:
        """64 bits that depend on the key and the identifier only."""
        return self._bits("inspection", identifier)

    def shift_days(self, patient: str, most_weeks: int) -> int:
        """Whole weeks, evenly among -most_weeks .. most_weeks without 0."""
        if not most_weeks:
            return 0
        drawn = self._bits("shift", patient) % (2 * most_weeks) - most_weeks
        return _DAYS_A_WEEK * (drawn + (drawn >= 0))

    def names(self, kind: str, given: Iterable[str]) -> dict[str, str]:
        """``site-01`` and so on, numbered in an order that only the key knows."""
        if f"{kind}s" in self.keep:
            return {name: name for name in given}
        ordered = sorted(given, key=lambda name: (self._bits(kind, name), name))
        width = max(2, len(str(len(ordered))))
        return {name: f"{kind}-{number:0{width}d}" for number, name in enumerate(ordered, 1)}

    def _bits(self, kind: str, text: str) -> int:
        keyed = hashlib.blake2b(_bytes(text), digest_size=8, key=self.key, person=kind.encode()[:16])
        return int.from_bytes(keyed.digest(), "big")


class AsGiven:
    """For a log in the standard form, whose names are pseudonyms already: everything keeps its name.

    An identifier that is no pseudonym of ours is hashed, so that a log written by hand may have any.
    """

    def inspection(self, identifier: str) -> int:
        """The 64 bits that ``pseudonym`` spells."""
        if _PSEUDONYM.fullmatch(identifier):
            return int(identifier[1:], 16)
        return int.from_bytes(hashlib.blake2b(_bytes(identifier), digest_size=8).digest(), "big")

    def shift_days(self, patient: str, most_weeks: int) -> int:
        """None: dates are shifted when identities are removed, or never."""
        return 0

    def names(self, kind: str, given: Iterable[str]) -> dict[str, str]:
        """Unchanged."""
        return {name: name for name in given}


class Spelt(Sequence[str]):
    """Pseudonyms of inspections, spelt when they are asked for: as text millions would fill the memory."""

    __slots__ = ("_bits",)

    def __init__(self, bits: npt.NDArray[np.uint64]) -> None:
        self._bits = bits

    def __len__(self) -> int:
        return len(self._bits)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Spelt: ...
    def __getitem__(self, place: int | slice) -> str | Spelt:
        if isinstance(place, slice):
            return Spelt(self._bits[place])
        return pseudonym(int(self._bits[place]))

    def __iter__(self) -> Iterator[str]:
        for first in range(0, len(self), _SPELT_AT_ONCE):
            yield from map(pseudonym, self._bits[first : first + _SPELT_AT_ONCE].tolist())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(eq, self, other))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Spelt({len(self)} pseudonyms)"


def new_key() -> bytes:
    """32 random bytes from the operating system."""
    return secrets.token_bytes(32)


def pseudonym(bits: int) -> str:
    """An inspection's 64 bits as its name: ``i`` and 16 hexadecimal digits."""
    return f"i{bits:016x}"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
