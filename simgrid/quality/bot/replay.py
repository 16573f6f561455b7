"""Every step of every finished file made again, and held against the audit log; nothing is written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from simgrid.quality.bot.inbox import look
from simgrid.quality.bot.machine import Bot
from simgrid.quality.bot.overview import FILED
from simgrid.quality.bot.steps import STEPS, TIME, Work, record


@dataclass(frozen=True, slots=True)
class Replayed:
    """One file: the names of what came out with other bytes than the log says, ``STEP: FILE``."""

    file: str
    otherwise: tuple[str, ...]


def replay(bot: Bot, inbox: Path) -> Iterator[Replayed]:
    """Each finished file that is still in the inbox.

    The same version, weights and salt give the same bytes on the same machine; others need not.
    """
    for file, path in look(inbox, bot.tools.pseudonyms, bot.known).files.items():
        if "file" in bot.finished.get(file, {}):
            yield Replayed(file, tuple(_otherwise(bot, file, path)))


def _otherwise(bot: Bot, file: str, path: Path) -> Iterator[str]:
    (folder,) = bot.output.glob(f"{FILED}/*/{file}")
    met = json.loads((folder / record("ingest", {})[0]).read_bytes())["at"]
    work = Work(path, file, bot.tools, datetime.strptime(met, TIME).replace(tzinfo=UTC))
    for step, make in STEPS.items():
        done = make(work)
        name, content = record(step, done.told)
        made = {**done.made, name: content}
        logged = bot.finished[file][step].made
        for one in sorted({*made, *logged}):
            if one not in made or hashlib.sha256(made[one]).hexdigest() != logged.get(one):
                yield f"{step}: {one}"
        work.told[step] = done.told
