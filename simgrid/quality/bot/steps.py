"""The eight steps of one file. Each is a function of the file's bytes and of what earlier steps have told.

What a step tells is JSON, is kept as ``steps/N-NAME.json``, and holds no text of the file. Pixels are not
kept: whoever resumes or replays computes them again from the same bytes, and comes to the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from simgrid.dicom.derived import Fix
from simgrid.dicom.pixels import ReadFile
from simgrid.dicom.structured_report import Assessment
from simgrid.quality.bot.among import salt_of, told_of
from simgrid.quality.bot.fixes import Trial, attempt, changed, score, turned_over
from simgrid.quality.bot.reporting import file_report, modality_of, report_line, thumbnail
from simgrid.quality.bot.seams import Tools
from simgrid.quality.check import Checked, word
from simgrid.quality.classifier.judgement import NOTED_ONLY
from simgrid.quality.defect_names import Defect, family
from simgrid.quality.image import Image

Told = Mapping[str, Any]
TIME = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(slots=True)
class Work:
    """One file under way. ``told``: what each finished step told. ``at``: when the bot met the file."""

    path: Path
    file: str
    tools: Tools
    at: datetime
    told: dict[str, Told] = field(default_factory=dict)
    _read: dict[str, ReadFile] = field(default_factory=dict)
    _checked: dict[str, Checked] = field(default_factory=dict)

    def read(self, stage: str = "normalise") -> ReadFile:
        """The file after a stage: as it came, after ``denoise``, after ``repair``."""
        if stage not in self._read:
            self._read[stage] = self._after(stage)
        return self._read[stage]

    def checked(self, stage: str = "normalise") -> Checked:
        """The judge's word on the file after a stage."""
        if stage not in self._checked:
            self._checked[stage] = replace(self.tools.judge(self.read(stage)), path=self.file)
        return self._checked[stage]

    def kept(self, step: str) -> bool:
        """Whether the correction of ``denoise`` or ``repair`` was kept."""
        return bool(self.told[step]["kept"])

    def _after(self, stage: str) -> ReadFile:
        if stage == "normalise":
            return self.tools.read(self.path)
        before = "normalise" if stage == "denoise" else "denoise"
        return (
            changed(self.read(before), _change(stage, self.tools)) if self.kept(stage) else self.read(before)
        )


@dataclass(frozen=True, slots=True)
class Done:
    """What a step tells, and the files it leaves, by their path below the file's folder."""

    told: Told
    made: Mapping[str, bytes] = field(default_factory=dict)


def ingest(work: Work) -> Done:
    """Take note of the file: its size is all that is told of it."""
    return Done({"bytes": work.path.stat().st_size, "at": f"{work.at:{TIME}}"})


def header(work: Work) -> Done:
    """What its header lacks or says wrongly, and its place in its series, see ``among``."""
    findings = [asdict(one) for one in work.read().findings]
    place = work.tools.place(work.path, salt_of(work.tools.pseudonyms)) if work.read().planes else None
    return Done({"findings": findings, "place": told_of(place)})


def normalise(work: Work) -> Done:
    """Its planes in modality units; their pixels are told as a pseudonym."""
    read = work.read()
    planes = [
        {
            "frame": one.frame,
            "rows": one.pixels.shape[0],
            "columns": one.pixels.shape[1],
            "pixels": work.tools.pseudonyms.name("pixels", np.ascontiguousarray(one.pixels).tobytes()),
        }
        for one in read.planes
    ]
    return Done(
        {"status": read.status, "reason": read.reason, "modality": modality_of(read), "planes": planes}
    )


def denoise(work: Work) -> Done:
    """Take noise out where it is likely, and keep the image if its score improves."""
    if work.tools.denoise is None:
        return _untried("this installation has no denoiser")
    return _tried(work, "denoise", "normalise", "noise")


def repair(work: Work) -> Done:
    """Turn over what was turned over by mistake, and keep the image if its score improves.

    Not in CT, whose units have one direction: there the scale is at fault, which no turning over mends. And
    not where the classifier's word on it is only noted.
    """
    if any(one.modality == "CT" for one in work.read().planes):
        return _untried("Hounsfield units are not turned over")
    if any("inversion" in NOTED_ONLY.get(family(one.modality), ()) for one in work.read().planes):
        return _untried("the classifier does not know an inverted radiograph well enough")
    return _tried(work, "repair", "denoise", "inversion")


def judge(work: Work) -> Done:
    """The verdict on the image as it came; beside it, the score of the corrected one."""
    checked = work.checked()
    told = {
        "verdict": checked.verdict,
        "reason": checked.reason,
        "score": score(checked),
        "fixes": _fixes(work),
    }
    if told["fixes"]:
        told["score_corrected"] = score(work.checked("repair"))
    return Done(told)


def report(work: Work) -> Done:
    """JSON, structured report, corrected image and page."""
    checked = work.checked()
    made: dict[str, bytes] = {"report.json": report_line(checked)}
    why_not: Sequence[str] = ()
    if work.read().planes:
        changes = [
            one.pixels - before.pixels
            for one, before in zip(work.read("denoise").planes, work.read().planes, strict=True)
        ]
        pseudonyms = None if work.tools.identified else work.tools.pseudonyms
        found, fixes = assessment(checked, work.at), _fixes(work)
        archived = work.tools.archive(work.path, found, fixes, changes, pseudonyms)
        why_not = archived.why_not
        if archived.report is not None:
            made["report.dcm"] = archived.report
        if archived.derived is not None:
            made["derived.dcm"] = archived.derived
        if (small := thumbnail(work.read())) is not None:
            made["thumbnail.png"] = work.tools.pages.picture(small)
    page = file_report(checked, work.told, work.read(), work.tools, why_not)
    made["report.html"] = work.tools.pages.file_page(page).encode()
    return Done({"not_made": list(why_not)}, made)


def place(work: Work) -> Done:
    """Where the finished file is kept: under its verdict, or with what never was an image."""
    return Done({"under": word(work.told["normalise"]["status"], work.told["judge"]["verdict"])})


STEPS: Mapping[str, Callable[[Work], Done]] = {
    "ingest": ingest,
    "header": header,
    "normalise": normalise,
    "denoise": denoise,
    "repair": repair,
    "judge": judge,
    "report": report,
    "file": place,
}


def record(step: str, told: Told) -> tuple[str, bytes]:
    """The file in which a step keeps what it told: where, and what."""
    number = list(STEPS).index(step) + 1
    content = json.dumps(told, indent=1, sort_keys=True, ensure_ascii=True) + "\n"
    return f"steps/{number}-{step}.json", content.encode()


def assessment(checked: Checked, at: datetime) -> Assessment:
    """What a structured report says of a judged file."""
    judged: dict[str, tuple[float, float]] = {
        name: (one.probability, one.severity or 0.0)
        for name, one in checked.defects.items()
        if one.probability is not None
    }
    return Assessment(checked.verdict, judged, at)


def _untried(why: str) -> Done:
    return Done(asdict(Trial(False, False, 0.0, 0.0, why)))


def _tried(work: Work, step: str, before: str, defect: Defect) -> Done:
    change = _change(step, work.tools)
    return Done(asdict(attempt(work.read(before), work.checked(before), defect, change, work.tools.judge)))


def _change(step: str, tools: Tools) -> Callable[[Image], Image]:
    return tools.denoise if step == "denoise" and tools.denoise is not None else turned_over


def _fixes(work: Work) -> list[Fix]:
    """The corrections that were kept."""
    named: tuple[tuple[str, Fix], ...] = (("denoise", "denoise"), ("repair", "turn-over"))
    return [fix for step, fix in named if work.kept(step)]
