"""What the bot is given: a judge, a denoiser, pages. It knows none of them by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import numpy as np
import numpy.typing as npt

from simgrid.dicom.finding import Finding
from simgrid.dicom.pixels import ReadFile
from simgrid.dicom.pseudonyms import Pseudonyms
from simgrid.domain.decision import Verdict
from simgrid.quality.bot.audit import utc_now
from simgrid.quality.defect_names import Defect
from simgrid.quality.image import Image

Gray = npt.NDArray[np.uint8]


class Judged(Protocol):
    """What a judge says of one image; probabilities and severities are 0 to 1."""

    @property
    def probability(self) -> Mapping[Defect, float]:
        """Of each defect that is judged."""
        ...

    @property
    def severity(self) -> Mapping[Defect, float]:
        """Of each defect, by the damage it does."""
        ...

    @property
    def abstains(self) -> bool:
        """Whether the judge had rather not say."""
        ...

    @property
    def why(self) -> str:
        """The reason, in words."""
        ...

    @property
    def verdict(self) -> Verdict:
        """What is to be done."""
        ...


@dataclass(frozen=True, slots=True)
class Picture:
    """Gray levels (rows, columns), and what they show, in words."""

    gray: Gray
    says: str


@dataclass(frozen=True, slots=True)
class FileReport:
    """Everything a page tells about one file, which is called by its pseudonym.

    ``steps``: what each step found, in a sentence. ``pictures``: the image and what explains the verdict.
    """

    file: str
    status: str
    reason: str
    verdict: str
    defects: Mapping[str, Mapping[str, float]]
    findings: Sequence[Finding]
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
    """``header_rules``, ``judge``, ``denoise``, ``explain``: None where this installation has none.

    ``explain`` gives pictures of where the judge looked. ``identified``: reports and corrected images carry
    the patient (for an archive), instead of nobody. ``clock``: asked once a step, for the audit log.
    """

    pseudonyms: Pseudonyms
    pages: Pages
    read: Callable[[str], ReadFile]
    consistency: Callable[[ReadFile], Sequence[Finding]]
    judge: Callable[[Sequence[Image]], Sequence[Judged]]
    denoise: Callable[[Image], Image] | None = None
    explain: Callable[[Image], Sequence[Picture]] | None = None
    identified: bool = False
    clock: Callable[[], datetime] = field(default=utc_now)
