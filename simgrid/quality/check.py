"""One file, or a folder of files, from bytes to verdict: every file is accounted for, and none ends the run.

A verdict is the worst that anybody says: a finding that makes the file unusable rejects it, a defect in the
pixels asks for a repeat, a classifier that is not sure abstains, anything else that was noticed is a note.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from simgrid.dicom.apart import Reader, read_apart
from simgrid.dicom.finding import Finding
from simgrid.dicom.iod.rules import RULES as HEADER_RULES
from simgrid.dicom.pixels import ReadFile
from simgrid.dicom.read import entries, printable
from simgrid.dicom.reading_rules import sampled
from simgrid.domain.decision import Verdict
from simgrid.quality.defect_names import Defect
from simgrid.quality.image import Image
from simgrid.quality.opinion import UNJUDGED, WORST_FIRST, Likelihood, looked_at, opinion
from simgrid.quality.rules import consistency, series
from simgrid.quality.rules.names import RULES
from simgrid.quality.segmentation import findings as organs

LISTED = "listed"
_IDENTITY = ("(0008,0016)", "(0008,0018)", "(0020,000d)", "(0020,000e)")  # class, instance, study, series
_NOT_THERE = frozenset({"type-1-missing", "type-1-empty", "sop-class-missing"})
_MENDABLE = frozenset({*HEADER_RULES, *RULES})
_DANGEROUS = frozenset({"laterality-contradicts", "header-unreadable"})


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of one file: ``judged``, or ``listed`` because it holds no image that can be read.

    ``reason`` says in words why the verdict is what it is, or why the file is listed. ``defects``: see
    ``simgrid.quality.opinion``.
    """

    path: str
    status: Literal["judged", "listed"]
    reason: str
    verdict: Verdict
    defects: Mapping[Defect, Likelihood]
    findings: tuple[Finding, ...]


def check(path: Path, shown_as: str | None = None) -> Checked:
    """Judge one file by all that there is; never raises for what it holds, and a decoder may die of it."""
    return judge(read_apart(path), printable(str(path)) if shown_as is None else shown_as)


def check_below(path: Path) -> Iterator[Checked]:
    """Every file below a folder in order of path, or the one file; linked folders are listed, not entered.

    Files of a folder are held against each other as well: see ``simgrid.quality.rules.series``.
    """
    files = files_below(path)
    regular = [file for file, _, refusal in files if not refusal]
    with closing(Reader()) as reader:
        among = series.check_files(regular, reader.series_headers) if path.is_dir() else {}
        read = reader.read_each(regular)
        for file, shown, refusal in files:
            if refusal:
                yield Checked(shown, "listed", f"{refusal[0]}: {refusal[1]}", "abstain", UNJUDGED, ())
            else:
                yield judge(next(read), shown, among.get(file, ()))


def files_below(path: Path) -> list[tuple[Path, str, tuple[str, str] | None]]:
    """Where each file is, how it is shown, and why it must not be opened."""
    if not path.is_dir():
        return [(path, printable(str(path)), None)]
    return [
        (file, printable(str(path / file.relative_to(path))), refusal) for file, _, refusal in entries([path])
    ]


def judge(read: ReadFile, shown_as: str, among_files: tuple[Finding, ...] = ()) -> Checked:
    """The verdict on a file that has been read, with what comparing it with others has found."""
    findings = (*read.findings, *among_files)
    if read.status == "listed":
        verdict: Verdict = "reject" if _unusable(findings) else "abstain"
        return Checked(shown_as, "listed", f"{read.reason}: {read.detail}", verdict, UNJUDGED, findings)
    images = images_of(read)
    findings = (
        *_left_out(findings, read, images),
        *consistency.check(read.header, read.planes),
        *organs.of_file(images),
    )
    rules, pixels = _of_findings(findings), opinion(images)
    verdict = worst([rules, pixels.verdict])
    reason = _first(findings) if verdict == rules and verdict != "accept" else pixels.why
    return Checked(shown_as, "judged", reason, verdict, pixels.defects, findings)


def _left_out(findings: tuple[Finding, ...], read: ReadFile, images: Sequence[Image]) -> tuple[Finding, ...]:
    """The findings, with how many frames were judged where the classifier saw fewer than were decoded."""
    judged, there = len(looked_at(images)), read.header.frames
    if judged == len(images) or judged >= there:
        return findings
    own = sampled(judged, there)
    return (*(one for one in findings if one.rule != own.rule), own)


def images_of(read: ReadFile) -> tuple[Image, ...]:
    """The planes of a file as the judges see them."""
    return tuple(
        Image(one.pixels, one.modality, one.body_part, one.spacing_mm, one.limits, one.frame)
        for one in read.planes
    )


def word(status: str, verdict: str) -> str:
    """What a person is told of a file: its verdict, or ``listed`` where it never was an image.

    A broken image is listed too, since nothing could be judged, and is rejected.
    """
    return LISTED if status == LISTED and verdict == "abstain" else verdict


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """The one that acts."""
    return min(verdicts, key=WORST_FIRST.index)


def _of_findings(findings: Sequence[Finding]) -> Verdict:
    if _unusable(findings):
        return "reject"
    return "accept-with-note" if any(one.severity != "note" for one in findings) else "accept"


def _unusable(findings: Sequence[Finding]) -> bool:
    """Errors but those of the header alone, which can be mended without the patient.

    A file without its identity is refused by every archive, and two sides for one image are a danger.
    """
    return any(
        one.severity == "error"
        and (
            one.rule not in _MENDABLE
            or one.rule in _DANGEROUS
            or (one.rule in _NOT_THERE and one.tag in _IDENTITY and " > " not in one.place)
        )
        for one in findings
    )


def _first(findings: Sequence[Finding]) -> str:
    order = {"error": 0, "warning": 1, "note": 2}
    if not findings:
        return ""
    gravest = min(findings, key=lambda one: (not _unusable([one]), order[one.severity]))
    told = not gravest.place or gravest.message.startswith(gravest.place)
    return gravest.message if told else f"{gravest.place}: {gravest.message}"
