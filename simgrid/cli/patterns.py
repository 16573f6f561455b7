"""Names with a star, for shells that leave them as they are (PowerShell, or quotes around them)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import click

_PATTERN = re.compile(r"[*?\[]")


def folders(_: click.Context, __: click.Parameter, given: Sequence[Path]) -> tuple[Path, ...]:
    """For click's ``callback``: the folders that each name means, in the order of names."""
    return tuple(folder for one in given for folder in _meant(one, of_folders=True))


def files(_: click.Context, __: click.Parameter, given: Sequence[str]) -> tuple[str, ...]:
    """As ``folders``, of files; a name that may be a shipped scenario's stays as it is."""
    return tuple(str(file) if _is_pattern(one) else one for one in given for file in _meant(Path(one)))


def one_file(_: click.Context, __: click.Parameter, given: Path) -> Path:
    """As ``files``, where there may be one only; refuses a pattern of several."""
    found = _meant(given)
    if len(found) > 1:
        named = ", ".join(map(str, found[:5]))
        raise click.UsageError(f"several files match '{given}', and one is wanted: {named}")
    return found[0]


def _meant(given: Path, *, of_folders: bool = False) -> list[Path]:
    """As the name is given where nothing matches: commands tell what is not there, and what may be meant."""
    if not _is_pattern(str(given)):
        return [given]
    try:
        there = sorted(Path(given.anchor).glob(str(given.relative_to(given.anchor))))
    except ValueError:  # no pattern that can be looked for
        return [given]
    found = [one for one in there if one.is_dir() is of_folders and not one.name.startswith(".")]
    return found or [given]


def _is_pattern(given: str) -> bool:
    """Whether a shell would have looked for it: not where something is called just so."""
    return _PATTERN.search(given) is not None and not Path(given).exists()
