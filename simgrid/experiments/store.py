"""The runs on disk: one small JSON file a run, named by its key, written whole or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simgrid.experiments.atomic import clear_leftovers, write_text
from simgrid.experiments.receipts import FOLDER
from simgrid.metrics import Measurement

RUN_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Run:
    """One finished run and what it was a run of."""

    key: str
    policy: str
    swept: tuple[tuple[str, str], ...]
    replication: int
    measurements: tuple[Measurement, ...]


class DamagedRun(ValueError):
    """A stored run that cannot be trusted: cut short, altered, or of another key."""


@dataclass(frozen=True, slots=True)
class RunStore:
    """The folder ``runs/`` of a results folder, with the receipts beside it."""

    folder: Path

    @property
    def receipts(self) -> Path:
        """The folder of the receipts: see ``receipts``."""
        return self.folder.with_name(FOLDER)

    def prepare(self) -> None:
        """Make the folders, and take away what writers left that were killed."""
        for folder in (self.folder, self.receipts):
            folder.mkdir(parents=True, exist_ok=True)
        clear_leftovers(self.folder)

    def path(self, key: str) -> Path:
        """Where the run of this key is, or would be."""
        return self.folder / f"{key}.json"

    def save(self, run: Run) -> None:
        """Store a run; raises the system's OSError when the disk refuses."""
        write_text(self.path(run.key), _encode(run))

    def load(self, key: str) -> Run | None:
        """The stored run, or None when there is none; raises DamagedRun."""
        try:
            content = self.path(key).read_bytes()
        except FileNotFoundError:
            return None
        return _decode(key, content)

    def holds(self, key: str) -> bool:
        """Whether there is a sound run of this key."""
        try:
            return self.load(key) is not None
        except DamagedRun:
            return False


def fingerprint(measurements: Sequence[Measurement]) -> str:
    """16 hexadecimal digits of all that was measured of a run, to the last digit of each number."""
    return _check(_body(measurements))


def _encode(run: Run) -> str:
    body = _body(run.measurements)
    head = {
        "schema": RUN_SCHEMA,
        "key": run.key,
        "policy": run.policy,
        "swept": [list(pair) for pair in run.swept],
        "replication": run.replication,
        "check": _check(body),
    }
    return f'{json.dumps(head)[:-1]}, "measurements": {body}}}\n'


def _body(measurements: Sequence[Measurement]) -> str:
    rows = [[one.group, one.metric, one.unit, number(one.value)] for one in measurements]
    return json.dumps(rows, separators=(",", ":"))


def _decode(key: str, content: bytes) -> Run:
    try:
        stored = json.loads(content)
        rows = stored["measurements"]
        if stored["schema"] != RUN_SCHEMA:
            raise DamagedRun(f"its schema is {stored['schema']!r}, expected {RUN_SCHEMA}")
        if stored["key"] != key:
            raise DamagedRun("it holds another run")
        if stored["check"] != _check(json.dumps(rows, separators=(",", ":"))):
            raise DamagedRun("its numbers do not match their check sum")
        return Run(
            key=key,
            policy=stored["policy"],
            swept=tuple((name, value) for name, value in stored["swept"]),
            replication=stored["replication"],
            measurements=tuple(Measurement(g, m, unit, float(value)) for g, m, unit, value in rows),
        )
    except (ValueError, KeyError, TypeError) as error:
        if isinstance(error, DamagedRun):
            raise
        raise DamagedRun("it is cut short or not a run") from error


def number(value: float) -> float | str:
    """Floats as their shortest exact decimal; what JSON cannot say (nan, inf) as a word."""
    exact = float(value)
    return exact if abs(exact) < float("inf") else repr(exact)


def _check(body: str) -> str:
    return hashlib.blake2b(body.encode(), digest_size=8).hexdigest()
