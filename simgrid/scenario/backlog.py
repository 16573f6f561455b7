"""A backlog from its file into the domain, every study held against the scenario that it begins."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from simgrid.codes import CodeTables
from simgrid.domain.backlog import AT_UNIT, LEGS, MOVING, TIMED, WITH_READER, Backlog, DeskBooks, Held
from simgrid.domain.demand import Demand
from simgrid.domain.radiologist import Radiologist
from simgrid.domain.units import DAY, MINUTE, Seconds
from simgrid.kinds import kind_from_codes
from simgrid.scenario.backlog_file import read_backlog
from simgrid.scenario.files import ENDINGS, MISSING, no_regular_file
from simgrid.scenario.findings import Findings
from simgrid.scenario.kinds import nearest_kind
from simgrid.scenario.marks import Located
from simgrid.scenario.marks import Path as Place
from simgrid.scenario.problems import Problem, ScenarioInvalid, did_you_mean, in_order, shown
from simgrid.scenario.refusals import problems_of
from simgrid.scenario.schema import ScenarioSpec
from simgrid.scenario.schema_backlog import BacklogSpec, BooksSpec, HeldSpec
from simgrid.scenario.units import DURATION, SIZE, BadQuantity, quantity

_PLACE = ("start_from",)
LARGEST_BYTES = 1e12
LONGEST_S = DAY
OLDEST_S = 366 * DAY
"""Beyond these an amount of one study is a slip of unit, or of century."""
MOST_NAMED = 5
"""So many radiologists are named of those whose studies wait again."""
_NUMBERED = re.compile(r"(.+)-([1-9][0-9]{0,5})")
_OURS = re.compile(r"s?i[0-9]{4,12}|s[0-9]{4,12}|i[0-9a-f]{16}")
"""Names that tell nothing: of simulated studies and of replayed ones. All others are replaced."""


@dataclass(frozen=True, slots=True)
class BuiltBacklog:
    """What the file says, and its SHA-256 by its path; nothing of either where none is named."""

    backlog: Backlog | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)


def build_backlog(
    spec: ScenarioSpec,
    demand: Demand,
    radiologists: tuple[Radiologist, ...],
    codes: CodeTables,
    findings: Findings,
) -> BuiltBacklog:
    """The backlog that the scenario names; whatever is wrong with it is located in its own file."""
    file = findings.file_named(_PLACE, spec.start_from)
    if file is None:
        return BuiltBacklog()
    if _has_more_state(spec, findings):
        return BuiltBacklog()
    if no_regular_file(file) == MISSING:
        near = findings.near_file(_PLACE, str(spec.start_from), (*ENDINGS, ".csv"))
        message = f"no such file: {shown(spec.start_from)}"
        findings.add(
            "E208", _PLACE, message, near or "name a backlog's file, as 'simgrid snapshot' writes it"
        )
        return BuiltBacklog()
    try:
        tree = read_backlog(file)
        given, problems = _validated(tree)
        reader = _Reader(spec, demand, radiologists, codes, tree, problems)
        made = reader.backlog(given)
        digest = sha256(file.read_bytes() + _beside(file, tree)).hexdigest()
    except ScenarioInvalid as invalid:
        findings.problems.extend(invalid.problems)
        return BuiltBacklog()
    except OSError as error:
        findings.add("E208", _PLACE, f"cannot read {file.name}: {error.strerror}", "name a backlog's file")
        return BuiltBacklog()
    if reader.returned:
        _say_returned(reader.returned, findings)
    return BuiltBacklog(made, {str(file): digest})


def _say_returned(names: Sequence[str], findings: Findings) -> None:
    """Note whose studies wait again, since her roster counts fewer than the backlog's did."""
    counted = Counter(names)
    shown = ", ".join(f"{many} of {name}" for name, many in sorted(counted.items())[:MOST_NAMED])
    shown += f" and of {len(counted) - MOST_NAMED} more" if len(counted) > MOST_NAMED else ""
    message = f"studies of radiologists who are not here wait for a decision again: {shown}"
    findings.add("W318", _PLACE, message, "raise the count of their roster, to leave their work with them")


def _beside(file: Path, tree: Located) -> bytes:
    """The content of the table that the file names, if it does."""
    studies = tree.mapping.get("studies")
    name = file.name if studies is None else studies.mark.source.name
    return b"" if name == file.name else (file.parent / name).read_bytes()


def _has_more_state(spec: ScenarioSpec, findings: Findings) -> bool:
    """Refuse systems whose state a backlog does not hold: a run would begin with them empty, untold."""
    grid = spec.grid
    on: dict[Place, object] = {
        ("administration",): spec.administration,
        ("images",): spec.images,
        ("acquisition", "recall"): spec.acquisition.recall,
        **{
            ("grid", name): getattr(grid, name)
            for name in ("redundancy", "index", "priors", "viewer", "delivery")
        },
        **{("sites", name, "cache"): one.cache for name, one in spec.sites.items()},
        **{("units", name, "cache"): one.cache for name, one in spec.units.items()},
    }
    for place, what in on.items():
        if what is not None:
            message = "a run that starts from a backlog cannot have it: a backlog does not say what it holds"
            findings.add("E220", place, message, "leave it out, or leave start_from out")
    return any(what is not None for what in on.values())


def _validated(tree: Located) -> tuple[BacklogSpec, list[Problem]]:
    """What can be read of the file, and what is wrong with the rest: studies and books, which are left out.

    :raises ScenarioInvalid: nothing can be read.
    """
    problems = []
    for path, problem in _unknown(tree):
        problems.append(problem)
        tree = tree.put(path, None)
    try:
        return BacklogSpec.model_validate(tree.plain()), problems
    except ValidationError as error:
        problems += problems_of(error, tree)
        for one in error.errors():
            tree = _without(tree, one["loc"])
    try:
        return BacklogSpec.model_validate(tree.plain()), problems
    except ValidationError:
        raise ScenarioInvalid(problems) from None


def _without(tree: Located, refused: tuple[int | str, ...]) -> Located:
    """The file without the study or the books of which something was refused."""
    path = refused[: 2 if refused[:1] in (("studies",), ("radiologists",)) else 1]
    return tree if tree.at(path) is None else tree.put(path, None)


def _unknown(tree: Located) -> Iterator[tuple[Place, Problem]]:
    """Keys that the language of backlogs does not have, where they stand, with those that it has."""
    blocks: list[tuple[Place, Located, tuple[str, ...]]] = [((), tree, tuple(BacklogSpec.model_fields))]
    for name, known in (
        ("studies", tuple(HeldSpec.model_fields)),
        ("radiologists", tuple(BooksSpec.model_fields)),
    ):
        if name in tree.mapping:
            blocks += [((name, key), one, known) for key, one in tree.mapping[name].mapping.items()]
    for path, holder, known in blocks:
        for key, value in holder.mapping.items():
            if key not in known:
                way_out = did_you_mean(key, known, "known here:")
                mark = value.key or value.mark
                yield (*path, key), Problem.at("E101", mark, (*path, key), "unknown key", way_out)


class _Reader:
    """Holds one file against one scenario; every problem at once."""

    def __init__(
        self,
        spec: ScenarioSpec,
        demand: Demand,
        radiologists: tuple[Radiologist, ...],
        codes: CodeTables,
        tree: Located,
        problems: list[Problem],
    ) -> None:
        self._spec, self._demand, self._codes, self._tree = spec, demand, codes, tree
        self._zone = ZoneInfo(spec.calendar.zone)
        self._start = spec.calendar.start.replace(tzinfo=self._zone)
        self._unit_of = {one.name: one.unit for one in radiologists}
        self._at_s: Seconds = 0.0
        self._problems = problems
        self.returned: list[str] = []

    def backlog(self, given: BacklogSpec) -> Backlog:
        """The file as the domain has it; :raises ScenarioInvalid: it does not fit the scenario."""
        self._at_s = 0.0 if given.at is None else self._seconds(given.at)
        if not 0 <= self._at_s < self._spec.horizon:
            message = f"this is not within the horizon, which begins {self._start:%Y-%m-%d %H:%M}"
            self._add("E107", ("at",), message, "let the calendar start at this moment")
        held = {name: self._held(n, name, one) for n, (name, one) in enumerate(given.studies.items(), 1)}
        books = (self._books(name, one) for name, one in given.radiologists.items())
        desks = tuple(one for one in books if one is not None)
        self._one_at_a_time(given)
        studies = tuple(one for one in held.values() if one is not None)
        self._together(studies)
        if self._problems:
            raise ScenarioInvalid(in_order(self._problems))
        return Backlog(self._at_s, studies, desks)

    def _add(self, code: str, path: Place, message: str, way_out: str) -> None:
        self._problems.append(Problem.at(code, self._tree.spot(path), path, message, way_out))

    def _seconds(self, at: datetime) -> Seconds:
        aware = at.replace(tzinfo=self._zone) if at.tzinfo is None else at
        return aware.timestamp() - self._start.timestamp()

    def _here(self, name: str) -> str | None:
        """Who of this scenario is called so by the backlog: the only one of a roster is also its first."""
        alone = name.removesuffix("-1")
        others = [f"{name}-1"] if name in self._spec.radiologists else []
        others += [alone] if alone in self._spec.radiologists else []
        return next((one for one in (name, *others) if one in self._unit_of), None)

    def _left_out(self, name: str) -> bool:
        """Whether a roster of this scenario counts too few to have her."""
        numbered = _NUMBERED.fullmatch(name)
        roster, number = (numbered[1], int(numbered[2])) if numbered else (name, 1)
        rosters = self._spec.radiologists
        if name in rosters:
            roster, number = name, 1
        return roster in rosters and rosters[roster].count < number

    def _books(self, name: str, one: BooksSpec) -> DeskBooks | None:
        path = ("radiologists", name)
        here = self._here(name)
        if here is None and self._left_out(name):
            return None
        if here is None:
            self._add("E201", path, f"there is no radiologist '{name}'", did_you_mean(name, self._unit_of))
        minutes = one.done / MINUTE, one.largest / MINUTE
        return DeskBooks(here or name, one.busy, minutes[0], one.done_points, minutes[1], one.largest_points)

    def _held(self, number: int, name: str, one: HeldSpec) -> Held | None:
        path = ("studies", name)
        before = len(self._problems)
        if one.site not in self._spec.sites:
            way_out = did_you_mean(one.site, self._spec.sites)
            self._add("E201", (*path, "site"), f"there is no site '{one.site}'", way_out)
        self._check_reader(path, one)
        self._plausible(path, one)
        requested_s = self._seconds(one.requested)
        if requested_s > self._at_s:
            message = "it was requested after the moment of the backlog"
            self._add("E107", (*path, "requested"), message, "leave it out, or mend the time")
        mix = self._demand.mix
        size, images = mix.size_bytes.get(one.modality), mix.images.get(one.modality)
        for key, value, usual in (("size", one.size, size), ("images", one.images, images)):
            if value is None and usual is None:
                message = f"{key} is missing, and the scenario says none of {one.modality}"
                self._add("E102", (*path, key), message, f"add '{key}: ...' here")
        icd10 = one.icd10 or self._usual(one)
        if (one.modality, one.body_part, icd10) not in self._codes.compatible:
            named = (one.modality, one.body_part, icd10)
            message = f"{' '.join(filter(None, named))} is not in the code tables"
            parts = sorted({part for modality, part, _ in self._codes.compatible if modality == one.modality})
            misspelt = parts and one.body_part not in parts
            way_out = did_you_mean(one.body_part, parts) if misspelt else nearest_kind(named, self._codes)
            self._add("E204", path, message, way_out)
        left = self._left(path, one)
        if len(self._problems) > before:
            return None
        urgency = self._demand.urgency
        usual_s = urgency.urgent_within_s if one.urgent else urgency.routine_within_s
        bytes_ = one.size if one.size is not None else round(size.mean) if size is not None else 0.0
        times = [(leg, getattr(one, leg)) for leg in LEGS]
        reader = None if one.radiologist is None else self._here(one.radiologist)
        made = Held(
            identifier=name if _OURS.fullmatch(name) else f"s{number:04d}",
            state=one.state,
            requested_s=requested_s,
            site=one.site,
            kind=kind_from_codes(self._codes, one.modality, one.body_part, icd10),
            urgent=one.urgent,
            required_s=float(usual_s) if one.required is None else one.required,
            size_bytes=float(bytes_),
            images=one.images or images or 1,
            radiologist=reader,
            left=left,
            settle_s=one.way_back,
            reading_min=None if one.reading is None else one.reading / MINUTE,
            times=tuple((leg, self._seconds(at)) for leg, at in times if at is not None),
        )
        if one.radiologist is None or reader is not None:
            return made
        self.returned.append(one.radiologist)
        return made.waiting_again()

    def _check_reader(self, path: Place, one: HeldSpec) -> None:
        has = one.radiologist is not None
        if has != (one.state in WITH_READER):
            message = f"a study that is '{one.state}' has {'a' if has else 'no'} radiologist"
            self._add("E112", (*path, "radiologist"), message, "mend the state, or the radiologist")
        elif one.radiologist is not None and not (
            self._here(one.radiologist) or self._left_out(one.radiologist)
        ):
            way_out = did_you_mean(str(one.radiologist), self._unit_of)
            message = f"there is no radiologist '{one.radiologist}'"
            self._add("E201", (*path, "radiologist"), message, way_out)

    def _usual(self, one: HeldSpec) -> str:
        """A diagnosis of the scenario's own mix, or the first of the tables, that goes with the rest."""
        same = [
            kind.icd10
            for kind in self._demand.mix.kinds
            if (kind.modality, kind.body_part) == (one.modality, one.body_part)
        ]
        fits = sorted(
            code
            for modality, part, code in self._codes.compatible
            if (modality, part) == (one.modality, one.body_part)
        )
        return next(iter([*same, *fits]), "")

    def _left(self, path: Place, one: HeldSpec) -> float | None:
        if one.left is None:
            return None
        if one.state not in (*TIMED, *MOVING):
            message = f"nothing of a study that is '{one.state}' is under way"
            self._add("E112", (*path, "left"), message, "remove it")
            return None
        try:
            found = quantity(one.left, DURATION if one.state in TIMED else SIZE)
        except BadQuantity as bad:
            self._add(bad.code, (*path, "left"), bad.message, bad.way_out)
            return None
        if found < 0:
            self._add("E107", (*path, "left"), "this is below 0", "say how much is still to come")
        elif one.state in TIMED and found > LONGEST_S:
            self._too_long((*path, "left"), found)
        elif one.state in MOVING and found > LARGEST_BYTES:
            message = f"{found / 1e12:.4g} TB of one study: the largest have some tens of GB"
            self._add("E107", (*path, "left"), message, "check the unit, such as 120 MB")
        return found

    def _one_at_a_time(self, given: BacklogSpec) -> None:
        """One open study a radiologist."""
        reading = {name: one.radiologist for name, one in given.studies.items() if one.state == "reading"}
        opened = Counter(reading.values())
        for name, reader in reading.items():
            if opened[reader] > 1:
                message = f"{reader} reads {opened[reader]} studies at once"
                self._add(
                    "E112", ("studies", name, "state"), message, "only one is open: the rest is 'begun'"
                )

    def _plausible(self, path: Place, one: HeldSpec) -> None:
        """Note amounts and instants that no study has: slips of unit or century."""
        if one.size is not None and one.size > LARGEST_BYTES:
            message = f"{one.size / 1e12:.4g} TB for one study: the largest have some tens of GB"
            self._add("E107", (*path, "size"), message, "check the unit, such as 120 MB")
        for key, seconds in (("reading", one.reading), ("way_back", one.way_back)):
            if seconds is not None and seconds > LONGEST_S:
                self._too_long((*path, key), seconds)
        for key, at in (("requested", one.requested), *((leg, getattr(one, leg)) for leg in LEGS)):
            if at is not None and self._at_s - self._seconds(at) > OLDEST_S:
                message = f"{at:%Y-%m-%d} is more than a year before the moment of the backlog"
                self._add("E107", (*path, key), message, "check the year, or leave the study out")

    def _too_long(self, path: Place, seconds: Seconds) -> None:
        message = f"{seconds / MINUTE:.4g} min with one study: nobody takes more than a day"
        self._add("E107", path, message, "check the unit, such as 12 min")

    def _together(self, studies: tuple[Held, ...]) -> None:
        """What no study says alone: desks and room at the units."""
        for unit, of in self._spec.units.items():
            reading = sum(one.state == "reading" for one in studies if self._at(one) == unit)
            if reading > of.workstations:
                message = f"{reading} studies are read at {unit}, which has {of.workstations} workstations"
                self._add("E112", ("studies",), message, "mend the states, or the workstations")
            there = [one for one in studies if self._at(one) == unit]
            moving = sum(
                one.size_bytes for one in there if one.state == "delivering" and one.left is not None
            )
            lies = sum(one.size_bytes for one in there if one.state in AT_UNIT) + moving
            if lies > of.storage:
                message = f"{lies / 1e9:.4g} GB lie at {unit}, whose storage holds {of.storage / 1e9:.4g} GB"
                self._add("E112", ("studies",), message, "mend the sizes, or the storage")

    def _at(self, one: Held) -> str | None:
        return None if one.radiologist is None else self._unit_of[one.radiologist]
