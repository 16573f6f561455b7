"""What the bot is given: a judge, a denoiser, pages. It knows none of them by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from simgrid.dicom.derived import Fix
from simgrid.dicom.filing import ForArchive, for_archive
from simgrid.dicom.pixels import ReadFile
from simgrid.dicom.pseudonyms import Pseudonyms
from simgrid.dicom.series_header import SeriesHeader, read_series_header
from simgrid.dicom.structured_report import Assessment
from simgrid.quality.bot.audit import utc_now
from simgrid.quality.check import Checked
from simgrid.quality.image import Image

Gray = npt.NDArray[np.uint8]
Archive = Callable[
    [Path, Assessment, Sequence[Fix], Sequence[npt.NDArray[np.float32]], Pseudonyms | None], ForArchive
]


@dataclass(frozen=True, slots=True)
class Picture:
    """Gray levels (rows, columns), and what they show, in words."""

    gray: Gray
    says: str


@dataclass(frozen=True, slots=True)
class FileReport:
    """Everything a page tells about one file, whose ``path`` is a pseudonym.

    ``steps``: what each step found, in a sentence. ``pictures``: the image and what explains the verdict.
    """

    checked: Checked
    steps: Sequence[tuple[str, str]]
    pictures: Sequence[Picture]


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One line of the overview: ``folder`` lies below the output, ``thumbnail`` is a PNG or empty."""

    file: str
    folder: str
    status: str
    reason: str
    verdict: str
    worst: str
    findings: int
    thumbnail: bytes


class Pages(Protocol):
    """Makes what a person looks at."""

    def picture(self, gray: Gray) -> bytes:
        """A PNG."""
        ...

    def file_page(self, report: FileReport) -> str:
        """The page of one file."""
        ...

    def index_pages(self, rows: Sequence[IndexRow]) -> Mapping[str, str]:
        """File name to page; the first is ``index.html``."""
        ...


@dataclass(frozen=True, slots=True)
class Tools:
    """``denoise``, ``explain``: None where this installation has none.

    ``explain`` gives pictures of where the judge looked. ``identified``: reports and corrected images carry
    the patient (for an archive), instead of nobody. ``archive``: makes both, ``simgrid.dicom.filing``.
    ``place``: where a file stands in its series, ``simgrid.dicom.series_header``, under a salt.
    ``clock``: asked once a step, for the audit log.
    """

    pseudonyms: Pseudonyms
    pages: Pages
    read: Callable[[Path], ReadFile]
    judge: Callable[[ReadFile], Checked]
    denoise: Callable[[Image], Image] | None = None
    explain: Callable[[Image], Sequence[Picture]] | None = None
    identified: bool = False
    archive: Archive = for_archive
    place: Callable[[Path, bytes], SeriesHeader | None] = read_series_header
    clock: Callable[[], datetime] = field(default=utc_now)
