"""From logs of a hospital to a scenario that replays them: read once, freed of identities, written whole.

``convert`` is the way through: it collects event logs (or reads a folder of DICOM files), and writes the
standard log, the refused rows and the scenario together, or nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from os.path import realpath
from pathlib import Path

from simgrid.codes import CodeTables
from simgrid.dicom.errors import DicomFolderError
from simgrid.experiments.replaying.dicom_folders import dicom_conversion
from simgrid.experiments.replaying.logs import log_parts
from simgrid.experiments.replaying.mapping import LogMapping
from simgrid.experiments.replaying.scenario_text import UNIT, scenario_text
from simgrid.experiments.staged import Staged
from simgrid.workload.replay.cells import NO_ISO_TIME
from simgrid.workload.replay.collect import collect
from simgrid.workload.replay.csv_log import ColumnMapping, read_csv
from simgrid.workload.replay.event_log import EventLog
from simgrid.workload.replay.hl7_feed import read_hl7
from simgrid.workload.replay.log_files import LogError, Told
from simgrid.workload.replay.log_kinds import Kind, files_below, kind_of
from simgrid.workload.replay.pseudonyms import Pseudonyms
from simgrid.workload.replay.rows import RawRow, Rejected
from simgrid.workload.replay.rules import Rules
from simgrid.workload.replay.standard_csv import REJECTED_COLUMNS, RejectedRows, write_log
from simgrid.workload.replay.xes_log import read_xes

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62}[A-Za-z0-9])?")
_TIMES_HINT = 'other times: the file after --map may declare their form, such as times: "%d.%m.%Y %H:%M"'
_TAKEN = ("data-centre", UNIT)


@dataclass(frozen=True, slots=True)
class Targets:
    """The three files that a conversion writes: the scenario, and beside it what it replays and what not."""

    scenario: Path

    @property
    def log(self) -> Path:
        """The log in the standard form."""
        return self.scenario.with_name(f"{self.scenario.stem}.log.csv")

    @property
    def rejected(self) -> Path:
        """The rows that are not used."""
        return self.scenario.with_name(f"{self.scenario.stem}.rejected.csv")

    def __iter__(self) -> Iterator[Path]:
        return iter((self.log, self.rejected, self.scenario))


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be converted, and how."""

    logs: tuple[Path, ...]
    targets: Targets
    rules: Rules
    naming: Pseudonyms
    mapping: LogMapping
    force: bool = False


@dataclass(frozen=True, slots=True)
class Amount:
    """How much there is to read, in ``unit`` (``MB`` or ``files``); ``each``: units a count that is told."""

    total: float
    unit: str
    each: float


class NothingAccepted(LogError):
    """Every row was refused: there is a file of refused rows, and no scenario."""


def kinds_of(logs: Sequence[Path]) -> tuple[Kind, ...]:
    """The kind of each log.

    Raises:
        LogError: every log that cannot be read as any, or a folder of DICOM files among other logs.
    """
    problems: list[str] = []
    kinds: list[Kind] = []
    for path in logs:
        try:
            kinds.append(kind_of(path))
        except LogError as error:
            problems += error.problems
    if len({realpath(path) for path in logs}) < len(logs):
        problems.append("a log is named twice: its rows would count twice; name it once")
    if "DICOM" in kinds and len(logs) > 1:
        problems.append("a folder of DICOM files is replayed alone: give the others another scenario")
    if problems:
        raise LogError(problems)
    return tuple(kinds)


def check_targets(asked: Asked) -> None:
    """Refuse to write over what is there, and over the logs themselves.

    :raises LogError: every file in the way.
    """
    own = {realpath(path) for path in asked.logs}
    problems = [
        f"{path} is one of the logs: give another -o" for path in asked.targets if realpath(path) in own
    ]
    if asked.targets.scenario.suffix not in {".yaml", ".yml"}:
        problems.append(f"{asked.targets.scenario} is no name of a scenario: let it end in .yaml")
    if not asked.force and not _is_left_over(asked.targets):
        problems += [f"{path} exists: give --force, or another -o" for path in asked.targets if path.exists()]
    if problems:
        raise LogError(problems)


def _is_left_over(targets: Targets) -> bool:
    """Refused rows alone are what a conversion leaves that could use none: trying again replaces them."""
    if targets.scenario.exists() or targets.log.exists() or not targets.rejected.is_file():
        return False
    with targets.rejected.open("rb") as file:
        return file.readline(100).decode("latin-1").strip() == ",".join(REJECTED_COLUMNS)


def amount(logs: Sequence[Path], kinds: Sequence[Kind]) -> Amount:
    """How much there is to read."""
    files = [file for log in logs for file in (files_below(log) if log.is_dir() else (log,))]
    if "DICOM" in kinds:
        return Amount(len(files), "files", 1)
    return Amount(sum(file.stat().st_size for file in files) / 1e6, "MB", 1e-6)


def convert(asked: Asked, kinds: Sequence[Kind], told: Told) -> tuple[str, ...]:
    """Write the files; what was understood, in printable lines.

    Raises:
        LogError: a log cannot be read; nothing was written.
        NothingAccepted: no row can be used; only the refused rows were written.
        OSError: the disk refuses; nothing was written.
    """
    check_targets(asked)
    codes = CodeTables.default()
    numbered = tuple(f"log {place}: {kind}" for place, kind in enumerate(kinds, 1))
    with Staged() as staged:
        made = _from_dicom if "DICOM" in kinds else _from_rows
        return (*numbered, *made(asked, kinds, codes, staged, told))


def _from_rows(
    asked: Asked, kinds: Sequence[Kind], codes: CodeTables, staged: Staged, told: Told
) -> tuple[str, ...]:
    targets = asked.targets
    standard = staged.open(targets.log)
    refused = RejectedRows(staged.open(targets.rejected), [str(path) for path in asked.logs])
    readers = [
        _Reworded(_reader(path, kind, asked.mapping, codes, told), asked.mapping)
        for path, kind in zip(asked.logs, kinds, strict=True)
    ]
    log = collect(readers, codes, asked.rules, SafeNames(asked.naming), refused)
    if not len(log):
        if log.account.read:
            staged.publish(targets.rejected)
        raise _nothing(targets, log.account.read, (*log.summary(), *_other_times(log, asked.mapping)))
    write_log(log, standard)
    parts, said = log_parts(log, asked.rules.zone or "UTC", targets.log.name, targets.rejected.name)
    staged.open(targets.scenario).write(scenario_text(parts))
    staged.publish()
    return (*log.summary(), *_other_times(log, asked.mapping), *said, *_remarks(asked))


def _other_times(log: EventLog, mapping: LogMapping) -> tuple[str, ...]:
    """The way out where times are refused for their form, unless it was taken."""
    refused = any(reason.startswith(NO_ISO_TIME) for _, reason, _ in log.account.reasons)
    return (_TIMES_HINT,) if refused and not mapping.times else ()


def _nothing(targets: Targets, read: int, summary: Iterable[str]) -> NothingAccepted:
    if not read:
        return NothingAccepted(["the log holds no row: nothing to replay"])
    reasons = [line for line in summary if line.startswith(("  rejected", _TIMES_HINT))]
    head = f"none of the {read} rows can be used; each is in {targets.rejected} with its reason:"
    return NothingAccepted(["\n".join([head, *reasons])])


def _from_dicom(
    asked: Asked, _: Sequence[Kind], codes: CodeTables, staged: Staged, told: Told
) -> tuple[str, ...]:
    targets = asked.targets
    try:
        made = dicom_conversion(asked.logs[0], targets.scenario, asked.rules.zone or "UTC", codes, told)
    except DicomFolderError as error:
        raise LogError([str(error)]) from error
    RejectedRowsOfFiles(staged.open(targets.rejected)).write(made.unused)
    staged.open(targets.scenario).write(scenario_text(made.parts))
    staged.publish()
    return made.said


class RejectedRowsOfFiles:
    """Writes files that are not used in the form of refused rows; ``line`` is a file's place by path."""

    def __init__(self, stream: object) -> None:
        self._rows = RejectedRows(stream, ["1"])  # type: ignore[arg-type]

    def write(self, unused: Iterable[tuple[int, str]]) -> None:
        """Write places and reasons."""
        for place, reason in unused:
            self._rows(Rejected("1", place, "", "", reason))


class _Reworded:
    """A reader whose values go through the mapping; its remarks stay its own."""

    def __init__(self, rows: Iterable[RawRow | Rejected], mapping: LogMapping) -> None:
        self._rows = rows
        self._mapping = mapping
        self.remarks: Callable[[], tuple[str, ...]] = getattr(rows, "remarks", tuple)

    def __iter__(self) -> Iterator[RawRow | Rejected]:
        return self._mapping.reworded(self._rows)


def _reader(
    path: Path, kind: Kind, mapping: LogMapping, codes: CodeTables, told: Told
) -> Iterable[RawRow | Rejected]:
    match kind:
        case "XES":
            attributes = {own: to for own, to in mapping.columns.items() if to}
            return read_xes(path, attributes=attributes, events=mapping.events, told=told)
        case "HL7":
            places = mapping.site_from
            return read_hl7([path], site_from=places, body_part_in=codes.body_part_in_text, told=told)
        case _:
            return read_csv(path, ColumnMapping(mapping.columns), mapping.encoding, told)


def _remarks(asked: Asked) -> Iterator[str]:
    if asked.rules.zone is None:
        yield "days and hours of the scenario are those of UTC: give --zone for your own"
    if asked.naming.keep:
        yield f"names of {' and '.join(sorted(asked.naming.keep))} are kept as asked"


@dataclass(frozen=True, slots=True)
class SafeNames:
    """Pseudonyms, and kept names in a form that scenarios take: letters, digits, ``-`` and ``_``."""

    inner: Pseudonyms

    def inspection(self, identifier: str) -> int:
        """64 bits for an inspection's identifier."""
        return self.inner.inspection(identifier)

    def shift_days(self, patient: str, most_weeks: int) -> int:
        """By how many days all dates of a patient move."""
        return self.inner.shift_days(patient, most_weeks)

    def names(self, kind: str, given: Iterable[str]) -> dict[str, str]:
        """The name to use for each of the given names, each another."""
        taken = set(_TAKEN)
        names = {}
        for one, name in sorted(self.inner.names(kind, given).items()):
            plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
            safe = re.sub(r"[^A-Za-z0-9_]+", "-", plain)[:56].strip("-_") or kind
            number = 2
            unique = safe
            while unique in taken:
                unique, number = f"{safe}-{number}", number + 1
            taken.add(unique)
            names[one] = unique
        return names
