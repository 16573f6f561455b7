"""Our header rules against dciodvfy: real files, and faults planted into valid ones.

``python -m benchmarks.header_rules [FOLDER ...]`` prints the counts: files of pydicom and pydicom-data (and
of further folders), then 500 type 1 and 2 faults and 300 harmless changes, each judged by dciodvfy now.
With ``--body-part`` it counts instead how often slices of the fetched sources (``simgrid qa fetch-data``),
all called HEAD, are found to be of the trunk. With ``--keep`` the judged changes replace
tests/golden/planted_header_faults.csv.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

from simgrid.dicom.header import Header
from simgrid.dicom.units import Plane
from simgrid.quality.rules.body_part import check_body_part
from simgrid.quality.sources.images import load
from tests.header_oracle import KEPT, bare, checked, compared, keep, mutants, planted, read, real_files

SEED, FAULTS, HARMLESS = 7, 500, 300


HEADS = (
    "invesalius-cranium",
    "totalsegmentator-ct-brain-atlas",
    "pydicom-data-ct-head",
    "pydicom-ct-skull-base",
)
TRUNKS = (
    *("pydicom-data-ct-spine", "pydicom-data-ct-pancreas", "pydicom-ct-small", "totalsegmentator-ct-liver"),
    *("totalsegmentator-ct-torso", "totalsegmentator-ct-thorax", "pyradiomics-lung1", "pyradiomics-lung2"),
)


def main(arguments: list[str]) -> None:
    if "--body-part" in arguments:
        body_parts()
        return
    files = real_files()
    for folder in (one for one in arguments if not one.startswith("--")):
        root = Path(folder)
        files |= {
            f"{root.name}/{path.relative_to(root).as_posix()}": path
            for path in sorted(root.rglob("*"))
            if path.is_file() and read(path) is not None
        }
    real = compared(files)
    with tempfile.TemporaryDirectory() as folder:
        rows = list(mutants(SEED, FAULTS, HARMLESS, Path(folder)))
        empty = bare(Path(folder))
    if "--keep" in arguments:
        keep(rows)
        print(f"written: {KEPT.name}")
    outcome = planted(rows)
    milliseconds = _speed(files)
    for kinds in (("1", "2"), ("1C", "2C")):
        found, all_ = real.share(*kinds)
        told = real.share_told(*kinds)
        print(f"type {' and '.join(kinds)} in {real.judged} real files, once per (IOD, tag):", end=" ")
        print(f"{found} of {all_} found as errors, {told} at all")
        for one in sorted(real.wanted - real.got):
            if one[2] in kinds:
                print("   not found:", *one)
    print(f"errors on the {len(real.clean)} real files that dciodvfy passes: {len(real.false)}")
    print(f"a bare file of each of {empty.kinds} kinds lacks {len(empty.wanted)}, found: {len(empty.got)}")
    for kind, tag in sorted(empty.wanted - empty.got):
        print("   not found:", kind, tag)
    for kind, tag in sorted(empty.more):
        print("   ours only:", kind, tag)
    print(f"planted faults found: {outcome.found} of {outcome.faults}")
    for mutant in outcome.missed:
        print("   not found:", mutant)
    print(f"errors on {outcome.harmless} changed files that dciodvfy passes: {len(outcome.false)}")
    for mutant, finding in outcome.false:
        print("   false:", mutant, finding.message)
    for name, finding in real.false:
        print("   false:", name, finding.message)
    print(f"more that we call missing or empty, once per (IOD, tag): {len(real.more)}")
    for iod_tag in sorted(real.more):
        print("   ours only:", *iod_tag)
    print(f"median milliseconds a header: {milliseconds:.2f}")
    summary = {
        "files": real.files,
        "judged": real.judged,
        "types_1_2": real.share("1", "2"),
        "types_1C_2C": real.share("1C", "2C"),
        "clean": len(real.clean),
        "bare": [len(empty.got), len(empty.wanted)],
        "false_errors": len(real.false) + len(outcome.false),
        "planted": [outcome.found, outcome.faults],
        "milliseconds": round(milliseconds, 2),
    }
    print(json.dumps(summary))


def body_parts() -> None:
    """Slices that a header calling all of them HEAD would be contradicted on, by source."""
    for sources in (HEADS, TRUNKS):
        total = contradicted = 0
        for source in sources:
            slices = [one.image for one in load(source)]
            header = Header(modality="CT", body_part="HEAD")
            planes = [Plane(one.pixels, "CT", "HEAD", one.spacing_mm, None, 0) for one in slices]
            told = sum(bool(list(check_body_part(header, plane))) for plane in planes)
            print(f"{source}: {told} of {len(slices)}")
            total, contradicted = total + len(slices), contradicted + told
        print(f"together: {contradicted} of {total}")


def _speed(files: dict[str, Path]) -> float:
    """Median time of one check over the files, each read afresh."""
    times = []
    for path in files.values():
        dataset = read(path)
        if dataset is not None:
            start = time.perf_counter()
            checked(dataset)
            times.append(1e3 * (time.perf_counter() - start))
    return sorted(times)[len(times) // 2]


if __name__ == "__main__":
    main(sys.argv[1:])
