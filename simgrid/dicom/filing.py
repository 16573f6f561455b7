"""What an archive gets about a file: a structured report and a corrected image, with or without identity."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydicom import dcmread
from pydicom.dataset import Dataset

from simgrid.dicom.burned_in import may_carry_text
from simgrid.dicom.deidentify import CannotBeDeidentified, Options, deidentify
from simgrid.dicom.derived import CannotBeDerived, Derived, Fix, derived_instance
from simgrid.dicom.pseudonyms import Pseudonyms
from simgrid.dicom.structured_report import Assessment, NoReport, structured_report


@dataclass(frozen=True, slots=True)
class ForArchive:
    """``report``, ``derived``: DICOM files, None where there is none; ``why_not`` says why, in words."""

    report: bytes | None
    derived: bytes | None
    why_not: tuple[str, ...]


def for_archive(
    path: Path,
    found: Assessment,
    fixes: Sequence[Fix],
    changes: Sequence[npt.NDArray[np.float32]],
    pseudonyms: Pseudonyms | None,
) -> ForArchive:
    """Report on a readable file, and its corrected image if there are fixes (``changes``: see ``derived``).

    With ``pseudonyms``, both are of nobody; they refer to the image as de-identified under the same salt, and
    of pixels with text-like areas no image is made.
    Without, they carry the image's own patient, as an archive needs them. Never raises for a file's content.
    """
    why_not: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report = _report(path, found, pseudonyms, why_not)
        derived = _derived(path, fixes, changes, pseudonyms, why_not) if fixes else None
    return ForArchive(report, None if derived is None else derived.content, tuple(why_not))


def _report(path: Path, found: Assessment, pseudonyms: Pseudonyms | None, why_not: list[str]) -> bytes | None:
    try:
        header: Dataset = dcmread(path, stop_before_pixels=True, force=True)
        if pseudonyms is not None:
            header, _ = _nobody(header, pseudonyms)
        return structured_report(header, found)
    except NoReport as why:
        why_not.append(f"no structured report: {why}")
    except Exception as error:  # hostile bytes can fail anywhere in the parser
        why_not.append(f"no structured report: its header fails with {type(error).__name__}")
    return None


def _derived(
    path: Path,
    fixes: Sequence[Fix],
    changes: Sequence[npt.NDArray[np.float32]],
    pseudonyms: Pseudonyms | None,
    why_not: list[str],
) -> Derived | None:
    try:
        source: Dataset = dcmread(path, force=True)
        if pseudonyms is not None:
            if may_carry_text(source):
                raise CannotBeDerived("text may be drawn into its pixels, which nobody has looked at")
            source, text_left = _nobody(source, pseudonyms)
            if text_left:  # blanked, the change of a correction would still show where the strokes were
                raise CannotBeDerived(f"text-like areas in its pixels ({text_left}) may name someone")
        return derived_instance(source, fixes, changes)
    except CannotBeDerived as why:
        why_not.append(f"no derived image: {why}")
    except Exception as error:  # hostile bytes can fail anywhere in the parser
        why_not.append(f"no derived image: its file fails with {type(error).__name__}")
    return None


def _nobody(dataset: Dataset, pseudonyms: Pseudonyms) -> tuple[Dataset, int]:
    """The data set of nobody, and how many text-like areas its pixels, if it has any, still hold."""
    try:
        made, count = deidentify(dataset, pseudonyms, Options(blanking="usual"))
    except CannotBeDeidentified as why:
        raise NoReport(str(why)) from None
    return made, count.text_left
