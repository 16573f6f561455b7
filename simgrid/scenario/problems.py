"""What a scenario's reader says when it refuses: place, value and way out, all problems at once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from difflib import get_close_matches

from simgrid.scenario.marks import Mark, Path, dotted

CATALOGUE = {
    "E001": "the file cannot be read",
    "E002": "the text is not YAML",
    "E003": "a key stands twice in one mapping",
    "E004": "a tab where YAML wants spaces",
    "E005": "too large, too deep or too often repeated",
    "E006": "a value that YAML 1.2 readers disagree on, or that no scenario needs",
    "E007": "not one mapping of keys to values",
    "E008": "extends cannot be followed",
    "E009": "an override is not KEY=VALUE",
    "E101": "an unknown key",
    "E102": "a missing key",
    "E103": "an unknown unit",
    "E104": "a quantity without its unit",
    "E105": "text that is not a quantity",
    "E106": "a value of the wrong type",
    "E107": "a value out of its range",
    "E108": "not one of the choices",
    "E109": "working hours that cannot be read",
    "E110": "an incomplete distribution",
    "E111": "not a date, a time or a zone",
    "E112": "an event without one action and one end",
    "E201": "a reference to something that is not there",
    "E202": "one name for two things",
    "E203": "a rating for an unknown condition",
    "E204": "a combination that the code tables do not hold",
    "E205": "a source for a place that does not exist",
    "E206": "the policies do not fit together",
    "E207": "a sweep that cannot be made",
    "E208": "an ontology or code table that cannot be used",
    "E209": "shares that do not add up",
    "E210": "a variant that cannot be made",
    "E211": "a null with nothing there to remove",
    "E212": "a plug-in that cannot be used",
    "E213": "a sample that cannot be made",
    "E214": "an exclude that fits no point",
    "E215": "a sensitivity analysis that cannot be made",
    "E216": "an uncertain value that cannot be drawn",
    "E217": "a plan that cannot be made",
    "E218": "a target that cannot be judged",
    "E219": "a price that cannot be put on anything",
    "E220": "a backlog that cannot be taken up",
    "E221": "a target that the runs allowed can never show",
    "W301": "an assumed value without a reason",
    "W302": "more work than the rostered hours hold",
    "W303": "a link that is asked for more than it carries",
    "W304": "a study that nobody can read",
    "W305": "a time allowed that is too short for transfer and reading",
    "W306": "times that do not go together",
    "W307": "a radiologist who is never on duty",
    "W308": "an event that changes nothing, or at an odd time",
    "W309": "rows of a table of incidents that are not used",
    "W310": "a warm-up that is short against the horizon, leaves little of it, or is missing",
    "W311": "a storage that has no room for one study",
    "W312": "a radiologist who fits nothing",
    "W313": "a sample that is not spread as it seems",
    "W314": "requests that wait for a radiologist longer than they may",
    "W315": "a value that none of its draws could be",
    "W316": "labels that say the opposite of what they should",
    "W317": "periods that are not what they are called",
    "W318": "a backlog of radiologists who are not here",
}
"""What each number means, in a line; numbers are never reused."""


LONGEST_SNIPPET = 1000
LONGEST_PLACE = 300
MOST_TOLD = 100
"""Problems of one file that are written out; the others are counted."""
MOST_COMPARISONS = 2500
"""Names that one load holds against misspelt ones: about a quarter of a second."""
_LEFT: ContextVar[int] = ContextVar("comparisons left", default=MOST_COMPARISONS)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: its number, where it stands (line and column from 1), and the way out."""

    code: str
    message: str
    file: str
    line: int = 0
    column: int = 0
    place: str = ""
    snippet: str = ""
    length: int = 1
    help: str = ""

    @classmethod
    def at(cls, code: str, mark: Mark, path: Path, message: str, way_out: str = "") -> Problem:
        """A problem at a mark; the message is led by the last key of the path."""
        named = [part for part in path if isinstance(part, str)]
        lead = f"{_cut(named[-1], 60)}: " if named else ""
        return cls(
            code=code,
            message=lead + message,
            file=mark.source.name,
            line=mark.line,
            column=mark.column,
            place=_cut(dotted(path), LONGEST_PLACE),
            snippet=mark.source.line(mark.line),
            length=max(mark.length, 1),
            help=way_out,
        )

    @property
    def severity(self) -> str:
        """``error``, or ``warning`` for numbers that begin with W."""
        return "warning" if self.code.startswith("W") else "error"

    def render(self) -> str:
        """The problem as drawn for people: head, arrow, line with the value underlined, help."""
        lines = [f"{self.severity}[{self.code}]: {self.message}"]
        place = f"  ({self.place})" if self.place else ""
        if not self.line or self.file.startswith("--"):  # an option
            lines.append(f"  --> {self.file}{place}")
        else:
            lines.append(f"  --> {self.file}:{self.line}:{self.column}{place}")
        if self.line:
            gutter = max(len(str(self.line)), 2)
            snippet, column, length = _window(self.snippet, self.column, self.length)
            lines += [
                f"{' ' * gutter} |",
                f"{self.line:>{gutter}} | {snippet}",
                f"{' ' * gutter} | {' ' * (column - 1)}{'^' * length}",
            ]
        else:
            gutter = 2
        if self.help:
            lines.append(f"{' ' * gutter} = help: {self.help}")
        return "\n".join(lines)

    def as_json(self) -> str:
        """One JSON object on one line with the same facts, ``severity`` included; long lines are cut."""
        facts = {"severity": self.severity, **asdict(self)}
        if len(self.snippet) > LONGEST_SNIPPET:
            facts["snippet"] = _window(self.snippet, self.column, self.length)[0]
        return json.dumps(facts, ensure_ascii=False)


def nothing_to_remove(mark: Mark, path: Path, meant: str | None = None) -> Problem:
    """The problem with a null at a place that holds nothing; ``meant`` is there, and is called almost so."""
    way_out = "leave this null out" if meant is None else f"did you mean '{meant}'?"
    return Problem.at("E211", mark, path, "there is nothing here to remove", way_out)


class ScenarioInvalid(ValueError):
    """A scenario that cannot be built; ``problems`` holds everything found, in the order of the text."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = in_order(problems)
        super().__init__("\n\n".join(written(self.problems)))


def written(problems: Sequence[Problem], *, as_json: bool = False) -> Iterator[str]:
    """Each problem as drawn, or as its line of JSON: the first ``MOST_TOLD``, then how many more there are.

    Errors before warnings where there are too many of both: nobody mends by the thousand.
    """
    total = len(problems)
    if total > MOST_TOLD:
        errors_first = sorted(problems, key=lambda one: one.severity == "warning")
        problems = in_order(errors_first[:MOST_TOLD])
    for one in problems:
        yield one.as_json() if as_json else one.render()
    if total > MOST_TOLD:
        more = total - MOST_TOLD
        if as_json:
            yield json.dumps({"told": MOST_TOLD, "more": more, "total": total})
        else:
            yield f"and {more} more: {total} problems in all; mend these first, they may share a cause"


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """By file, line and column (ties keep their order); what an alias or a sweep repeats is told once."""
    once: dict[tuple[object, ...], Problem] = {}
    for one in problems:
        once.setdefault((one.code, one.file, one.line, one.column, one.message), one)
    return tuple(sorted(once.values(), key=lambda problem: (problem.file, problem.line, problem.column)))


def did_you_mean(given: str, known: Iterable[str], otherwise: str = "expected one of") -> str:
    """``did you mean 'x'?`` where a near name exists, else the names there are."""
    names = list(dict.fromkeys(known))
    near = nearest(given, names)
    if near is not None:
        return f"did you mean '{near}'?"
    return f"{otherwise} {_listed(names)}" if names else ""


def nearest(given: str, known: Iterable[str]) -> str | None:
    """The name that differs least, case aside; None where none is near."""
    return closest(given, known, cutoff=0.5 if len(given) <= 3 else 0.6)


def closest(given: str, known: Iterable[str], cutoff: float) -> str | None:
    """The name whose likeness is greatest and above the cutoff, case aside; None where there is none.

    Also None once a load has compared so many names that more suggestions would only cost time.
    """
    folded = {name.casefold(): name for name in reversed(list(known))}
    left = _LEFT.get()
    if left < len(folded):
        return None
    _LEFT.set(left - len(folded))
    near = get_close_matches(given.casefold()[:80], list(folded), 1, cutoff=cutoff)
    return folded[near[0]] if near else None


def suggest_afresh() -> None:
    """Allow a load its share of suggestions."""
    _LEFT.set(MOST_COMPARISONS)


def shown(value: object, limit: int = 60) -> str:
    """A value as an error quotes it: text in quotes, YAML's words for the rest, cut when long."""
    if value is None:
        text = "null"
    elif isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, dict):
        return "a mapping"
    elif isinstance(value, (list, tuple)):
        return "a list"
    else:
        text = f"'{value}'" if isinstance(value, str) else repr(value)
    return text if len(text) <= limit else text[: limit - 4] + "...'"


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _listed(names: Sequence[str], limit: int = 24) -> str:
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more


def _window(line: str, column: int, length: int, width: int = 100) -> tuple[str, int, int]:
    """At most ``width`` characters of a line around the marked stretch, without control characters."""
    start = max(0, min(column - 1 - width // 3, len(line) - width)) if len(line) > width else 0
    cut = "".join(char if char.isprintable() else " " for char in line[start : start + width])
    column -= start
    return cut, column, max(1, min(length, len(cut) - column + 1))
