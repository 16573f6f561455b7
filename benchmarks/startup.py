"""How long ``simgrid --help`` and ``simgrid validate`` take, as multiples of ``python -c "import click"``.

``python -m benchmarks.startup [--rounds N]``. Whole processes, started in turn so that a busy machine slows
all alike; the median over the rounds. The scenario is the study's Table 1 written out in 400 lines and more,
one value a line.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from simgrid.scenario.files import read_resolved
from simgrid.scenario.writing import as_yaml

LIMITS = {"simgrid --help": 2.0, "simgrid validate": 12.0}
MAIN = "from simgrid_telerad import main; import sys; main(sys.argv[1:])"


def elapsed_s(arguments: list[str]) -> float:
    """Wall time of one process; it must end well."""
    began = time.perf_counter()
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


def written_out(folder: Path) -> tuple[Path, int]:
    """Table 1 with one value a line, and its number of lines."""
    text = as_yaml(read_resolved("paper/table-1").tree)
    file = folder / "table-1.yaml"
    file.write_text(text, encoding="utf-8")
    return file, text.count("\n")


def measure(rounds: int) -> tuple[dict[str, float], int]:
    """Median seconds of each command, and the lines of the scenario."""
    with tempfile.TemporaryDirectory() as folder:
        file, lines = written_out(Path(folder))
        commands = {
            "import click": [sys.executable, "-c", "import click"],
            "simgrid --help": [sys.executable, "-c", MAIN, "--help"],
            "simgrid validate": [sys.executable, "-c", MAIN, "validate", str(file)],
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for arguments in commands.values():  # once unmeasured, for the disk's cache
            elapsed_s(arguments)
        for _ in range(rounds):
            for name, arguments in commands.items():
                times[name].append(elapsed_s(arguments))
    return {name: statistics.median(seconds) for name, seconds in times.items()}, lines


def main() -> None:
    """Print the table and the line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    seconds, lines = measure(parser.parse_args().rounds)
    unit = seconds["import click"]
    print(f"a scenario of {lines} lines; {os.cpu_count()} processors")
    print(f"{'command':18} {'ms':>6} {'ratio':>6} {'limit':>6}")
    for name, took in seconds.items():
        limit = f"{LIMITS[name]:6.0f}" if name in LIMITS else ""
        print(f"{name:18} {1000 * took:6.0f} {took / unit:6.2f} {limit}")
    ratios = {name: round(seconds[name] / unit, 3) for name in LIMITS}
    print(json.dumps({"benchmark": "startup", "lines": lines, "ratios": ratios}))


if __name__ == "__main__":
    main()
