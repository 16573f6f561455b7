"""The eight steps of one file. Each is a function of the file's bytes and of what earlier steps have told.

What a step tells is JSON, is kept as ``steps/N-NAME.json``, and holds no text of the file. Pixels are not
kept: whoever resumes or replays computes them again from the same bytes, and comes to the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from simgrid.dicom.derived import Fix
from simgrid.dicom.filing import for_archive
from simgrid.dicom.pixels import ReadFile
from simgrid.dicom.structured_report import Assessment
from simgrid.domain.decision import Verdict
from simgrid.quality.bot.fixes import Trial, attempt, can_have, score, turned_over
from simgrid.quality.bot.reporting import file_report, report_line, thumbnail
from simgrid.quality.bot.seams import Judged, Tools
from simgrid.quality.defect_names import POSSIBLE, RADIOGRAPHS, Defect
from simgrid.quality.image import Image

Told = Mapping[str, Any]
_ORDER: tuple[Verdict, ...] = ("accept", "accept-with-note", "abstain", "repeat", "reject")
_DIGITS = 6


@dataclass(slots=True)
class Work:
    """One file under way. ``told``: what each finished step told. ``at``: when the bot met the file."""

    path: Path
    file: str
    tools: Tools
    at: datetime
    told: dict[str, Told] = field(default_factory=dict)
    _read: ReadFile | None = None
    _images: dict[str, Sequence[Image]] = field(default_factory=dict)
    _judged: dict[str, Sequence[Judged]] = field(default_factory=dict)

    def read(self) -> ReadFile:
        """The file, decoded once."""
        if self._read is None:
            self._read = self.tools.read(str(self.path))
        return self._read

    def images(self, stage: str = "normalise") -> Sequence[Image]:
        """Its planes after a stage: as they came, after ``denoise``, after ``repair``."""
        if stage not in self._images:
            self._images[stage] = self._after(stage)
        return self._images[stage]

    def judged(self, stage: str = "normalise") -> Sequence[Judged]:
        """The judge's word on the planes after a stage."""
        if stage not in self._judged:
            self._judged[stage] = self.tools.judge(self.images(stage)) if self.images(stage) else ()
        return self._judged[stage]

    def fixes(self) -> list[Fix]:
        """The corrections that were kept."""
        named: tuple[tuple[str, Fix], ...] = (("denoise", "denoise"), ("repair", "turn-over"))
        return [fix for step, fix in named if self.told.get(step, {}).get("kept")]

    def _after(self, stage: str) -> Sequence[Image]:
        if stage == "normalise":
            return [
                Image(one.pixels, one.modality, one.body_part, one.spacing_mm, one.limits, one.frame)
                for one in self.read().planes
            ]
        before = self.images("normalise" if stage == "denoise" else "denoise")
        if not self.told[stage]["kept"]:
            return before
        return [_change(stage, self.tools)(one) for one in before]


@dataclass(frozen=True, slots=True)
class Done:
    """What a step tells, and the files it leaves, by their path below the file's folder."""

    told: Told
    made: Mapping[str, bytes] = field(default_factory=dict)


def ingest(work: Work) -> Done:
    """Take note of the file: its size is all that is told of it."""
    return Done({"bytes": work.path.stat().st_size, "at": f"{work.at:%Y-%m-%dT%H:%M:%SZ}"})


def header(work: Work) -> Done:
    """What its header lacks or says wrongly."""
    read = work.read()
    findings = [*read.findings, *(work.tools.consistency(read) if read.planes else ())]
    return Done({"findings": [asdict(one) for one in findings]})


def normalise(work: Work) -> Done:
    """Its planes in modality units."""
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
    return Done({"status": read.status, "reason": read.reason, "modality": _modality(work), "planes": planes})


def denoise(work: Work) -> Done:
    """Take noise out where it is likely, and keep the image if its score improves."""
    if work.tools.denoise is None:
        return Done(asdict(Trial(False, False, 0.0, 0.0, "this installation has no denoiser")))
    return _tried(work, "denoise", "normalise")


def repair(work: Work) -> Done:
    """Turn over what was turned over by mistake, and keep the image if its score improves."""
    return _tried(work, "repair", "denoise")


def judge(work: Work) -> Done:
    """The verdict on the image as it came; beside it, the score of the corrected one."""
    planes = [_plane(image, one) for image, one in zip(work.images(), work.judged(), strict=True)]
    verdict = max((one["verdict"] for one in planes), key=_ORDER.index, default=None)
    names = list(dict.fromkeys(name for one in planes for name in one["defects"]))
    worst = {
        name: max(
            (one["defects"][name] for one in planes), key=lambda both: (both["probability"], both["severity"])
        )
        for name in names
    }
    fixes = work.fixes()
    told = {"verdict": verdict, "defects": worst, "planes": planes, "fixes": fixes}
    if planes:
        told["score"] = score(work.judged())
    if fixes:
        told["score_corrected"] = score(work.judged("repair"))
    return Done(told)


def report(work: Work) -> Done:
    """JSON, structured report, corrected image and page."""
    made: dict[str, bytes] = {"report.json": report_line(work.file, work.told)}
    why_not: Sequence[str] = ()
    if work.images():
        verdict, defects = work.told["judge"]["verdict"], work.told["judge"]["defects"]
        both = {name: (one["probability"], one["severity"]) for name, one in defects.items()}
        changes = [
            corrected.pixels - before.pixels
            for corrected, before in zip(work.images("denoise"), work.images(), strict=True)
        ]
        pseudonyms = None if work.tools.identified else work.tools.pseudonyms
        archived = for_archive(
            work.path, Assessment(verdict, both, work.at), work.fixes(), changes, pseudonyms
        )
        why_not = archived.why_not
        if archived.report is not None:
            made["report.dcm"] = archived.report
        if archived.derived is not None:
            made["derived.dcm"] = archived.derived
        if (small := thumbnail(work.read())) is not None:
            made["thumbnail.png"] = work.tools.pages.picture(small)
    page = file_report(work.file, work.told, work.read(), work.images(), work.tools, why_not)
    made["report.html"] = work.tools.pages.file_page(page).encode()
    return Done({"not_made": list(why_not)}, made)


def place(work: Work) -> Done:
    """Where the finished file is kept: under its verdict."""
    return Done({"under": work.told["judge"]["verdict"] or "listed"})


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


def _tried(work: Work, step: str, before: str) -> Done:
    defect: Defect = "noise" if step == "denoise" else "inversion"
    images = work.images(before)
    if not can_have(images, defect):
        return Done(asdict(Trial(False, False, 0.0, 0.0, f"{defect} is not judged here")))
    trial, _ = attempt(images, work.judged(before), defect, _change(step, work.tools), work.tools.judge)
    return Done(asdict(trial))


def _change(step: str, tools: Tools) -> Callable[[Image], Image]:
    return tools.denoise if step == "denoise" and tools.denoise is not None else turned_over


def _plane(image: Image, judged: Judged) -> dict[str, Any]:
    return {
        "frame": image.frame,
        "verdict": judged.verdict,
        "abstains": judged.abstains,
        "why": judged.why,
        "defects": {
            name: {
                "probability": round(float(judged.probability[name]), _DIGITS),
                "severity": round(float(judged.severity.get(name, 0.0)), _DIGITS),
            }
            for name in judged.probability
        },
    }


def _modality(work: Work) -> str:
    """One of the modalities that are known; a header may say anything."""
    said = {one.modality for one in work.read().planes}
    return next(iter(said)) if len(said) == 1 and said <= {*POSSIBLE, *RADIOGRAPHS} else "other"
