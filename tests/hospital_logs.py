"""The same few requests as a hospital's systems tell them: CSV, XES, HL7 and DICOM, with names in them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from tests.unit import dicom_samples

PLANTED = (
    *("PLANTEDNAME", "PLANTEDMRN", "PLANTEDPHONE", "PLANTEDDOCTOR", "PLANTEDHOSPITAL", "PLANTEDACC"),
    *dicom_samples.PLANTED,
)
"""What must be in no file that a conversion writes; every log below holds some of it, its name included."""

BAD = 2
"""Requests of each log that cannot be used."""
GOOD = 6
START = datetime(2026, 1, 5, 8)
MAPPING = "Accession: inspection_id\nOrdered: requested_at\nPatient: patient_id\nReader: assigned_to\n"


def _minutes(number: int) -> datetime:
    return START + timedelta(minutes=15 * number)


def csv_log(folder: Path) -> Path:
    """Semicolons, local times, names of its own (see ``MAPPING``); two rows without a usable time."""
    stream = io.StringIO(newline="")
    rows = csv.writer(stream, delimiter=";", lineterminator="\r\n")
    rows.writerow(("Accession", "Patient", "Phone", "site", "Ordered", "modality", "body_part", "Reader"))
    for n in range(GOOD + BAD):
        when = _minutes(n).isoformat(" ") if n < GOOD else f"PLANTEDNAME rang PLANTEDPHONE {n}"
        who = (f"PLANTEDACC{n}", "PLANTEDMRN", "PLANTEDPHONE", f"PLANTEDHOSPITAL {n % 2}")
        rows.writerow((*who, when, ("CT", "MR")[n % 2], ("HEAD", "KNEE")[n % 2], f"PLANTEDDOCTOR {n % 2}"))
    path = folder / "PLANTEDNAME.csv"
    path.write_text(stream.getvalue(), encoding="utf-8", newline="")
    return path


def xes_log(folder: Path) -> Path:
    """A trace each, two of them withdrawn."""
    traces = [_trace(n, cancelled=n >= GOOD) for n in range(GOOD + BAD)]
    path = folder / "PLANTEDNAME.xes"
    path.write_text(
        f'<?xml version="1.0"?>\n<log xes.version="1.0">{"".join(traces)}</log>', encoding="utf-8"
    )
    return path


def _trace(number: int, *, cancelled: bool) -> str:
    own = {
        "concept:name": f"PLANTEDACC{number}",
        "patient": "PLANTEDNAME",
        "site": f"PLANTEDHOSPITAL {number % 2}",
        "modality": "CT",
        "body_part": "Brain",
    }
    names = ["request", *(["cancel"] if cancelled else ["report"])]
    attributes = "".join(f'<string key="{key}" value="{value}"/>' for key, value in own.items())
    events = "".join(
        f'<event><string key="concept:name" value="{name}"/>'
        f'<string key="org:resource" value="PLANTEDDOCTOR"/>'
        f'<date key="time:timestamp" value="{_minutes(number + step).isoformat()}Z"/></event>'
        for step, name in enumerate(names)
    )
    return f"<trace>{attributes}{events}</trace>"


def hl7_log(folder: Path) -> Path:
    """A folder of a file an order, two of them cancelled."""
    feed = folder / "PLANTEDNAME feed"
    feed.mkdir()
    for n in range(GOOD + BAD):
        at, control = _minutes(n).strftime("%Y%m%d%H%M"), "NW" if n < GOOD else "CA"
        lines = (
            f"MSH|^~\\&|RIS|PLANTEDHOSPITAL|X|Y|{at}+0000||ORM^O01|{n}|P|2.5",
            "PID|1||PLANTEDMRN^^^H||PLANTEDNAME^JANE||19330222|F|||PLANTEDSTREET 5||PLANTEDPHONE",
            f"ORC|{control}|PLANTEDACC{n}|F{n}||||||{at}|||PLANTEDDOCTOR",
            f"OBR|1|PLANTEDACC{n}|F{n}|CTBRAIN^CT BRAIN of PLANTEDNAME^L|||||||||||^^^&Brain|||||||||CT",
        )
        (feed / f"PLANTEDNAME {n}.hl7").write_text("\r".join(lines) + "\r", encoding="utf-8")
    return feed


def dicom_folder(folder: Path) -> Path:
    """A study a file in folders that name the patient, and two files that are none."""
    archive = folder / "archive"
    for n in range(GOOD):
        made = dicom_samples.dataset(study=str(n + 1), BodyPartExamined="CHEST")
        dicom_samples.write(made, archive / f"PLANTEDNAME {n}" / "image.dcm")
    for n in range(BAD):
        (archive / f"PLANTEDNAME {n}.txt").write_text("PLANTEDNAME is not well", encoding="utf-8")
    return archive


LOGS: dict[str, Callable[[Path], Path]] = {
    "CSV": csv_log,
    "XES": xes_log,
    "HL7": hl7_log,
    "DICOM": dicom_folder,
}
