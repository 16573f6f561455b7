"""What hostile files cost ``simgrid``: processor seconds, peak memory and exit code of whole processes.

``python -m benchmarks.hostile``. Every case must end with exit code 2 or 4 and no traceback within one second
and 2 GB of address space; the seconds are the processor's, so that a busy machine accuses nobody.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from simgrid.scenario.files import shipped

MAIN = "from simgrid.cli.main import main; import sys; main(sys.argv[1:])"
LIMIT_S, LIMIT_BYTES, GIVE_UP_S = 1.0, 2 << 30, 30
MANY = 9000


def files() -> dict[str, bytes]:
    """Hostile scenarios by name."""
    tiny = shipped("tiny/one-unit")
    text = tiny.read_text(encoding="utf-8") if tiny is not None else ""
    laughs = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n"
        for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    wide = "{from: 1, to: 2, steps: 1000000}"
    made = {
        "200 000 keys": "".join(f"k{n}: 1\n" for n in range(200_000)),
        "5000 unknown keys": "".join(f"polizies{n}: 1\n" for n in range(5000)) + text,
        "5000 unknown conditions": text.replace(
            "ratings: {CT", "ratings: {\n" + "".join(f" Brainn{n}: 0.5,\n" for n in range(5000)) + " CT", 1
        ),
        "5000 unknown sources": text + "".join(f"  sites.clinic.lin{n}: assumed\n" for n in range(5000)),
        "key 9000 times": text + "seed: 1\n" * MANY,
        "nested 100 000 deep": "a: " + "[" * 100_000,
        "line of 10 MB": "title: " + "x" * 10_000_000,
        "tag of 400 kB": "a: !" + "x" * 400_000,
        "quote never closed": "a: '" + "x\n" * 19_000,
        "words in 480 kB": "title: >\n" + ("  " + "x " * 2000 + "\n") * 120,
        "aliases of aliases": laughs,
        "100 000 digits": text.replace("replications: 2", "replications: " + "9" * 40_000),
        "1e999999": text + "\nlookup_factor: 1e999999\n",
        "10^12 cells": text + f"sweep: {{a: {wide}, b: {wide}}}",
        "2000 wrong cells": text + "foo: 1\nsweep: {seed: {from: 1, to: 2000, steps: 2000}}",
        "10^9 weeks": text.replace("horizon: 2 h", "horizon: 1000000000 weeks"),
        "year 9999": text.replace("2026-01-05", "9999-12-31"),
        "extends itself": "extends: extends_itself.yaml\n",
    }
    return {
        **{name: content.encode() for name, content in made.items()},
        "10 MB of noise": os.urandom(10_000_000),
        "NUL bytes": bytes(400_000),
        "UTF-16": text.encode("utf-16"),
    }


def cost(arguments: list[str], folder: Path) -> tuple[float, float, int, bool]:
    """Processor seconds, megabytes at most, exit code, and whether a traceback was shown."""

    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (LIMIT_BYTES, LIMIT_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (GIVE_UP_S, GIVE_UP_S))

    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-c", MAIN, *arguments],
            cwd=folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said, preexec_fn=bounded,  # noqa: PLW1509
        )  # fmt: skip
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    traceback = b"Traceback" in (folder / "said").read_bytes()
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, process.returncode, traceback


def main() -> None:
    """Print the table and the line of JSON; exit 1 where a case breaks a limit."""
    bad = []
    slowest = 0.0
    print(f"{'case':26} {'CPU s':>6} {'MB':>5} {'exit':>4}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cases = {case: case.replace(" ", "_") + ".yaml" for case in files()}
        for case, content in files().items():
            (folder / cases[case]).write_bytes(content)
        os.mkfifo(folder / "pipe")
        (folder / "loop").symlink_to("loop")
        cases |= {"pipe": "pipe", "circle of links": "loop", "folder": ".", "device": "/dev/zero"}
        for case, file in cases.items():
            seconds, megabytes, code, traceback = cost(["validate", file], folder)
            slowest = max(slowest, seconds)
            broken = seconds > LIMIT_S or code not in (2, 4) or traceback
            bad += [case] * broken
            print(f"{case:26} {seconds:6.2f} {megabytes:5.0f} {code:4d} {'LIMIT BROKEN' if broken else ''}")
    print(json.dumps({"benchmark": "hostile", "slowest_s": round(slowest, 3), "broken": bad}))
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
