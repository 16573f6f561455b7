"""What makes two runs the same run: keys of runs and names of results folders.

Everything that can change a number is hashed: the cell as plain values, the content of every file it reads,
the policy with its options and its source, seed, replication and MODEL_VERSION. What only words or selects
(title, ledger, list of policies, number of replications, declared comparisons, bounds of targets, prices) is
left out of a run's key. A folder's name hashes the selection too, but neither the words nor the number of
replications.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from datetime import date, time
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

from simgrid.domain.scenario import PolicyChoice, Scenario
from simgrid.experiments.model_version import MODEL_VERSION
from simgrid.policies.registry import GROUP
from simgrid.quality.gates import source_file

_WORDS = frozenset(
    {"title", "sources", "canonical", "replications", "precision", "regime", "realise", "draws"}
    | {"targets", "costs", "plan", "stress"}
)
_SELECTION = frozenset({"name", "policies", "baseline", "primary", "claims", "swept", "uncertain"})
_FILES = frozenset({"inputs", "codes_folder", "folder", "file"})


def cell_digest(scenario: Scenario) -> str:
    """A hash of everything in a cell that can change a number, its files' content included."""
    values = [_plain(scenario, without=_WORDS | _SELECTION | _FILES), _files(scenario)]
    if scenario.targets:  # what is measured, not where it must lie: another bound runs nothing again
        values.append(_plain([one.measured for one in scenario.targets]))
    if file := source_file(scenario.gate):
        values.append(hashlib.sha256(Path(file).read_bytes()).hexdigest())
    return hashlib.blake2b(_json(values).encode(), digest_size=16).hexdigest()


def asked_digest(scenario: Scenario) -> str:
    """A hash of what is asked of plans: targets, costs and plan, none of which is in a folder's name."""
    asked = [_plain(list(one)) for one in (scenario.targets, scenario.costs, (scenario.plan,))]
    return hashlib.blake2b(_json(asked).encode(), digest_size=8).hexdigest()


def tested_digest(scenario: Scenario, label: str) -> str:
    """A hash of what a stress test is of: the cell, its targets, the policy with this label, what is tried.

    The folder's name has the cell, yet not the targets, nor what is tried.
    """
    chosen = [[one.name, _plain(dict(one.options))] for one in scenario.policies if one.label == label]
    asked = [_plain(list(scenario.targets)), _plain(scenario.stress), label, chosen, cell_digest(scenario)]
    return hashlib.blake2b(_json(asked).encode(), digest_size=8).hexdigest()


class RunKeys:
    """Keys of one cell under one policy, 32 hexadecimal digits each.

    ``cell`` is the cell's ``cell_digest``, ``source`` the policy's ``policy_source_hash``.
    """

    def __init__(self, cell: str, policy: PolicyChoice, source: str) -> None:
        self._digest = hashlib.blake2b(digest_size=16)
        for part in (
            cell,
            _json([policy.label, _plain(dict(sorted(policy.options.items()))), *_class_of(policy)]),
            source,
            str(MODEL_VERSION),
        ):
            self._digest.update(len(part).to_bytes(8, "big") + part.encode())

    def of(self, replication: int) -> str:
        """The key of one replication."""
        digest = self._digest.copy()
        digest.update(replication.to_bytes(8, "big"))
        return digest.hexdigest()


def folder_name(cells: tuple[Scenario, ...]) -> str:
    """``<scenario>-<hash8>``: the same for more replications or better words, another for anything else."""
    resolved = [[_plain(_unsourced(cell), without=_WORDS | _FILES), _files(cell)] for cell in cells]
    digest = hashlib.blake2b(_json(resolved).encode(), digest_size=4).hexdigest()
    return f"{cells[0].name}-{digest}"


def _class_of(policy: PolicyChoice) -> list[str]:
    """Which class of a plug-in's file; nothing for an installed policy."""
    return [] if policy.plug_in is None else [policy.plug_in.name]


def _unsourced(cell: Scenario) -> Scenario:
    """The cell without the content of its policies' files: an edited policy keeps its folder, and so the
    other policies' runs.
    """
    bare = tuple(
        choice if choice.plug_in is None else replace(choice, plug_in=replace(choice.plug_in, sha256=""))
        for choice in cell.policies
    )
    return replace(cell, policies=bare)


def policy_source_hash(policy: PolicyChoice) -> str:
    """SHA-256 of the file in which a policy is written; raises KeyError for a name that is not installed."""
    if policy.plug_in is not None:
        return policy.plug_in.sha256
    entry = {found.name: found for found in entry_points(group=GROUP)}[policy.name]
    plug_in = entry.load()
    try:
        file = inspect.getsourcefile(plug_in)
    except TypeError:  # neither class nor function: take the module that names it
        file = inspect.getsourcefile(importlib.import_module(entry.module))
    return hashlib.sha256(Path(str(file)).read_bytes()).hexdigest()


def _files(scenario: Scenario) -> list[object]:
    """The files a cell reads, by name and content: where they lie is nobody's business, if content is known.

    A file or folder of which no content was hashed is named by its path instead.
    """
    dicom, log = scenario.demand.dicom, scenario.demand.log
    mined = scenario.belief.log if scenario.belief else None
    places = [
        *(scenario.codes_folder, dicom.folder if dicom else None, log.file if log else None),
        *([mined.file] if mined else []),
    ]
    unseen = [place for place in places if place is not None and not _covers(scenario.inputs, place)]
    content = sorted([Path(path).name, digest] for path, digest in scenario.inputs.items())
    stage = scenario.belief.stage if scenario.belief else None
    earlier = [] if stage is None else [_files(stage)]
    return [content, unseen, [place is not None for place in places], *earlier]


def _covers(inputs: Mapping[str, str], place: str) -> bool:
    return any(Path(path).is_relative_to(place) for path in inputs)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


@cache
def _fields(kind: type) -> tuple[tuple[str, object], ...]:
    """A dataclass's fields with their defaults; MISSING where there is none."""
    of: tuple[Field[object], ...] = fields(kind)
    return tuple(
        (one.name, one.default_factory() if one.default_factory is not MISSING else one.default) for one in of
    )


def _plain(value: object, without: frozenset[str] = frozenset()) -> object:
    """A value as lists of plain values, in a form that is equal exactly when the values are.

    Fields at their defaults are left out, so a system that is off is in no key; a default that changes its
    meaning raises MODEL_VERSION.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if is_dataclass(value):
        kind: type = type(value)
        named = [
            [name, _plain(one, without & _FILES)]
            for name, default in _fields(kind)
            if name not in without and (one := getattr(value, name)) != default
        ]
        return [kind.__name__, named]
    if isinstance(value, Mapping):
        return [[str(key), _plain(entry)] for key, entry in value.items()]
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, set | frozenset):
        return sorted(_json(_plain(entry)) for entry in value)
    if isinstance(value, date | time):  # a datetime is a date
        return value.isoformat()
    raise TypeError(f"a scenario holds a {type(value).__name__}, which cannot be hashed: {value!r}")
