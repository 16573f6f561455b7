"""Which scenario each part of a report is of: folders of different ones are told apart, never mixed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from simgrid.domain.targets import Target
from simgrid.experiments.study import Study
from simgrid.presentation.board.judging import Word
from simgrid.presentation.board.sections import note
from simgrid.presentation.board.verdicts import verdict_mark
from simgrid.presentation.html.elements import Html, element, stacking_table
from simgrid.presentation.target_words import says

What: TypeAlias = Literal["plan", "study", "stress test"]


@dataclass(frozen=True, slots=True)
class Part:
    """A plan, study or stress test, the scenario that it is of, and whether the page tells it."""

    what: What
    scenario: str
    told: bool = True


def parts_of(
    studies: Sequence[Study], plans: Sequence[Mapping[str, Any]], tests: Sequence[Mapping[str, Any]]
) -> tuple[Part, ...]:
    """Every part that was given; of plans and of stress tests the first is told.

    A study or stress test of what is planned, whatever its file is called, is of the plan's scenario.
    """
    planned = _first_runs(plans[0]) if plans else frozenset()

    def of(runs: Iterable[str], label: str) -> str:
        return _of(plans[0]) if planned.intersection(runs) else label

    found = [Part("plan", _of(one), place == 0) for place, one in enumerate(plans)]
    found += [Part("study", of(_first_of(one), _label(one.design.title, one.design.name))) for one in studies]
    found += [
        Part("stress test", of([str(one.get("first_run"))], _of(one)), place == 0)
        for place, one in enumerate(tests)
    ]
    return tuple(found)


def _first_runs(plan: Mapping[str, Any]) -> frozenset[str]:
    """The keys of the first runs of what is planned and of what is written."""
    now = plan.get("now")
    keys = (plan.get("first_run"), now.get("first_run") if isinstance(now, Mapping) else None)
    return frozenset(one for one in keys if isinstance(one, str))


def _first_of(study: Study) -> Iterator[str]:
    for of_cell in study.keys:
        yield from (keys[0] for keys in of_cell if keys)


def differ(parts: Sequence[Part]) -> bool:
    """Whether the parts are of more than one scenario."""
    return len({one.scenario for one in parts}) > 1


def told_apart(parts: Sequence[Part]) -> Iterator[Html]:
    """A sentence that names the scenarios; nothing where there is one."""
    if not differ(parts):
        return
    count = len({one.scenario for one in parts})
    listed = "; ".join(dict.fromkeys(f"{_named(one)} is of {one.scenario}" for one in parts))
    yield note(
        f"This report is of {count} different scenarios, so its parts do not speak of the same deployment: "
        f"{listed}. What it rests on is told of the first folder's scenario."
    )


def _named(part: Part) -> str:
    return f"the {part.what}" if part.told else f"a further {part.what}, told in its answer only,"


def not_told(
    what: What, found: Sequence[tuple[Path, Mapping[str, Any]]], words: Sequence[Word]
) -> Iterator[Html]:
    """Which of several plans or stress tests the page tells, and the answers of the others; else nothing.

    ``words``: of each the verdict.
    """
    if len(found) < 2:
        return
    folders = [folder.resolve().name for folder, _ in found]
    told = f"{len(found)} {what}s were given, and this page tells that of {folders[0]}."
    rows = [
        (element("span", _of(one), element("span", name, class_="soft")), str(one.get("answer") or "-"), word)
        for (_, one), name, word in zip(found[1:], folders[1:], map(verdict_mark, words[1:]), strict=True)
    ]
    headings = ("Of", "Its answer", "Verdict")
    caption = f"Further {what}s given, each in a sentence"
    yield note(f"{told} To see another whole, give its folder first.")
    yield stacking_table(caption, headings, rows, f"further-{what.replace(' ', '-')}s")


def headed(parts: Sequence[Part], what: What) -> Iterator[Html]:
    """A heading that names the scenario of a part; nothing where all are of one."""
    names = dict.fromkeys(one.scenario for one in parts if one.what == what and one.told)
    if differ(parts) and names:
        yield element("h2", f"The {what} of {' and '.join(names)}")


def of_it(told: Mapping[str, Any], targets: Sequence[Target]) -> tuple[Target, ...]:
    """Those targets that a plan or stress test held too; another scenario's may only share the name."""
    held = {str(one["name"]): one.get("says") for one in told.get("targets") or ()}
    return tuple(one for one in targets if held.get(one.name) in (None, says(one)))


def _of(told: Mapping[str, Any]) -> str:
    return _label(str(told.get("title") or ""), str(told.get("scenario") or ""))


def _label(title: str, name: str) -> str:
    return f"“{title}” ({name})" if title and name and title != name else f"“{title or name}”"
