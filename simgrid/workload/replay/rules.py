"""What is done about cells: declared beforehand for each field, never decided row by row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final

from simgrid.codes.tables import CodeTables
from simgrid.domain.demand import LogSource
from simgrid.workload.replay import cells
from simgrid.workload.replay.cells import BadCell
from simgrid.workload.replay.log_files import LogError
from simgrid.workload.replay.patterns import CODED, Vocabulary
from simgrid.workload.replay.priorities import LEVELS, level_of

SAMPLE: Final = "sample"
DROP: Final = "drop"

SAMPLED_FIELDS = ("site", *CODED, "priority", "size_bytes", "images")
"""Fields with a rule: ``sample`` unless declared otherwise."""

_ALSO_DROPPED = ("inspection_id", "assigned_to", "opened_at", "reported_at")
"""Fields that stay empty when missing (an inspection without name gets one), unless the rule is ``drop``."""

LENIENT = (*CODED, "priority")
_MOST_WEEKS = 520


@dataclass(frozen=True, slots=True)
class Rules:
    """How a log is read.

    ``zone``: of times without an offset. ``missing``: by field ``sample``, ``drop`` or a constant.
    ``lenient``: fields whose unknown values count as missing. ``sampled``: fields set aside, to be sampled.
    ``shift_weeks``: dates of a patient move together by up to so many weeks, weekday and hour staying.

    Raises:
        LogError: a field, a rule or a zone that does not exist; it lists every problem.
    """

    zone: str | None = None
    missing: Mapping[str, str] = field(default_factory=dict)
    lenient: frozenset[str] = frozenset()
    sampled: frozenset[str] = frozenset()
    shift_weeks: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be followed."""
        problems = []
        for field_, rule in self.missing.items():
            if field_ not in (*SAMPLED_FIELDS, *_ALSO_DROPPED):
                problems.append(_unknown("missing", field_, (*SAMPLED_FIELDS, *_ALSO_DROPPED)))
            elif field_ in _ALSO_DROPPED and rule != DROP:
                problems.append(f"missing: {field_} can only have the rule {DROP!r}: it is never made up")
        problems += [_unknown("lenient", one, LENIENT) for one in sorted(self.lenient - set(LENIENT))]
        problems += [
            _unknown("sampled", one, SAMPLED_FIELDS) for one in sorted(self.sampled - set(SAMPLED_FIELDS))
        ]
        if not 0 <= self.shift_weeks <= _MOST_WEEKS:
            problems.append(f"shift_weeks is {self.shift_weeks}: expected 0 to {_MOST_WEEKS}")
        try:
            cells.zone_of(self.zone)
        except LogError as error:
            problems += error.problems
        if problems:
            raise LogError(problems)

    @classmethod
    def of(cls, source: LogSource) -> Rules:
        """The rules of a scenario's log."""
        return cls(
            zone=source.zone,
            missing=dict(source.missing),
            lenient=frozenset(source.lenient),
            sampled=frozenset(source.sampled),
        )

    def rule(self, field_: str) -> str:
        """``sample``, ``drop`` or a constant."""
        return self.missing.get(field_, SAMPLE)

    def constant(self, field_: str) -> str:
        """The declared constant, ``""`` where the rule is another."""
        rule = self.rule(field_)
        return "" if rule in {SAMPLE, DROP} else rule


def check_constants(rules: Rules, codes: CodeTables) -> None:
    """Raise a LogError listing every constant that is no value of its field."""
    strict = Vocabulary(codes, frozenset())
    problems = []
    for field_ in SAMPLED_FIELDS:
        constant = rules.constant(field_)
        if not constant:
            continue
        try:
            _check(field_, constant, strict)
        except BadCell as bad:
            problems.append(f"missing: the constant {constant!r} for {field_} {bad.reason}")
        except ValueError as error:
            problems.append(f"missing: the constant {constant!r} for {field_} {error}")
    if problems:
        raise LogError(problems)


def _check(field_: str, constant: str, strict: Vocabulary) -> None:
    if cells.is_missing(constant):
        raise ValueError("says that there is no value: give one, or the rule sample or drop")
    if field_ in CODED:
        stated = {one: constant if one == field_ else "" for one in CODED}
        strict.state(stated["modality"], stated["body_part"], stated["icd10"], "")
    elif field_ == "priority":
        if level_of(constant) is None:
            raise ValueError(f"is no priority: expected a word such as {', '.join(LEVELS)}")
    else:
        _PARSERS[field_](constant)


_PARSERS = MappingProxyType({"site": cells.name, "size_bytes": cells.size_bytes, "images": cells.image_count})


def _unknown(rule: str, field_: str, known: tuple[str, ...]) -> str:
    close = get_close_matches(field_, known, 1)
    hint = f"did you mean {close[0]!r}?" if close else f"expected one of {', '.join(known)}"
    return f"{rule}: there is no field {field_!r} for it: {hint}"
