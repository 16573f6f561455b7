"""What a report is made of, in the report: values of its runs, so that anybody can make its figures again.

Studies are kept as the columns that the page looks at; plans and stress tests as the values of the runs
that they looked at, in their order, from which they come out again. What would make the page too large is
left out, the least needed first, and is then said to be lacking.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simgrid import __version__
from simgrid.domain.targets import PREFIX
from simgrid.experiments.kept import (
    Arm,
    Block,
    KeptRuns,
    KeptStudy,
    block_of,
    kept_runs,
    runs_from,
    runs_plain,
    study_from,
    study_plain,
)
from simgrid.experiments.outdated import is_outdated
from simgrid.experiments.sealed import ALWAYS, NotSealed
from simgrid.experiments.store import RunStore
from simgrid.experiments.study import ALL_INSPECTIONS, STUDY_FILE, Study, read_study
from simgrid.presentation import wording
from simgrid.presentation.board import heat, network_map
from simgrid.presentation.board.again import looked_at, plan_again, stress_again, stressed
from simgrid.presentation.board.given import PLAN_FILE, STRESS_FILE, Given, read_object
from simgrid.presentation.board.seen import Seen
from simgrid.presentation.html.elements import Html

SCHEMA = 1
LARGEST_BYTES = 60_000_000
_SCRIPT = '<script type="text/plain" class="simgrid-contents">'
_BLOCK = re.compile(re.escape(_SCRIPT) + r"([A-Za-z0-9+/=]*)</script>")
_ASKED = ("scenario", "policy", "n")
HEAT, MAP, CELLS = "hours", "links", "cells"
"""What may be left out of a study: the hours, the links, all cells but the answer's."""


@dataclass(frozen=True, slots=True)
class KeptFolder:
    """One results folder: its name, how many seals of the page are its, and what it holds.

    ``plan`` and ``stress``: the values that they come out of, or the finished objects where those are
    too many. ``outdated``: a stress test lies there that the page leaves out.
    """

    name: str
    seals: int
    study: KeptStudy | None
    plan: KeptRuns | Mapping[str, Any] | None
    stress: KeptRuns | Mapping[str, Any] | None
    asked: Mapping[str, Any]
    outdated: bool = False


@dataclass(frozen=True, slots=True)
class Contents:
    """``replications`` as the report was asked for; ``without``: what was left out of HEAT, MAP and CELLS."""

    made_by: str
    replications: int | None
    folders: tuple[KeptFolder, ...]
    without: frozenset[str]


def contents_block(
    given: Given, seen: Seen | None, replications: int | None, seals: Sequence[int], room: int
) -> Html:
    """An element that shows and executes nothing, of at most ``room`` bytes; empty where nothing fits.

    ``seals``: how many seals each folder has. A page of a folder without any keeps nothing.
    """
    if not all(seals):
        return Html("")
    runs = [_planned(folder) for folder in given.folders]
    several = sum((folder / STUDY_FILE).is_file() for folder in given.folders) > 1
    for less, bare in _ever_less():
        without = less | {MAP, HEAT} if several else less
        folders = [
            _plain(folder, count, None if several else seen, without, {} if bare else known)
            | ({"outdated": True} if folder in given.outdated else {})
            for folder, count, known in zip(given.folders, seals, runs, strict=True)
        ]
        told = {
            "schema": SCHEMA,
            "made_by": __version__,
            "replications": replications,
            "without": sorted(without),
            "folders": folders,
        }
        text = _packed(told)
        if len(text) <= room:
            return Html(text)
    return Html("")


def stripped(html: str) -> str:
    """The page without what it is made of."""
    return _BLOCK.sub("", html)


def contents_in(html: str) -> Contents | None:
    """What a page is made of; None where it says nothing of it.

    :raises NotSealed: it is damaged, or there are two, or another version of simgrid wrote it.
    """
    found = _BLOCK.findall(html)
    if not found:
        return None
    try:
        (text,) = found
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(base64.b64decode(text, validate=True), LARGEST_BYTES)
        stored = json.loads(raw)
        if unpacker.unconsumed_tail or stored["schema"] != SCHEMA:
            raise NotSealed("what it is made of is of another version: update simgrid")
        asked = stored["replications"]
        return Contents(
            str(stored["made_by"]),
            None if asked is None else int(asked),
            tuple(_folder(one) for one in stored["folders"]),
            frozenset(map(str, stored["without"])),
        )
    except (ValueError, KeyError, TypeError, AttributeError, zlib.error, binascii.Error) as error:
        if isinstance(error, NotSealed):
            raise
        message = "what it is made of is damaged: ask whoever sent the report for it again"
        raise NotSealed(message) from error


def _ever_less() -> Iterator[tuple[frozenset[str], bool]]:
    """What is left out, and whether plans and stress tests are kept as finished objects only."""
    yield frozenset(), False
    yield frozenset({MAP}), False
    yield frozenset({MAP, HEAT}), False
    yield frozenset({MAP, HEAT}), True
    yield frozenset({MAP, HEAT, CELLS}), True


def _packed(told: Mapping[str, Any]) -> str:
    text = json.dumps(told, ensure_ascii=True, separators=(",", ":"))
    return f"{_SCRIPT}{base64.b64encode(zlib.compress(text.encode(), 9)).decode()}</script>"


def _plain(
    folder: Path, seals: int, seen: Seen | None, without: frozenset[str], runs: Mapping[str, KeptRuns]
) -> dict[str, Any]:
    told: dict[str, Any] = {"name": folder.resolve().name, "seals": seals, "asked": {}}
    if (folder / STUDY_FILE).is_file():
        study = read_study(folder)
        told["study"] = study_plain(study, list(_blocks(study, seen, without)))
    left_out = (STRESS_FILE,) if is_outdated(folder) else ()
    for name in (PLAN_FILE, STRESS_FILE):
        found = None if name in left_out else read_object(folder / name)
        if found is not None and name in runs:
            told[name] = {"runs": runs_plain(runs[name])}
            told["asked"][name] = {one: found[one] for one in _ASKED if one in found}
        elif found is not None:
            told[name] = {"object": found}
    return told


def _blocks(study: Study, seen: Seen | None, without: frozenset[str]) -> Iterator[Block]:
    """The columns that the page looks at, each for the arms for which it does."""
    design = study.design
    every = [(cell, policy) for cell in range(len(design.points)) for policy in range(len(design.policies))]
    metrics = {*design.primary, *wording.HEADLINE, *ALWAYS, "reported", "open_at_end"}
    whole = [
        place
        for place, one in enumerate(study.columns)
        if one.group == ALL_INSPECTIONS and (one.metric in metrics or one.metric.startswith(PREFIX))
    ]
    if seen is None:
        yield block_of(study, whole, every)
        return
    answers = [arm for arm in every if arm[0] == seen.cell]
    yield block_of(study, whole, answers if CELLS in without else every)
    if HEAT not in without:
        yield from _some(study, heat.columns(study), heat.arms(study, seen.inputs, seen.cell, seen.policy))
    if MAP not in without:
        yield from _some(study, network_map.columns(study), [(seen.cell, seen.policy)])


def _some(study: Study, columns: Sequence[int], arms: Sequence[Arm]) -> Iterator[Block]:
    if columns:
        yield block_of(study, columns, arms)


def _planned(folder: Path) -> dict[str, KeptRuns]:
    """The values from which the folder's plan and stress test come out again, as far as they are there."""
    found = {
        PLAN_FILE: kept_runs(folder, PLAN_FILE, looked_at),
        STRESS_FILE: kept_runs(folder, STRESS_FILE, stressed),
    }
    return {name: kept for name, kept in found.items() if kept is not None}


def made_again(name: str, file: Path, told: Mapping[str, Any], store: RunStore) -> dict[str, Any]:
    """A plan or a stress test by the name of its file; raises as ``plan_again``."""
    found = plan_again(file, store) if name == PLAN_FILE else stress_again(file, told, store)
    again: dict[str, Any] = json.loads(json.dumps(found))
    return again | {"scenario": told.get("scenario")}


def _folder(stored: Mapping[str, Any]) -> KeptFolder:
    study = stored.get("study")
    return KeptFolder(
        str(stored["name"]),
        int(stored["seals"]),
        None if study is None else study_from(study),
        _runs_or_object(stored.get(PLAN_FILE)),
        _runs_or_object(stored.get(STRESS_FILE)),
        dict(stored["asked"]),
        stored.get("outdated") is True,
    )


def _runs_or_object(stored: Mapping[str, Any] | None) -> KeptRuns | Mapping[str, Any] | None:
    if stored is None:
        return None
    return runs_from(stored["runs"]) if "runs" in stored else dict(stored["object"])
