"""Two months of a made-up department, written as a RIS of its own would: what a user brings along.

The department is simulated, so its logs are synthetic and name nobody. ``python -m tests.foreign_logs``
writes those that the sixth notebook reads. What is wrong in them is planted, and counted here.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from simgrid.domain.journal import Journal
from simgrid.domain.scenario import PolicyChoice, Scenario
from simgrid.experiments.assemble import run_journal
from simgrid.scenario import load

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "notebooks" / "sample-log"
ZONE = "Europe/Istanbul"
READERS = ("adler", "brandt", "costa", "dahl")
HEADER = {
    "Accession": "inspection_id",
    "Hospital": "site",
    "Ordered": "requested_at",
    "Mod": "modality",
    "Part": "body_part",
    "Prio": "priority",
    "Bytes": "size_bytes",
    "Radiologist": "assigned_to",
    "Opened": "opened_at",
    "Signed": "reported_at",
}
"""Column names of the logs, in their order, to ours."""
DEPARTMENT = """\
title: "A made-up department"
calendar: {start: 2026-05-04, zone: Europe/Istanbul}
horizon: 28 d
give_up_after: 28 d
replications: 1
policies: [manual]
demand:
  count: 900
  by_hour: office
  urgent: 12 %
  required: {urgent: 60 min, routine: 24 h}
  mix: {modalities: {CT: 55 %, MR: 25 %, CR: 20 %}, body_parts: [Brain, Thorax, Upper Abdomen]}
reading_time: {any: {lognormal: {cv: 0.5}}}
dispatch: {every: 15 min}
spread: {speed: 0, skill: 0, estimate_error: 0.1}
sites:
  central: {link: {bandwidth: 50 Mbit/s}, demand: {share: 50 %}}
  harbour: {link: {bandwidth: 20 Mbit/s}, demand: {share: 30 %}}
  valley: {link: {bandwidth: 8 Mbit/s}, demand: {share: 20 %}}
units:
  city: {link: {bandwidth: 100 Mbit/s}, storage: 4 TB, workstations: 4, monitor: 5 MP}
data_centre: {link: {bandwidth: 1 Gbit/s}}
radiologists:
  adler: {unit: city, reads: [CT, MR, CR], hours: &office "Mon-Fri 08:00-17:00", speed: 0.8,
          ratings: {CT: 0.9, MR: 0.9, CR: 0.5, Brain: 0.9, Head: 0.9}}
  brandt: {unit: city, reads: [CT, MR, CR], hours: *office, speed: 1.3,
           ratings: {CT: 0.9, MR: 0.5, CR: 0.9, Thorax: 0.9, Chest: 0.9}}
  costa: {unit: city, reads: [CT, MR, CR], hours: *office, speed: 1.0,
          ratings: {CT: 0.7, MR: 0.9, CR: 0.7, Upper Abdomen: 0.9, Abdomen: 0.9}}
  dahl: {unit: city, reads: [CT, MR, CR], hours: *office, speed: 1.1,
         ratings: {CT: 0.7, MR: 0.7, CR: 0.7, Brain: 0.6, Thorax: 0.6, Upper Abdomen: 0.6}}
"""
MONTHS = {
    "may": ("calendar.start=2026-05-04",),
    "june": ("calendar.start=2026-06-01", "demand.count=850", "seed=7"),
}


@dataclass(frozen=True, slots=True)
class Planted:
    """What a log is to be refused for, by (line, field), and what counts as missing, by field."""

    text: str
    rows: int
    refused: Mapping[tuple[int, str], str]
    missing: Mapping[str, int]


def department(month: str, folder: Path) -> tuple[Scenario, Journal]:
    """The department's month as it was."""
    file = folder / "department.yaml"
    file.write_text(DEPARTMENT, encoding="utf-8")
    scenario = load(file, MONTHS[month]).cells[0]
    return scenario, run_journal(scenario, PolicyChoice("manual"), 0)


def rows_of(scenario: Scenario, journal: Journal) -> list[dict[str, str]]:
    """Every inspection under the RIS's names, with instants as ISO 8601 in UTC, whole seconds."""
    of = journal.inspections

    def at(seconds: float) -> str:
        if seconds != seconds:  # noqa: PLR0124
            return ""
        return (scenario.start + timedelta(seconds=round(seconds))).astimezone(ZoneInfo("UTC")).isoformat()

    return [
        {
            "Accession": f"A{number:05d}",
            "Hospital": of.site[number],
            "Ordered": at(of.requested_s[number]),
            "Mod": of.modality[number],
            "Part": of.body_part[number],
            "Prio": "stat" if of.urgent[number] else "routine",
            "Bytes": f"{of.size_bytes[number]:.0f}",
            "Radiologist": journal.radiologists.name[of.radiologist[number]],
            "Opened": at(of.opened_s[number]),
            "Signed": at(of.reported_s[number]),
        }
        for number in range(len(of))
    ]


def planted(rows: Sequence[Mapping[str, str]]) -> Planted:
    """The rows in local time with semicolons: cells blanked, rows repeated, codes and times spoilt."""
    spoilt = [{**one, **_local(one)} for one in rows]
    missing = {"Prio": 0, "Bytes": 0, "Part": 0, "Opened": 0}
    for number, one in enumerate(spoilt):
        for step, (name, empty) in zip(
            (17, 23, 41, 59), (("Prio", ""), ("Bytes", "n/a"), ("Part", "-"), ("Opened", "")), strict=True
        ):
            if number % step == step - 1:
                one[name] = empty
                missing[name] += 1
    bad = list(_bad(spoilt))
    lines: list[dict[str, str]] = [*spoilt]
    refused: dict[tuple[int, str], str] = {}
    for place, (field, reason, row) in zip(range(50, 50 + 40 * len(bad), 40), bad, strict=True):
        lines.insert(place, row)
        refused[place + 2, field] = reason
    return Planted(_written(lines, tuple(HEADER)), len(lines), refused, missing)


def _bad(rows: Sequence[Mapping[str, str]]) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Field, what the reason says, and the row to be refused; each is a row of its own."""
    for number, at in enumerate((0, 1, 2)):
        yield "inspection_id", "repeats", {**rows[at + number], "Bytes": "1000000"}
    new = {**rows[5], "Accession": "B1"}
    yield "modality", "", {**new, "Mod": "ZZ"}
    yield "body_part", "", {**new, "Accession": "B2", "Part": "Soul"}
    yield "requested_at", "ISO 8601", {**new, "Accession": "B3", "Ordered": "31.04.2026 08:00"}
    yield "requested_at", "", {**new, "Accession": "B4", "Ordered": ""}
    yield "opened_at", "", {**new, "Accession": "B5", "Opened": "2026-04-01 08:00:00"}
    yield "reported_at", "", {**new, "Accession": "B6", "Signed": new["Ordered"]}
    yield "size_bytes", "", {**new, "Accession": "B7", "Bytes": "187.000.000"}


def _local(row: Mapping[str, str]) -> dict[str, str]:
    return {
        name: datetime.fromisoformat(row[name]).astimezone(ZoneInfo(ZONE)).strftime("%Y-%m-%d %H:%M:%S")
        if row[name]
        else ""
        for name in ("Ordered", "Opened", "Signed")
    }


def in_another_shape(rows: Sequence[Mapping[str, str]]) -> str:
    """The same rows with commas, columns and rows in another order, and instants with New York's offset."""
    far = ZoneInfo("America/New_York")
    turned = [
        {
            **one,
            **{
                name: datetime.fromisoformat(one[name]).astimezone(far).isoformat() if one[name] else ""
                for name in ("Ordered", "Opened", "Signed")
            },
        }
        for one in rows
    ]
    return _written(list(reversed(turned)), tuple(reversed(HEADER)), delimiter=",")


def in_local_time(rows: Sequence[Mapping[str, str]]) -> str:
    """The rows as ``planted`` has them, with nothing planted."""
    return _written([{**one, **_local(one)} for one in rows], tuple(HEADER))


def _written(rows: Sequence[Mapping[str, str]], columns: Sequence[str], delimiter: str = ";") -> str:
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, columns, delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def mapping() -> str:
    """The file after ``--map``, which is JSON: scenarios alone are YAML beside a log."""
    pairs = ",\n".join(f'  "{own}": "{ours}"' for own, ours in HEADER.items())
    return f"{{\n{pairs}\n}}\n"


def main() -> None:
    """Write the samples."""
    SAMPLES.mkdir(parents=True, exist_ok=True)
    (SAMPLES / "names.json").write_text(mapping(), encoding="utf-8")
    for month in MONTHS:
        with tempfile.TemporaryDirectory() as folder:
            rows = rows_of(*department(month, Path(folder)))
        (SAMPLES / f"{month}.csv").write_text(planted(rows).text, encoding="utf-8")


if __name__ == "__main__":
    main()
