"""The whole report: which sections there are, in the order in which a board reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np

from simgrid.experiments.resimulation import CodeHasChanged
from simgrid.experiments.sealed import sealed_block, sealed_page
from simgrid.experiments.study import STUDY_FILE, Study
from simgrid.planning.cost import cost_of
from simgrid.planning.sealing import planned_blocks
from simgrid.presentation.board.advice import advice
from simgrid.presentation.board.aims import told_aim
from simgrid.presentation.board.answer import sentence
from simgrid.presentation.board.apart import differ_from_plan
from simgrid.presentation.board.breaking import bare_answer, breaking_section, stress_word
from simgrid.presentation.board.contents import contents_block
from simgrid.presentation.board.frontier import frontier_section, planned_frontier, swept_frontier
from simgrid.presentation.board.given import OUTDATED, PLAN_FILE, STRESS_FILE, Given, as_written
from simgrid.presentation.board.heat import heat_of, heat_section
from simgrid.presentation.board.ledger import ledger_section, provenance
from simgrid.presentation.board.missing import HOW, missing_section
from simgrid.presentation.board.naming import names_told
from simgrid.presentation.board.network_map import map_section, uses
from simgrid.presentation.board.paper import on_paper
from simgrid.presentation.board.places import layout
from simgrid.presentation.board.planned import plan_answer, plan_sections, plan_word, planned_aims
from simgrid.presentation.board.policies import policies_section
from simgrid.presentation.board.scenarios import differ, headed, not_told, of_it, told_apart
from simgrid.presentation.board.sections import note
from simgrid.presentation.board.seen import Seen, seen_of
from simgrid.presentation.board.sliders import sliders, told_runs
from simgrid.presentation.board.standing import Look, looks, of_which, other_question, otherwise
from simgrid.presentation.board.strip import spans
from simgrid.presentation.board.tornado import arms, tornado_section
from simgrid.presentation.board.verdicts import sentence_part, target_table, where_of
from simgrid.presentation.board.waiting import (
    FEWEST,
    MOST_INSPECTIONS,
    REPLICATIONS,
    Waits,
    waits_of_answer,
    waits_section,
)
from simgrid.presentation.html.elements import Html, element
from simgrid.presentation.html.page import LARGEST_BYTES, page
from simgrid.presentation.plan_words import days_tested


def report(given: Given, replications: int | None = None) -> str:
    """The page as text, sealed, the same for the same folders.

    ``replications``: so many of the answer's runs are simulated again to say where the time goes; None: a few
    where runs are short.

    :raises PageTooLarge: above 1 MB. :raises NotAStudy: for an object that was edited since it was written.
    """
    seen = None if given.study is None else seen_of(given.study, given.targets, given.loaded)
    parts = _on_paper(given, seen, replications)
    seals = [list(_seals(folder)) for folder in given.folders]
    sealed = [*parts, *(Html(one) for of_folder in seals for one in of_folder)]
    room = LARGEST_BYTES - len(_page(given, sealed).encode())
    kept = contents_block(given, seen, replications, [len(one) for one in seals], room)
    return sealed_page(_page(given, [*sealed, kept]))


def shown(given: Given, replications: int | None = None) -> str:
    """The page without seals and without what it is made of; raises as ``report``."""
    seen = None if given.study is None else seen_of(given.study, given.targets, given.loaded)
    return _page(given, _on_paper(given, seen, replications))


def _on_paper(given: Given, seen: Seen | None, replications: int | None) -> list[Html]:
    return on_paper(list(_parts(given, seen, replications)), provenance(given), given.title)


def _page(given: Given, parts: Sequence[Html]) -> str:
    return page(
        given.title,
        *parts,
        provenance=provenance(given),
        style=_own("report.css"),
        script=_own("report.js"),
    )


def _seals(folder: Path) -> Iterator[str]:
    if (folder / STUDY_FILE).is_file():
        yield sealed_block(folder)
    yield from planned_blocks(folder)


def _parts(given: Given, seen: Seen | None, replications: int | None) -> Iterator[Html]:
    """Every section that has its data; the answer of a plan goes before that of a study."""
    targets = given.targets
    several = differ(given.parts)
    stands = _looks(given, seen)
    yield from told_apart(given.parts)
    yield from (
        note(f"{folder.name} is told without what breaks first: {OUTDATED}.") for folder in given.outdated
    )
    if given.plan is not None:
        with as_written(PLAN_FILE):
            aims = planned_aims(given.plan, of_it(given.plan, targets))
            yield from headed(given.parts, "plan")
            yield plan_answer(given.plan)
            if given.loaded is not None and (span := days_tested(given.loaded.cells[0])):
                yield note(span)
            yield from map(note, (*advice(given.plan), *otherwise(stands, "plan")))
            yield from not_told("plan", given.plans, [plan_word(one) for _, one in given.plans])
            yield from plan_sections(given.plan, aims, given.planned_of)
    yield from map(note, names_told(_policies(given)))
    if several and given.plan is not None:
        yield from _money(given, None)
    if seen is not None:
        yield from headed(given.parts, "study")
        yield from _head(seen, stands, first=given.plan is None)
    elif given.plan is None:
        yield bare_answer(given.stress)
    if not several or given.plan is None:
        yield from _money(given, seen)
    if seen is not None:
        aim = seen.found.aims[seen.aim]
        yield from tornado_section(aim, arms(seen.found, seen.aim, seen.policy, seen.inputs, seen.cell))
        yield from heat_section(heat_of(seen.study, seen.inputs, seen.cell, seen.policy))
    if not several:
        yield from _broken(given, stands)
    waits, why = (None, "") if seen is None else _waits(given, seen, replications)
    yield from waits_section(waits)
    if seen is not None and given.loaded is not None:
        yield from map_section(uses(seen.study, seen.cell, seen.policy), layout(given.loaded))
    if seen is not None:
        yield from policies_section(seen.study, seen.found, seen.cell)
    if several:
        yield from _broken(given, stands)
    yield from ledger_section(given)
    yield from missing_section(_absent(given, seen) | ({"where the time goes": why} if why else {}))


def _policies(given: Given) -> Iterator[str]:
    """Every policy that the page names."""
    yield from (str(one["policy"]) for one in (given.plan, given.stress) if one and one.get("policy"))
    if given.study is not None:
        yield from given.study.design.policies


def _looks(given: Given, seen: Seen | None) -> tuple[Look, ...]:
    """Every look at a deployment, to be held against each other."""
    with as_written(f"{PLAN_FILE} or {STRESS_FILE}"):
        return looks(given.plan, seen, given.stress, given.targets)


def _broken(given: Given, stands: Sequence[Look]) -> Iterator[Html]:
    """What breaks first; of another scenario than the study behind all that is the study's."""
    if given.stress is not None:
        with as_written(STRESS_FILE):
            yield from headed(given.parts, "stress test")
            yield from breaking_section(
                given.stress,
                [told_aim(one) for one in of_it(given.stress, given.targets)],
                (
                    of_which(stands, "stress test"),
                    *_apart(given),
                    *otherwise(stands, "stress test"),
                    *other_question(given.plan, given.stress),
                ),
                [*not_told("stress test", given.tests, [stress_word(one) for _, one in given.tests])],
            )


def _apart(given: Given) -> Iterator[str]:
    """What the stress test's deployment has otherwise than the plan beside it."""
    if given.plan is None or given.stress is None or given.planned_of is None or given.tested is None:
        return
    yield from differ_from_plan(given.plan, given.planned_of, given.stress, given.tested)


def _head(seen: Seen, stands: Sequence[Look], *, first: bool) -> Iterator[Html]:
    """The answer with its targets, beside the sliders that change both."""
    study, found, cell, policy = seen.study, seen.found, seen.cell, seen.policy
    answer = sentence_part(sentence(study, found, cell, policy), where_of(study, seen.inputs, cell))
    wide = spans(found)
    told = told_runs(study, found, seen.inputs, policy, wide)
    shown = target_table(found, found.figures[cell][policy] or (), wide)
    if not first:
        yield element("h2", "What else was run")
    yield answer
    if not first:
        yield from map(note, filter(None, (of_which(stands, "study"), *otherwise(stands, "study"))))
    yield element("div", *sliders(study, told, cell, policy), element("div", shown), class_="beside")


def _money(given: Given, seen: Seen | None) -> Iterator[Html]:
    """What more money buys: the plans that were tried, else the cells of a study that have a cost."""
    if given.plan is not None:
        with as_written(PLAN_FILE):
            priced = given.plan.get("cost") or (given.plan.get("now") or {}).get("cost") or {}
            unit = str(priced.get("unit") or "the scenario's currency a month")
            aims = planned_aims(given.plan, of_it(given.plan, given.targets))
            yield from frontier_section([planned_frontier(aim, given.plan) for aim in aims], unit)
    elif seen is not None and _priced(given, seen.study):
        costs = [cost_of(cell) for cell in (given.loaded.cells if given.loaded else ())]
        totals, names = [one.total for one in costs], [_at(seen, cell) for cell in range(len(costs))]
        order = sorted(range(len(seen.found.aims)), key=lambda place: place != seen.aim)
        shown = [swept_frontier(seen.found, place, totals, seen.policy, seen.cell, names) for place in order]
        yield from frontier_section(shown, costs[0].unit)


def _waits(given: Given, seen: Seen, replications: int | None) -> tuple[Waits | None, str]:
    """What the answer's runs waited for, or why that is not told."""
    folders = [folder for folder in given.folders if (folder / STUDY_FILE).is_file()]
    if len(folders) != 1:
        return None, "simgrid report with one study alone"
    wanted = REPLICATIONS if replications is None else replications
    if replications is None and _inspections(seen) > MOST_INSPECTIONS:
        wanted = 0
    if not wanted:
        return None, f"simgrid report --waits {REPLICATIONS}, which simulates so many runs again"
    cell = dict(zip(seen.study.design.sweep_columns, seen.study.design.points[seen.cell], strict=True))
    keys = seen.study.keys[seen.cell][seen.policy][:wanted]
    few = "" if len(keys) >= FEWEST else f"simgrid report --waits {FEWEST}: of one run there is no interval"
    try:
        return waits_of_answer(folders[0], cell, seen.study.design.policies[seen.policy], keys), few
    except CodeHasChanged:
        return None, "simgrid run again: with today's code its runs no longer come out as they were stored"


def _inspections(seen: Seen) -> float:
    """How many inspections a run of the answer has at most."""
    places = [seen.study.column(metric) for metric in ("reported", "open_at_end")]
    values = [seen.study.values[seen.cell, seen.policy, :, place] for place in places if place is not None]
    return float(np.nansum([np.nanmax(one) for one in values if not np.isnan(one).all()]))


def _priced(given: Given, study: Study) -> bool:
    """Whether the study's cells are those of the scenario, and something in them has a price."""
    cells = given.loaded.cells if given.loaded else ()
    return len(cells) == len(study.design.points) > 1 and bool(cells[0].costs)


def _at(seen: Seen, cell: int) -> str:
    return "; ".join(f"{one.label}: {one.levels[one.of_cell[cell]]}" for one in seen.inputs)


def _absent(given: Given, seen: Seen | None) -> dict[str, str]:
    """The parts that have no data."""
    there: dict[str, bool] = {
        "study": seen is not None,
        "targets": bool(given.targets),
        "what it rests on": given.loaded is not None,
    }
    there["what breaks first"] = given.stress is not None
    there["what more money buys"] = given.plan is not None or (
        seen is not None and _priced(given, seen.study)
    )
    if seen is not None:
        there["what if"] = bool(seen.inputs)
        there["what would change our mind"] = bool(
            arms(seen.found, seen.aim, seen.policy, seen.inputs, seen.cell)
        )
        hours = heat_of(seen.study, seen.inputs, seen.cell, seen.policy)
        there["when it is late"] = hours is not None
        there["where the lines are busy"] = bool(uses(seen.study, seen.cell, seen.policy))
    return {name: HOW[name] for name in HOW if not there.get(name, True)}


def _own(name: str) -> str:
    return files("simgrid.presentation.board").joinpath(name).read_text(encoding="utf-8")
