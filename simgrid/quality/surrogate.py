"""A gate for huge runs that looks at nothing: it answers as the real module was measured to answer.

The table is counted from real verdicts on real pixels by ``simgrid qa surrogate``, and names the judge and
the pool that it was counted on; a manifest repeats both.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import get_args

from simgrid.domain.decision import GateVerdict, ImageReference, Verdict
from simgrid.domain.imaging import ImagePool, PlantedImage
from simgrid.domain.units import Seconds
from simgrid.quality.defect_names import DEFECTS, family, possible
from simgrid.quality.pool import pool
from simgrid.quality.technologist import Technologist, UnknownGate
from simgrid.quality.verdicts import LOOKING, Looking, judge_digest, shared, shared_damages

COLUMNS = (
    *(
        "gate",
        "judge",
        "pool",
        "modality",
        "defect",
        "relevant",
        "images",
        "accepted",
        "repeated",
        "referred",
    ),
)
SHIPPED_TABLE = "surrogate.csv"
NO_DEFECT = "none"


@dataclass(frozen=True, slots=True)
class Row:
    """What one gate said of so many images of a modality's family with one defect.

    ``relevant``: of images that the defect spoils enough to matter, or of the others. ``repeated`` over
    ``images`` is the sensitivity there, and one less the specificity here. ``judge`` and ``pool``: SHA-256 of
    the code and weights that judged, and of the images.
    """

    gate: str
    judge: str
    pool: str
    modality: str
    defect: str
    relevant: bool
    images: int
    accepted: int
    repeated: int
    referred: int


def count(rules: ImagePool, looking: Looking) -> Iterator[Row]:
    """Have the real module judge every image of a pool with every defect, severity and look."""
    images, verdicts, judge = pool(rules.source, rules.folder), shared(looking), judge_digest(looking)
    told = Counter[tuple[str, str, bool, str]]()
    for one in images.images:
        modality = family(one.image.modality)
        clean = PlantedImage(rules.source, rules.folder, one.name)
        told[modality, NO_DEFECT, False, verdicts.of(clean).verdict] += 1
        for defect, severity, look in product(possible(modality), rules.levels, range(rules.looks)):
            planted = replace(clean, defect=defect, severity=severity, look=look)
            relevant = shared_damages().of(planted) >= rules.relevant
            told[modality, defect, relevant, verdicts.of(planted).verdict] += 1
    order: dict[str, int] = {defect: place for place, defect in enumerate((NO_DEFECT, *DEFECTS))}
    for modality, kind, relevant in sorted(
        {key[:3] for key in told}, key=lambda key: (key[0], order[key[1]], key[2])
    ):
        said = {verdict: told[modality, kind, relevant, verdict] for verdict in get_args(Verdict)}
        referred, again = said["abstain"] + said["reject"], said["repeat"]
        whole = sum(said.values())
        passed = whole - again - referred
        yield Row(looking, judge, images.digest, modality, kind, relevant, whole, passed, again, referred)


def table_text(rows: Iterable[Row]) -> str:
    """The rows as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([getattr(row, name) for name in COLUMNS] for row in rows)
    return text.getvalue()


def table_bytes(table: str | None) -> bytes:
    """A table's content: the one that travels with simgrid, or a file. :raises UnknownGate: no such file."""
    if not table:
        try:
            return (files("simgrid.quality") / SHIPPED_TABLE).read_bytes()
        except FileNotFoundError:
            problem = "gate surrogate: no table travels with this installation"
            raise UnknownGate(f"{problem}: count one with 'simgrid qa surrogate'") from None
    try:
        return Path(table).read_bytes()
    except OSError as error:
        problem = f"gate surrogate: the table {table} cannot be read ({error.strerror})"
        raise UnknownGate(f"{problem}: make one with 'simgrid qa surrogate -o {Path(table).name}'") from None


def read_table(content: bytes) -> tuple[Row, ...]:
    """:raises UnknownGate: naming the line that is no row of such a table."""
    try:
        lines = list(csv.DictReader(io.StringIO(content.decode("utf-8"))))
    except (UnicodeDecodeError, csv.Error):
        raise UnknownGate("gate surrogate: its table is no CSV in UTF-8") from None
    return tuple(_row(line, number) for number, line in enumerate(lines, 2))


def _row(line: Mapping[str, str], number: int) -> Row:
    try:
        counts = [int(line[name]) for name in COLUMNS[-4:]]
        gate, judge, images, modality, defect = (line[name] for name in COLUMNS[:5])
        relevant = {"True": True, "False": False}[line["relevant"]]
    except (KeyError, TypeError, ValueError):
        problem = f"gate surrogate: line {number} of its table is no row of {', '.join(COLUMNS)}"
        raise UnknownGate(problem) from None
    bad = min(counts) < 0 or counts[0] < 1 or sum(counts[1:]) != counts[0]
    if bad or defect not in (*DEFECTS, NO_DEFECT):
        raise UnknownGate(f"gate surrogate: line {number} of its table does not add up, or names no defect")
    return Row(gate, judge, images, modality, defect, relevant, *counts)


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares of acquisitions that are repeated and referred."""

    repeated: float
    referred: float


@lru_cache(maxsize=8)
def _rates(content: bytes, gate: str) -> Mapping[tuple[str, str, bool], Rates]:
    rows = [row for row in read_table(content) if row.gate == gate]
    if not rows:
        raise UnknownGate(f"gate surrogate: its table has no row of {gate}: it was not counted for that gate")
    return {
        (row.modality, row.defect, row.relevant): Rates(row.repeated / row.images, row.referred / row.images)
        for row in rows
    }


class Surrogate:
    """Repeats and refers as often as the table says, by the image's own uniform.

    ``gate``: whose table rows; ``table``: a file of one's own, absent: the one that travels with simgrid.
    The other options are those of the gate that it stands for. What the table has no row for is answered by
    the technologist.
    """

    def __init__(
        self,
        gate: str = "rules+cnn",
        table: str = "",
        check_s: Seconds = 2.0,
        technologist_s: Seconds = 24.0,
        sensitivity: float = 0.80,
        specificity: float = 0.98,
    ) -> None:
        if gate not in LOOKING:
            raise UnknownGate(f"gate surrogate: gate is '{gate}': expected {', '.join(LOOKING)}")
        if check_s < 0:
            raise UnknownGate(f"gate surrogate: check_s is {check_s}: expected 0 or more seconds")
        self._check_s = check_s
        self._technologist = Technologist(technologist_s, sensitivity, specificity)
        self._gate: Looking = next(one for one in LOOKING if one == gate)
        self._content = table_bytes(table)
        self._rates = _rates(self._content, gate)

    @property
    def reads(self) -> Mapping[str, str]:
        """The table by its SHA-256: it is in the keys of runs."""
        return {"surrogate.csv": hashlib.sha256(self._content).hexdigest()}

    @property
    def states(self) -> str:
        """What a manifest says of it: what it stands for, and on what it was counted."""
        rows = [row for row in read_table(self._content) if row.gate == self._gate]
        judges, pools = ({getattr(row, name)[:16] for row in rows} for name in ("judge", "pool"))
        same = (
            "the one installed"
            if {row.judge for row in rows} == {judge_digest(self._gate)}
            else "another one"
        )
        return (
            f"looks at no pixels: stands for {self._gate}, counted from {sum(row.images for row in rows)} "
            f"verdicts of the real module (judge {', '.join(sorted(judges))}, {same}) "
            f"on the pool of images {', '.join(sorted(pools))}"
        )

    def judge(self, image: ImageReference) -> GateVerdict:
        """One uniform decides: repeated, else referred, else accepted."""
        rates = self._of(image)
        if rates is None:
            return self._technologist.after(image, self._check_s)
        if image.luck < rates.repeated:
            return GateVerdict("repeat", self._check_s)
        left = image.luck - rates.repeated
        if left < rates.referred:
            return self._technologist.after(image, self._check_s, luck=left / rates.referred)
        return GateVerdict("accept", self._check_s)

    def _of(self, image: ImageReference) -> Rates | None:
        if image.planted is None:
            return None
        defect = image.planted.defect or NO_DEFECT
        return self._rates.get((family(image.modality), defect, image.defective))
