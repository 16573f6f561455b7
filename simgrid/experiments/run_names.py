"""How people name one stored run: ``FOLDER:POLICY:REPLICATION:COLUMN=VALUE``, all but the folder optional."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from simgrid.experiments.resimulation import Wanted

SYNTAX = "FOLDER[:POLICY][:REPLICATION][:COLUMN=VALUE]..."
_NUMBER = re.compile(r"[0-9]+")
_COLUMN = re.compile(r"[A-Za-z_][\w.-]*\s*=")


class BadRunName(ValueError):
    """A text that names no run, with the way to write one."""


@dataclass(frozen=True, slots=True)
class RunName:
    """A results folder and the run that is meant in it; ``replication`` is None where nobody gave one."""

    folder: Path
    policy: str | None = None
    replication: int | None = None
    at: tuple[tuple[str, str], ...] = ()

    @property
    def wanted(self) -> Wanted:
        """The run, replication 0 by default."""
        return Wanted(self.policy, self.replication or 0, dict(self.at))


def run_name(text: str) -> RunName:
    """Read a run's name: a folder, a policy's label, a replication from 0, the values of a cell.

    The folder is the longest beginning that is one on disk, or the only one that it matches
    (``results/night-*:rwoa``); a colon within a cell's value belongs to it (``hours=Mon-Fri 17:00-20:00``).

    :raises BadRunName: for a part that is none of these, or stands twice, or a pattern of several folders.
    """
    folder, parts = _folder(text)
    values = [place for place, part in enumerate(parts) if _COLUMN.match(part)]
    first = values[0] if values else len(parts)
    policy, replication = None, None
    for part in parts[:first]:
        if _NUMBER.fullmatch(part):
            if replication is not None:
                raise BadRunName(f"{text}: '{part}' is a second replication: write {SYNTAX}")
            replication = int(part)
        elif policy is not None or not part:
            what = f"'{part}' is a second policy" if part else "nothing stands between two colons"
            raise BadRunName(f"{text}: {what}: write {SYNTAX}")
        else:
            policy = part
    ends = [*values[1:], len(parts)] if values else []
    told = [":".join(parts[start:end]) for start, end in zip(values, ends, strict=True)]
    at = tuple((name.strip(), value.strip()) for name, _, value in (one.partition("=") for one in told))
    return RunName(folder, policy, replication, at)


def _folder(text: str) -> tuple[Path, list[str]]:
    """The longest beginning that is a folder on disk, and the parts after it."""
    parts = text.split(":")
    for count in range(len(parts), 0, -1):
        beginning = ":".join(parts[:count])
        if beginning and Path(beginning).is_dir():
            return Path(beginning), parts[count:]
    for count in range(len(parts), 0, -1):
        pattern = Path(":".join(parts[:count]))
        matching = sorted(one for one in Path(pattern.anchor).glob(_below(pattern)) if one.is_dir())
        if len(matching) > 1:
            raise BadRunName(f"{text}: several folders match: {', '.join(map(str, matching[:5]))}")
        if matching:
            return matching[0], parts[count:]
    drive = 2 if re.fullmatch(r"[A-Za-z]", parts[0]) and len(parts) > 1 else 1
    return Path(":".join(parts[:drive])), parts[drive:]


def _below(pattern: Path) -> str:
    """The pattern without its root, which a glob may not have."""
    return str(pattern.relative_to(pattern.anchor)) if pattern.anchor else str(pattern)
