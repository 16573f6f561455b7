"""Whether an output folder is still what its audit log tells of: its files, its folders, its results."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from simgrid.quality.bot import among
from simgrid.quality.bot.audit import Entry
from simgrid.quality.bot.overview import FILED, RESULTS
from simgrid.quality.bot.steps import STEPS


def damaged_files(output: Path, entries: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    """Path below ``output`` and what is wrong with it, for every file that is missing or has other bytes.

    Of what the series tell, which is written anew whenever it changes, the last line counts.
    """
    of_series = [entry for entry in entries if entry.step == among.STEP]
    for entry in of_series[-1:]:
        kept = output / among.SERIES
        if not kept.is_file():
            yield among.SERIES, "is gone: the bot, started again, writes it anew"
        elif hashlib.sha256(kept.read_bytes()).hexdigest() != entry.made.get(among.SERIES):
            yield among.SERIES, f"is not what line {entry.n} made"
    for entry in entries:
        if entry.step == among.STEP:
            continue
        for name, digest in sorted(entry.made.items()):
            places = [output / "work" / entry.file / name, *output.glob(f"{FILED}/*/{entry.file}/{name}")]
            there = [path for path in places if path.is_file()]
            if not there:
                yield f"{entry.file}/{name}", f"is gone (line {entry.n} made it)"
            for path in there:
                if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
                    yield _below(output, path), f"is not what line {entry.n} made"


def untold_folders(output: Path, entries: Iterable[Entry]) -> Iterator[tuple[str, str]]:
    """Path and what is wrong, for every filed folder of which the log does not tell each step and the place.

    A log that was cut at the end of a line is sound in itself: only what is filed shows that lines are gone.
    """
    told: dict[str, dict[str, Entry]] = {}
    for entry in entries:
        told.setdefault(entry.file, {})[entry.step] = entry
    for folder in _filed(output):
        steps = told.get(folder.name, {})
        missing = [step for step in STEPS if step not in steps]
        place = _below(output, folder)
        if len(missing) == len(STEPS):
            yield place, "the log has no line about it: lines were cut off, or the folder was put there"
        elif missing:
            why = "lines were cut off, or the bot was killed here and has to be started again"
            yield place, f"the log has no line of its {', '.join(missing)}: {why}"
        elif (under := steps["file"].told.get("under")) != folder.parent.name:
            yield place, f"line {steps['file'].n} filed it under {str(under)[:20]!r}"


def false_results(output: Path) -> Iterator[tuple[str, str]]:
    """Place and what is wrong, wherever ``results.jsonl`` and the filed ``report.json`` files disagree."""
    reports = {
        folder.name: report
        for folder in _filed(output)
        if (report := folder / "report.json").is_file()  # a missing one is named by its line of the log
    }
    results = output / RESULTS
    if not results.is_file():
        if reports:
            yield RESULTS, "is gone: the bot, started again, writes it anew"
        return
    seen: set[str] = set()
    for number, line in enumerate(results.read_bytes().splitlines(keepends=True), start=1):
        file = _file_of(line)
        if file not in reports:
            yield f"{RESULTS}:{number}", "is about no file that is filed"
        elif file in seen:
            yield f"{RESULTS}:{number}", f"tells of {file} once more"
        elif line != reports[file].read_bytes():
            yield f"{RESULTS}:{number}", f"is not what {_below(output, reports[file])} says"
        seen.add(file)
    for file in sorted(reports.keys() - seen):
        yield (
            RESULTS,
            f"has no line for {_below(output, reports[file].parent)}: the bot, started again, writes it anew",
        )


def _filed(output: Path) -> list[Path]:
    return sorted(path for path in output.glob(f"{FILED}/*/*") if path.is_dir())


def _below(output: Path, path: Path) -> str:
    return path.relative_to(output).as_posix()


def _file_of(line: bytes) -> str:
    """The pseudonym in a line of results; empty for what is no such line."""
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return ""
    return str(told.get("path", "")) if isinstance(told, dict) else ""
