"""Fill in ``expect`` of every claim from the reference runs.

    python -m tests.reproduction.expectations

The verdict with --full is that of all kept worlds, the one with --quick that of the first of them, as many
as --quick computes: the same worlds have the same numbers. Nothing else of paper/claims.yaml is touched. What
has no reference run yet gets no ``expect``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from simgrid.experiments.atomic import write_text
from simgrid.reproduction.claims import Claim, Mode, Word
from simgrid.reproduction.claims_file import read_claims, shipped_claims
from simgrid.reproduction.evidence import Evidence, stored
from simgrid.reproduction.findings import findings
from simgrid.reproduction.reproduce import Asked, ask
from tests.reproduction.keep import make_again, reference_folder

NOWHERE = Path("no such folder")
_CLAIM = re.compile(r"^  (?P<name>[\w-]+):$", re.MULTILINE)
_EXPECT = re.compile(r"^    expect: .*\n", re.MULTILINE)


def expected(claims: tuple[Claim, ...]) -> dict[str, dict[str, dict[Mode, Word]]]:
    """By claim, part and mode: the verdicts of the reference runs."""
    asked = ask(claims, ())
    told: dict[str, dict[str, dict[Mode, Word]]] = {}
    for mode in ("quick", "full"):
        for one in findings(asked.parts, evidence(asked, mode)):
            if one.verdict != "not run":
                told.setdefault(one.claim.name, {}).setdefault(one.part, {})[mode] = one.verdict
    return told


def evidence(asked: Asked, mode: Mode) -> Mapping[str, Evidence]:
    """What a command of the mode has on any machine: so many of the kept worlds, or what is stored."""
    found = {}
    for worlds in asked.worlds:
        kept = stored(worlds, NOWHERE)
        if kept is not None:
            count = worlds.quick if mode == "quick" and worlds.quick else kept.worlds
            found[worlds.name] = first(kept, count)
    return found


def first(kept: Evidence, count: int) -> Evidence:
    """The first worlds of it."""
    values = {metric: {arm: row[:count] for arm, row in rows.items()} for metric, rows in kept.values.items()}
    return replace(kept, worlds=count, values=values)


def filled(text: str, told: Mapping[str, Mapping[str, Mapping[Mode, Word]]]) -> str:
    """A claims file with ``expect`` as told, as the last line of each claim, and no other."""
    bare = _EXPECT.sub("", text)
    head, *rest = _CLAIM.split(bare)
    blocks = [head]
    for name, block in zip(rest[::2], rest[1::2], strict=True):
        body = block.rstrip("\n")
        line = f"\n    expect: {written(told[name])}" if name in told else ""
        blocks.append(f"  {name}:{body}{line}{block[len(body) :]}")
    return "".join(blocks)


def written(parts: Mapping[str, Mapping[Mode, Word]]) -> str:
    """``within``, ``{quick: differs, full: within}`` or one of these a part."""
    ways = {part: _by_mode(modes) for part, modes in parts.items()}
    if len(set(ways.values())) == 1:
        return next(iter(ways.values()))
    return "{" + ", ".join(f"{part}: {way}" for part, way in ways.items()) + "}"


def _by_mode(modes: Mapping[Mode, Word]) -> str:
    if len(set(modes.values())) == 1:
        return next(iter(modes.values()))
    return "{" + ", ".join(f"{mode}: {word}" for mode, word in modes.items()) + "}"


if __name__ == "__main__":
    file = shipped_claims()
    before = file.read_text(encoding="utf-8")
    write_text(file, filled(before, expected(read_claims(file))))
    make_again(reference_folder())
