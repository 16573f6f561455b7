"""The bot: every file of a folder through eight steps, each once, whatever happens in between.

A step is done when its line is in the audit log; before that, the files it makes have their final names below
``work/PSEUDONYM``. Whoever is killed leaves either a line, and the step is not made again, or none, and it is
made again from the same bytes to the same files. The last step moves the folder to
``filed/VERDICT/PSEUDONYM`` in one piece. The inbox is only read; what is written names nobody, unless
``Tools.identified`` asks for it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from simgrid.quality.bot import among, audit
from simgrid.quality.bot.inbox import Found, look
from simgrid.quality.bot.overview import FILED, write_overview
from simgrid.quality.bot.seams import Tools
from simgrid.quality.bot.steps import STEPS, TIME, Done, Told, Work, record
from simgrid.quality.bot.writing import clear_halves, write

LOG = "audit.jsonl"
WORK = "work"
REPLIED = "replied"
_BRIEF = frozenset({"ingest", "denoise", "repair", "file"})  # what they tell is in the log itself


@dataclass(frozen=True, slots=True)
class Pass:
    """One look at the inbox. ``done``: pseudonym to path of the files that were finished in it.

    ``before``: how many had been finished earlier. ``waiting``: begun, and no longer in the inbox; they go on
    when they are back. ``head``: the last hash of the audit log.
    """

    found: Found
    done: Mapping[str, Path]
    before: int
    waiting: tuple[str, ...]
    head: str


@dataclass(slots=True)
class Bot:
    """One output folder at work; make it with ``bot``, while ``writing.held``."""

    output: Path
    tools: Tools
    log: audit.AuditLog
    finished: dict[str, dict[str, audit.Entry]] = field(default_factory=dict)
    known: dict[Path, tuple[tuple[int, int], str]] = field(default_factory=dict)

    def run(self, inbox: Path, told: Callable[[str, Path], None] = lambda _, __: None) -> Pass:
        """Take every file through the steps it has not made; ``told`` hears of each that is finished."""
        found = look(inbox, self.tools.pseudonyms, self.known)
        done: dict[str, Path] = {}
        before = 0
        for file, path in found.files.items():
            if "file" in self.finished.get(file, {}):
                before += 1
                continue
            self._one(file, path)
            done[file] = path
            told(file, path)
        waiting = [
            one for one, steps in self.finished.items() if "file" not in steps and one not in found.files
        ]
        write_overview(self.output, self.tools.pages)
        self._series()
        return Pass(found, done, before, tuple(waiting), self.log.head)

    def _one(self, file: str, path: Path) -> None:
        """All steps of one file, from the first that has no line in the log."""
        steps = self.finished.setdefault(file, {})
        work: Work | None = None
        for step, make in STEPS.items():
            if step in steps:
                continue
            if work is None:
                work = self._resumed(file, path, steps)
            done = make(work)
            self._keep(work, step, done)

    def _series(self) -> None:
        """What the series tell of their files, written and logged when it has changed."""
        content = among.series_lines(self.output)
        logged = [one for one in self.log.entries if one.step == among.STEP]
        digest = hashlib.sha256(content).hexdigest()
        path = self.output / among.SERIES
        if not content and not logged:
            return
        if not path.exists() or path.read_bytes() != content:
            write(path, content)
        if not logged or logged[-1].made.get(among.SERIES) != digest:
            self.log.add(among.STEP, "", {among.SERIES: digest}, {"files": content.count(b"\n")})

    def _resumed(self, file: str, path: Path, steps: Mapping[str, audit.Entry]) -> Work:
        at = self.tools.clock()
        work = Work(path, file, self.tools, at)
        for step in steps:
            work.told[step] = self._told(file, step)
        if "ingest" in steps:  # everything that bears a time bears that of the first meeting
            work.at = datetime.strptime(work.told["ingest"]["at"], TIME).replace(tzinfo=UTC)
        return work

    def _told(self, file: str, step: str) -> Told:
        name, _ = record(step, {})
        folder = self.output / WORK / file
        if not folder.exists():  # killed between the last move and its line
            (folder,) = self.output.glob(f"{FILED}/*/{file}")
        told: Told = json.loads((folder / name).read_bytes())
        return told

    def _keep(self, work: Work, step: str, done: Done) -> None:
        """Files first, then the line that says that they are all there."""
        name, content = record(step, done.told)
        folder = self.output / WORK / work.file
        made = {**done.made, name: content}
        if step == "file":
            target = self.output / FILED / done.told["under"] / work.file
            if not target.exists():  # a kill may have come between the move and its line
                write(folder / name, content)
                target.parent.mkdir(parents=True, exist_ok=True)
                folder.replace(target)
        else:
            for path, piece in sorted(made.items()):
                write(folder / path, piece)
        digests = {path: hashlib.sha256(piece).hexdigest() for path, piece in sorted(made.items())}
        brief = done.told if step in _BRIEF else {}
        self.finished[work.file][step] = self.log.add(step, work.file, digests, brief)
        work.told[step] = done.told


def bot(output: Path, tools: Tools) -> Bot:
    """Open an output folder: what a killed bot left half is taken away, what it finished is known.

    Raises:
        BrokenLog: its audit log was changed.
    """
    output.mkdir(parents=True, exist_ok=True)
    clear_halves(output)
    log = audit.opened(output / LOG, tools.clock)
    return Bot(output, tools, log, _by_file(log.entries))


def _by_file(entries: Iterable[audit.Entry]) -> dict[str, dict[str, audit.Entry]]:
    found: dict[str, dict[str, audit.Entry]] = {}
    for one in entries:
        if one.step in STEPS or one.step == REPLIED:
            found.setdefault(one.file, {})[one.step] = one
    return found
