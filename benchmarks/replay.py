"""How long a log of many rows takes, and the memory of the largest process, from ``simgrid replay`` to a run.

``python -m benchmarks.replay [ROWS] [--days N] [--keep FOLDER]``; without ROWS 200,000. The log is made for
the measurement: shuffled columns, no order of time, two zones, semicolons; of 100 rows one is broken in one
of five ways and one repeats an earlier one. Each step is a process of its own: the command, ``validate`` of
the scenario that it wrote, all rows as the inspections of one replication, and a run of the first days.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LIMIT_MB = 1000
"""What no process may exceed; megabytes of 10^6 bytes."""
MAIN = "from simgrid.cli.main import main; import sys; main(sys.argv[1:])"
INSPECTIONS = """
import sys
from simgrid.experiments.installed import installed
from simgrid.experiments.workloads import draw
from simgrid.scenario import load
print(len(draw(load(sys.argv[1], (), installed()).cells[0], 0)))
"""
COLUMNS = (
    *("images", "site", "reported_at", "icd10", "requested_at", "modality", "assigned_to", "priority"),
    *("ward", "body_part", "opened_at", "inspection_id", "size_bytes", "protocol"),
)
_KINDS = (("CT", "HEAD", "I61"), ("MR", "KNEE", ""), ("CR", "CHEST", "J18.9"), ("CT", "CHEST", ""))
_PRIORITIES = ("STAT", "R", "routine", "", "urgent", "A")
_ONE_IN = 100
_STEP = 2_654_435_761
"""A prime: its multiples modulo the number of rows visit every row once, in no order of time."""
_DAY_S = 86_400
_START = 1_767_225_600
"""The beginning of 2026."""
_LAST_DAY = 365


@dataclass(frozen=True, slots=True)
class Step:
    """One process: seconds of wall time and of processor time, and its largest resident set in megabytes."""

    name: str
    seconds: float
    cpu_s: float
    peak_mb: float
    said: str


def rows_of(count: int) -> Iterator[str]:
    """The header and so many rows, each with its end of line."""
    yield ";".join(COLUMNS) + "\r\n"
    days = [time.strftime("%Y-%m-%d", time.gmtime(_START + _DAY_S * day)) for day in range(_LAST_DAY + 2)]
    for number in range(count):
        place = number * _STEP % count
        if number % _ONE_IN == 1:
            place = (number - 1) * _STEP % count
        yield _row(place, count, days, number // _ONE_IN % 5 if number % _ONE_IN == 2 else -1)


def _row(place: int, count: int, days: list[str], broken: int) -> str:
    second = place * _LAST_DAY * _DAY_S // count
    east = place % 3 == 0
    requested, opened, reported = (
        _written(second + later, days, east)
        for later in (0, 600 + place % 7000, 900 + place % 7000 + place % 1800)
    )
    modality, part, icd10 = _KINDS[place % 4]
    size = str(1_000_000 + place * 7919 % 200_000_000)
    match broken:
        case 0:
            requested = "yesterday"
        case 1:
            size = "about 12 MB"
        case 2:
            modality = "\0"
        case 3:
            reported = "2020-01-01T00:00:00Z"
        case 4:
            part = '"HEAD" left'
    cells = (
        *(str(1 + place % 900), f"Hospital {place % 12}", reported, icd10, requested, modality),
        *(f"Dr. {place % 40}", _PRIORITIES[place % 6], f"ward {place % 9}", part, opened, f"ACC{place:09d}"),
        *(size, ""),
    )
    return ";".join(cells) + "\r\n"


def _written(second: int, days: list[str], east: bool) -> str:
    """An instant by the clock of Dublin in winter without an offset, or further east with one."""
    day, rest = divmod(second + 7200 * east, _DAY_S)
    hour, rest = divmod(rest, 3600)
    minute, rest = divmod(rest, 60)
    return f"{days[day]}{'T' if east else ' '}{hour:02d}:{minute:02d}:{rest:02d}{'+02:00' if east else ''}"


def measured(name: str, arguments: list[str]) -> Step:
    """Run one process to its end; it must end well."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    said = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{name} ended with {os.waitstatus_to_exitcode(status)}: {said}")
    kilobytes = usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    took, cpu_s = time.perf_counter() - began, usage.ru_utime + usage.ru_stime
    return Step(name, took, cpu_s, kilobytes * 1024 / 1e6, said)


def measure(folder: Path, count: int, days: int) -> tuple[Step, ...]:
    """All steps in a folder of their own."""
    log, scenario = folder / "log.csv", folder / "replayed.yaml"
    with log.open("w", encoding="utf-8", newline="") as file:
        file.writelines(rows_of(count))
    print(f"{count:,} rows, {log.stat().st_size / 1e6:.0f} MB", flush=True)
    short = ["-r", "1", "-j", "1", "--set", f"horizon={days} d", "--set", "policies=[round-robin]"]
    baseline = ["--set", "baseline=round-robin", "-o", str(folder / "results")]
    steps = (
        ("simgrid replay", [MAIN, "replay", str(log), "--zone", "Europe/Dublin", "-o", str(scenario)]),
        ("simgrid validate", [MAIN, "validate", str(scenario)]),
        ("all as inspections", [INSPECTIONS, str(scenario)]),
        (f"simgrid run, {days} d", [MAIN, "run", str(scenario), *short, *baseline]),
    )
    return tuple(_printed(measured(*one)) for one in steps)


def _printed(step: Step) -> Step:
    over = f"  over {LIMIT_MB}" if step.peak_mb > LIMIT_MB else ""
    print(f"{step.name:20} {step.seconds:8.1f} {step.cpu_s:8.1f} {step.peak_mb:8.0f}{over}", flush=True)
    return step


def main() -> None:
    """Print the table and the line of JSON; exit code 1 if a process took more than the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=int, nargs="?", default=200_000)
    parser.add_argument("--days", type=int, default=1, help="horizon of the run")
    parser.add_argument("--keep", type=Path, help="folder that stays, with the log and what was made of it")
    asked = parser.parse_args()
    print(f"{'step':20} {'seconds':>8} {'CPU s':>8} {'peak MB':>8}")
    with tempfile.TemporaryDirectory() as own:
        folder = asked.keep or Path(own)
        folder.mkdir(parents=True, exist_ok=True)
        steps = measure(folder, asked.rows, asked.days)
    print(steps[0].said.splitlines()[1])
    found = {
        one.name: {
            "s": round(one.seconds, 1),
            "cpu_s": round(one.cpu_s, 1),
            "peak_mb": round(one.peak_mb),
        }
        for one in steps
    }
    print(json.dumps({"benchmark": "replay", "rows": asked.rows, "limit_mb": LIMIT_MB, "steps": found}))
    if any(one.peak_mb > LIMIT_MB for one in steps):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
