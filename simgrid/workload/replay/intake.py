"""Rows of text become the columns of an event log; every row and every filled cell is counted.

Memory: 63 bytes a row while reading, and what the distinct sites, radiologists and patterns take. Identifiers
are hashed as they come; neither they nor any free text stay.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeAlias, TypeVar

import numpy.typing as npt

from simgrid.codes.tables import CodeTables
from simgrid.workload.replay import cells
from simgrid.workload.replay.cells import BadCell, BadTime, Clock, is_missing
from simgrid.workload.replay.log_files import LogError
from simgrid.workload.replay.patterns import CODED, Pattern, Vocabulary, place
from simgrid.workload.replay.priorities import LEVELS, level_of
from simgrid.workload.replay.pseudonyms import Naming
from simgrid.workload.replay.rows import PATIENT, RawRow, Rejected, refuse
from simgrid.workload.replay.rules import DROP, SAMPLE, SAMPLED_FIELDS, Rules, check_constants

CONSTANT: Final = {name: 1 << bit for bit, name in enumerate(SAMPLED_FIELDS)}
UNKNOWN: Final = {name: 1 << (8 + bit) for bit, name in enumerate(SAMPLED_FIELDS)}
DERIVED: Final = {name: 1 << (16 + bit) for bit, name in enumerate(SAMPLED_FIELDS)}
UNNAMED: Final = 1 << 24
"""Bits of the ``origin`` column: how cells came about that the log did not state."""

MOST_NAMES = 10_000
MOST_SOURCES = 65_535
_MOST_REMEMBERED = 20_000
_MISSING = -1

OnRejected = Callable[[Rejected], None]
Answer: TypeAlias = tuple[int, int]
"""The code that a cell becomes, and the bits of its origin."""
K = TypeVar("K")


class Columns:
    """The columns while they grow; ``origin`` holds the bits above, ``line`` and ``source`` the place."""

    __slots__ = (
        *("inspection", "site", "requested_s", "pattern", "priority", "size_bytes", "images"),
        *("assigned", "opened_s", "reported_s", "origin", "line", "source"),
    )

    def __init__(self) -> None:
        self.inspection = array("Q")
        self.site = array("h")
        self.requested_s = array("d")
        self.pattern = array("i")
        self.priority = array("b")
        self.size_bytes = array("d")
        self.images = array("i")
        self.assigned = array("h")
        self.opened_s = array("d")
        self.reported_s = array("d")
        self.origin = array("I")
        self.line = array("I")
        self.source = array("H")


class Intake:
    """Takes the rows of any number of readers; ``columns`` and the counts are what was understood so far.

    Every row taken is accepted or handed to ``on_rejected``, so ``read == len(columns.line) + rejected``
    until duplicates are sought (see ``collect``).

    Raises:
        LogError: a declared constant is no value of its field.
    """

    def __init__(self, codes: CodeTables, rules: Rules, naming: Naming, on_rejected: OnRejected) -> None:
        check_constants(rules, codes)
        self.read = 0
        self.reasons: Counter[tuple[str, str]] = Counter()
        self.columns = Columns()
        self.sites: dict[str, int] = {}
        self.radiologists: dict[str, int] = {}
        self.patterns: dict[Pattern, int] = {}
        self.sources: dict[str, int] = {}
        self.weeks = array("h")
        self.without_patient = 0
        self.clock = Clock(cells.zone_of(rules.zone))
        self.rules = rules
        self.naming = naming
        self._codes = codes
        self._vocabulary = Vocabulary(codes, rules.lenient)
        self._on_rejected = on_rejected
        self._known_sites: dict[str, Answer] = {}
        self._known_readers: dict[str, Answer] = {}
        self._known_priorities: dict[str, Answer] = {}
        self._known_patterns: dict[tuple[str, ...], Answer] = {}

    def take(self, rows: Iterable[RawRow | Rejected]) -> None:
        """All rows of a reader; a refusal of the reader's own is counted and handed on."""
        for item in rows:
            self.read += 1
            if isinstance(item, Rejected):
                self.reject(item)
                continue
            try:
                self._accept(item)
            except BadCell as bad:
                self.reject(refuse(item.source, item.line, bad.field, bad.value, bad.reason))

    def reject(self, rejected: Rejected, counted_as: str | None = None) -> None:
        """Count a refusal under its reason (or a shorter one) and hand it on."""
        self.reasons[rejected.field, counted_as or rejected.reason] += 1
        self._on_rejected(rejected)

    @property
    def rejected(self) -> int:
        """Rows refused so far."""
        return self.reasons.total()

    def append(self, rows: int, **columns: npt.NDArray[Any]) -> None:
        """Take over so many rows as they are, every column of ``Columns`` by name, values checked."""
        self.read += rows
        for name in Columns.__slots__:
            column: array[Any] = getattr(self.columns, name)
            column.frombytes(columns[name].astype(column.typecode).tobytes())

    def pattern_of(self, coded: tuple[str, str, str, str]) -> Answer:
        """Of modality, body part, ICD-10 and protocol; :raises BadCell: the tables lack one."""
        return self._known_patterns.get(coded) or self._pattern(coded)

    def priority_of(self, word: str) -> Answer:
        """:raises BadCell: no known word for a priority."""
        return self._known_priorities.get(word) or self._priority(word)

    def site_of(self, text: str) -> Answer:
        """:raises BadCell: no name, or one too many."""
        return self._known_sites.get(text) or self._site(text)

    def reader_of(self, text: str) -> Answer:
        """:raises BadCell: no name, or one too many."""
        return self._known_readers.get(text) or self._reader(text)

    def _accept(self, row: RawRow) -> None:
        """Parse every cell before the first is stored, so that a refused row leaves nothing behind."""
        get = row.fields.get
        requested = self._time("requested_at", get("requested_at", ""))
        if math.isnan(requested):
            raise BadCell("requested_at", "", "is missing: an inspection is replayed at its time of request")
        opened = self._time("opened_at", get("opened_at", ""))
        reported = self._time("reported_at", get("reported_at", ""))
        if opened < requested:
            raise BadCell("opened_at", get("opened_at", ""), "is before requested_at: correct either")
        if reported < requested:
            raise BadCell("reported_at", get("reported_at", ""), "is before requested_at: correct either")
        if reported < opened:
            raise BadCell("reported_at", get("reported_at", ""), "is before opened_at: correct either")
        size, size_origin = self._number("size_bytes", get("size_bytes", ""), cells.size_bytes, math.nan)
        images, images_origin = self._number("images", get("images", ""), cells.image_count, 0)
        coded = (get("modality", ""), get("body_part", ""), get("icd10", ""), get("protocol", ""))
        pattern, coded_origin = self.pattern_of(coded)
        priority, priority_origin = self.priority_of(get("priority", ""))
        site, site_origin = self.site_of(get("site", ""))
        assigned, _ = self.reader_of(get("assigned_to", ""))
        inspection, unnamed = self._inspection(row)
        if self.rules.shift_weeks:
            self.weeks.append(self._weeks(row, inspection))
        columns = self.columns
        columns.source.append(self.source_of(row.source))
        columns.line.append(row.line)
        columns.origin.append(
            size_origin | images_origin | coded_origin | priority_origin | site_origin | unnamed
        )
        columns.inspection.append(inspection)
        columns.site.append(site)
        columns.requested_s.append(requested)
        columns.pattern.append(pattern)
        columns.priority.append(priority)
        columns.size_bytes.append(size)
        columns.images.append(int(images))
        columns.assigned.append(assigned)
        columns.opened_s.append(opened)
        columns.reported_s.append(reported)

    def _time(self, field: str, text: str) -> float:
        """Seconds since the epoch, NaN for a missing time that may be missing."""
        try:
            return self.clock(text)
        except BadTime as bad:
            if not is_missing(text):
                stripped = text.strip()
                if stripped != text:
                    return self._time(field, stripped)
                raise BadCell(field, text, str(bad)) from None
        if self.rules.rule(field) == DROP:
            raise BadCell(field, "", "is missing: rows without it are dropped, as declared")
        return math.nan

    def _number(
        self, field: str, text: str, parse: Callable[[str], float], absent: float
    ) -> tuple[float, int]:
        if field in self.rules.sampled:
            return absent, 0
        try:
            return parse(text), 0
        except ValueError as error:
            if not is_missing(text):
                raise BadCell(field, text, str(error)) from None
        constant = self._instead(field)
        return (parse(constant), CONSTANT[field]) if constant else (absent, 0)

    def _pattern(self, coded: tuple[str, str, str, str]) -> Answer:
        origin = 0
        filled = list(coded)
        for position, field in enumerate(CODED):
            if field in self.rules.sampled:
                filled[position] = ""
        stated = self._vocabulary.state(*filled)
        values = {field: getattr(stated, field) for field in CODED}
        for field in CODED:
            if field in self.rules.sampled:
                values[field] = ""
            elif field in stated.derived:
                origin |= DERIVED[field]
            elif not values[field]:
                constant = self._instead(field)
                origin |= CONSTANT[field] if constant else UNKNOWN[field] * (field in stated.unknown)
                values[field] = constant
        if origin:
            values = self._spelt(values)
        pattern = place(type(stated)(**values), self._codes)
        answer = self.patterns.setdefault(pattern, len(self.patterns)), origin
        return _remember(self._known_patterns, coded, answer)

    def _spelt(self, values: dict[str, str]) -> dict[str, str]:
        """With constants as the tables spell them."""
        stated = self._vocabulary.state(values["modality"], values["body_part"], values["icd10"], "")
        return {field: getattr(stated, field) for field in CODED}

    def _priority(self, word: str) -> Answer:
        answer = _MISSING, 0
        if "priority" not in self.rules.sampled:
            level = None if is_missing(word) else level_of(word)
            unknown = level is None and not is_missing(word)
            if unknown and "priority" not in self.rules.lenient:
                raise BadCell("priority", word, f"is no known priority: map it to {', '.join(LEVELS)}")
            if level is not None:
                answer = level, 0
            elif constant := self._instead("priority"):
                answer = level_of(constant) or 0, CONSTANT["priority"]
            else:
                answer = _MISSING, UNKNOWN["priority"] * unknown
        return _remember(self._known_priorities, word, answer)

    def _site(self, text: str) -> Answer:
        answer = _MISSING, 0
        if "site" not in self.rules.sampled:
            if not is_missing(text):
                answer = self._named("site", text, self.sites), 0
            elif constant := self._instead("site"):
                answer = self._named("site", constant, self.sites), CONSTANT["site"]
        return _remember(self._known_sites, text, answer)

    def _reader(self, text: str) -> Answer:
        answer = _MISSING, 0
        if not is_missing(text):
            answer = self._named("assigned_to", text, self.radiologists), 0
        elif self.rules.rule("assigned_to") == DROP:
            raise BadCell("assigned_to", "", "is missing: rows without it are dropped, as declared")
        return _remember(self._known_readers, text, answer)

    def _named(self, field: str, text: str, known: dict[str, int]) -> int:
        try:
            plain = cells.name(text)
        except ValueError as error:
            raise BadCell(field, text, str(error)) from None
        if plain not in known and len(known) >= MOST_NAMES:
            raise BadCell(field, text, f"is one of more than {MOST_NAMES:,}: is the column mapped right?")
        return known.setdefault(plain, len(known))

    def _inspection(self, row: RawRow) -> Answer:
        text = row.fields.get("inspection_id", "").strip()
        if text and not is_missing(text):
            return self.naming.inspection(text), 0
        if self.rules.rule("inspection_id") == DROP:
            raise BadCell("inspection_id", "", "is missing: rows without it are dropped, as declared")
        # Not the line: readers of other formats may give several rows the same one.
        return self.naming.inspection(f"\0{self.read}"), UNNAMED

    def _weeks(self, row: RawRow, inspection: int) -> int:
        """By how many weeks the patient's dates move; without a patient the inspection moves by its own."""
        patient = row.fields.get(PATIENT, "").strip()
        alone = is_missing(patient)
        self.without_patient += alone
        owner = f"\0{inspection}" if alone else patient
        return self.naming.shift_days(owner, self.rules.shift_weeks) // 7

    def source_of(self, source: str) -> int:
        """The number of a file; :raises LogError: there are too many."""
        if source not in self.sources and len(self.sources) >= MOST_SOURCES:
            raise LogError([f"more than {MOST_SOURCES} files: join them"])
        return self.sources.setdefault(source, len(self.sources))

    def _instead(self, field: str) -> str:
        """The constant for a missing cell, ``""`` where it is to be sampled; drops the row where declared."""
        rule = self.rules.rule(field)
        if rule == DROP:
            raise BadCell(field, "", "is missing: rows without it are dropped, as declared")
        return "" if rule == SAMPLE else rule


def _remember(known: dict[K, Answer], cell: K, answer: Answer) -> Answer:
    """Keep an answer while there is room: cells that never repeat must not fill the memory."""
    if len(known) < _MOST_REMEMBERED:
        known[cell] = answer
    return answer
