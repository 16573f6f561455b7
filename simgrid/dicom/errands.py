"""What the decoding process can be asked to do with a file, and how question and answer look on the pipe.

Each errand has three sides: what is asked (here), what is done (in the child, by ``done``), and what comes of
it (here again). The rooms that only one errand needs are brought when it is asked for first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from simgrid.dicom.pixels import read_images
from simgrid.dicom.wire import Message, header_again, of_arrays, of_file, to_arrays

if TYPE_CHECKING:
    from simgrid.dicom.deidentify import Deidentified, Options
    from simgrid.dicom.derived import Fix
    from simgrid.dicom.filing import ForArchive
    from simgrid.dicom.pseudonyms import Pseudonyms
    from simgrid.dicom.series_header import SeriesHeader
    from simgrid.dicom.structured_report import Assessment


def reading(path: Path) -> Message:
    """Ask for ``pixels.read_images``; ``wire.to_file`` takes the answer."""
    return Message({"do": "read", "path": str(path)})


def placing(path: Path, salt: bytes) -> Message:
    """Ask for ``series_header.read_series_header``."""
    return Message({"do": "place", "path": str(path)}, [salt])


def deidentifying(path: Path, pseudonyms: Pseudonyms, options: Options) -> Message:
    """Ask for ``deidentify.deidentify_file``; the salt goes over the pipe, where nobody else reads."""
    return Message({"do": "deidentify", "path": str(path), **asdict(options)}, [pseudonyms.salt])


def archiving(
    path: Path,
    found: Assessment,
    fixes: Sequence[Fix],
    changes: Sequence[npt.NDArray[np.float32]],
    pseudonyms: Pseudonyms | None,
) -> Message:
    """Ask for ``filing.for_archive``."""
    shapes, blobs = of_arrays(changes)
    head = {
        **{"do": "archive", "path": str(path), "verdict": found.verdict, "at": found.at.isoformat()},
        **{"defects": dict(found.defects), "fixes": list(fixes), "shapes": shapes},
    }
    return Message(head, [b"" if pseudonyms is None else pseudonyms.salt, *blobs])


def placed(answer: Message) -> SeriesHeader | None:
    """What came of ``placing``."""
    from simgrid.dicom.series_header import SeriesHeader

    told = answer.head["place"]
    return None if told is None else SeriesHeader(**{**told, "header": header_again(told["header"])})


def deidentified(answer: Message) -> Deidentified:
    """What came of ``deidentifying``.

    Raises:
        CannotBeDeidentified: as the child has said.
    """
    from simgrid.dicom.deidentify import CannotBeDeidentified, Deidentified

    if "refused" in answer.head:
        raise CannotBeDeidentified(*answer.head["refused"])
    return Deidentified(answer.blobs[0], **answer.head["made"])


def archived(answer: Message) -> ForArchive:
    """What came of ``archiving``."""
    from simgrid.dicom.filing import ForArchive

    report, derived = (one or None for one in answer.blobs)
    return ForArchive(report, derived, tuple(answer.head["why_not"]))


def done(asked: Message) -> Message:
    """Carry out a question; never raises for what a file holds."""
    return _CHILD[asked.head["do"]](Path(asked.head["path"]), asked)


def _read(path: Path, _: Message) -> Message:
    return of_file(read_images(path))


def _place(path: Path, asked: Message) -> Message:
    from simgrid.dicom.series_header import read_series_header

    found = read_series_header(path, asked.blobs[0])
    return Message({"place": None if found is None else asdict(found)})


def _deidentify(path: Path, asked: Message) -> Message:
    from simgrid.dicom.deidentify import CannotBeDeidentified, Options, deidentify_file
    from simgrid.dicom.pseudonyms import Pseudonyms

    options = Options(asked.head["shift_dates"], asked.head["blanking"])
    try:
        made = deidentify_file(path, Pseudonyms(asked.blobs[0]), options)
    except CannotBeDeidentified as why:
        return Message({"refused": [why.reason, why.detail]})
    told = asdict(made)
    return Message({"made": told}, [told.pop("content")])


def _archive(path: Path, asked: Message) -> Message:
    from simgrid.dicom.filing import for_archive
    from simgrid.dicom.pseudonyms import Pseudonyms
    from simgrid.dicom.structured_report import Assessment

    head, (salt, *blobs) = asked.head, asked.blobs
    defects = {name: (both[0], both[1]) for name, both in head["defects"].items()}
    found = Assessment(head["verdict"], defects, datetime.fromisoformat(head["at"]))
    changes = to_arrays(head["shapes"], blobs)
    made = for_archive(path, found, head["fixes"], changes, Pseudonyms(salt) if salt else None)
    return Message({"why_not": list(made.why_not)}, [made.report or b"", made.derived or b""])


_CHILD: Final[Mapping[str, Callable[[Path, Message], Message]]] = {
    "read": _read,
    "place": _place,
    "deidentify": _deidentify,
    "archive": _archive,
}
