"""What breaks first: each link, unit and radiologist away, the load up, the worst outage."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simgrid.domain.metric import is_share
from simgrid.experiments.judged import CONFIDENCE
from simgrid.presentation import wording
from simgrid.presentation.board import saying
from simgrid.presentation.board.given import STRESS_FILE, as_written
from simgrid.presentation.board.judging import UNTOLD, Aim, Word
from simgrid.presentation.board.sections import note, section
from simgrid.presentation.board.verdicts import answer_part, verdict_mark
from simgrid.presentation.html.elements import Html, Part, element, stacking_table

_KINDS = {
    "link": ("Each link", "down"),
    "unit": ("Each reporting unit", "closed"),
    "shard": ("Each shard of the data centre", "lost"),
    "radiologist": ("Each radiologist", "absent"),
}
_PARTS = re.compile(r"(?= from |; |, with )")
_OF_ONE = (", with ", "; ")
"""With these begins what is of one thing alone, and never of all of a kind."""
MOST_PRINTED = 10


def breaking_section(
    stress: Mapping[str, Any] | None,
    aims: Sequence[Aim],
    beside: Sequence[str] = (),
    further: Sequence[Html] = (),
) -> Iterator[Html]:
    """Nothing where no stress test was given.

    ``beside``: how it stands to the report's other parts; ``further``: what is said of other stress tests.
    """
    if stress is None:
        return
    known = {aim.name: aim for aim in aims}
    names = [str(one["name"]) for one in stress.get("targets") or ()]
    parts: list[Part] = [*further, *(note(one) for one in (*beside, *_said(stress)) if one)]
    for kind in _KINDS:
        taken = _worst_first([one for one in stress.get("without") or () if one["kind"] == kind])
        title, rows = _missing(kind, taken, stress.get("n"))
        parts += _table(title, "Without", rows, stress, names, known, kind)
    tried = list(stress.get("load") or ())
    steps = [(_step(one), one) for one in tried]
    parts += _table("More work", "Load", steps, stress, names, known, "load")
    if tried and names:
        parts.append(note(by_chance(tried, CONFIDENCE)))
    yield section("stress", "What breaks first", *parts)


def _table(
    title: str,
    heading: str,
    told: Sequence[tuple[Part, Mapping[str, Any]]],
    stress: Mapping[str, Any],
    names: Sequence[str],
    known: Mapping[str, Aim],
    identifier: str,
) -> list[Part]:
    """A row for what is as deployed and one for each that was tried; without targets what changes."""
    if not told:
        return []
    if names:
        whole = ("as deployed", *cells(stress.get("targets") or (), names, known))
        rows = [whole, *((name, *cells(_measured(stress, one), names, known)) for name, one in told)]
        bounds = f"{title}: mean (one-sided {100 * CONFIDENCE:.6g} % bounds)"
        return [stacking_table(bounds, (heading, *names), rows, f"stress-{identifier}")]
    metrics = list(dict.fromkeys(str(c["metric"]) for _, one in told for c in one.get("changes") or ()))
    changed = [(name, *(_change(one, metric) for metric in metrics)) for name, one in told]
    headings = (heading, *(_changed(metric) for metric in metrics))
    return [stacking_table(title, headings, changed, f"stress-{identifier}")] if metrics else []


def _measured(stress: Mapping[str, Any], one: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The targets in one state, with the units that stand beside them as deployed."""
    units = {each["name"]: each.get("unit") for each in stress.get("targets") or ()}
    return [{"unit": units.get(each["name"]), **each} for each in one["targets"]]


def _step(one: Mapping[str, Any]) -> Part:
    """How large a load is, and what of it was really added where the test says so."""
    said = f"{float(one['scale']) * 100:.6g} % of the load"
    if one.get("added") is None:
        return said
    new = "" if one.get("tests", True) else ", none more than the step before: it tests nothing"
    added = f"{float(one['added']):+.1f}".removesuffix(".0")
    studies = "study" if added == "+1" else "studies"
    return element("span", said, element("span", f"{added} {studies} a run{new}", class_="soft"))


def by_chance(lines: Sequence[Mapping[str, Any]], confidence: float) -> str:
    """What chance means in a table of loads: the replications behind a line, and the bound that decides."""
    counts = sorted({int(one["n"]) for one in lines if one.get("n")})
    many = " to ".join(str(one) for one in dict.fromkeys((counts[0], counts[-1]))) if counts else ""
    rests = f"Each line rests on {many} replications and" if many else "Each line"
    sure, doubt = (f"{100 * share:.6g} %" for share in (confidence, round(1 - confidence, 9)))
    return (
        f"{rests} is judged for itself: “met” only where its unfavourable one-sided {sure} bound keeps the "
        "target, “missed” only where the other bound does not keep it either. Chance remains: a load at "
        f"which a target is just missed in the long run is called met in up to {doubt} of such tests, and "
        "the more lines there are, the likelier one of them is."
    )


def _change(one: Mapping[str, Any], metric: str) -> str:
    """A paired difference from as deployed with its interval."""
    found = next((c for c in one.get("changes") or () if c["metric"] == metric), None)
    if found is None or found.get("difference") is None:
        return wording.UNDEFINED
    by = 100.0 if is_share(metric) else 1.0
    if found.get("alike") or (found.get("low") is not None and found.get("low") == found.get("high")):
        return f"{by * float(found['difference']) + 0.0:+.1f}, the same in all {found.get('n', '')}".rstrip()
    numbers = [by * float(found[end]) for end in ("difference", "low", "high") if found.get(end) is not None]
    said = [f"{number + 0.0:+.1f}" for number in numbers]
    return f"{said[0]} ({said[1]} to {said[2]})" if len(said) == 3 else f"{said[0]} (no interval)"


def _changed(metric: str) -> str:
    unit = "points" if is_share(metric) else wording.unit(metric)
    return f"change of {wording.title(metric)}{f' [{unit}]' if unit else ''}"


def _missing(
    kind: str, taken: Sequence[Mapping[str, Any]], most: object
) -> tuple[str, list[tuple[Part, Mapping[str, Any]]]]:
    """The caption, which says how all of a kind are missing, and the rows, which say what differs.

    ``most``: the replications of a row that says nothing else.
    """
    told = [_PARTS.split(str(one.get("says") or "")) for one in taken]
    shared = []
    for parts in zip(*told, strict=False):
        if len(set(parts)) > 1 or parts[0].startswith(_OF_ONE):
            break
        shared.append(parts[0])
    things, state = _KINDS[kind]
    title = f"{things} {''.join(shared) or state}"
    if most and any(one.get("n") for one in taken):
        fewer = " where a row says nothing else" if any(one.get("n") != most for one in taken) else ""
        title += f", {most} replications{fewer}"
    return title, [
        (_who(one, "".join(said[len(shared) :]), most), one) for one, said in zip(taken, told, strict=True)
    ]


def _who(one: Mapping[str, Any], more: str, most: object) -> Part:
    """What is taken away, and what of it does not stand in the caption."""
    said = [more.strip(" ;,")] if more else []
    alike = one.get("alike") or ()
    if alike and "stands for" not in more:
        said.append(f"{', '.join(map(str, alike))} alike")
    if one.get("n") and one["n"] != most:
        said.append(f"{one['n']} replications")
    name = str(one["name"])
    return element("span", name, element("span", "; ".join(said), class_="soft")) if said else name


def bare_answer(stress: Mapping[str, Any] | None) -> Html:
    """The answer of a report that has no study and no plan: what breaks first, or nothing."""
    if stress is None:
        return answer_part("Nothing was measured that a report could tell.", UNTOLD, "")
    with as_written(STRESS_FILE):
        said = [*_said(stress)]
        return answer_part(said[0] if said else "Nothing was tried.", stress_word(stress), "")


def stress_word(stress: Mapping[str, Any]) -> Word:
    """Missed where something breaks a target; met only where every verdict there is says so."""
    tried = [*(stress.get("without") or ()), *(stress.get("load") or ())]
    if stress.get("first_miss") or any(one.get("breaks") for one in tried):
        return "missed"
    words = {word_of(each) for one in [stress, *tried] for each in one.get("targets") or ()}
    return "met" if words == {"met"} else UNTOLD


def _said(stress: Mapping[str, Any]) -> Iterator[str]:
    """The test's own answer where it has one."""
    if stress.get("answer"):
        yield str(stress["answer"])
        return
    miss = stress.get("first_miss")
    if miss:
        at = f"{float(miss['scale']) * 100:.6g} % of today's load"
        yield f"The first target missed as the load grows: {miss['target']}, at {at}."
    elif stress.get("load"):
        yield "No target was missed at any load that was tried."
    broken = [one for one in stress.get("without") or () if one.get("breaks")]
    if broken:
        names = ", ".join(f"{one['name']} ({one['kind']})" for one in broken[:MOST_PRINTED])
        more = f" and {len(broken) - MOST_PRINTED} more" if len(broken) > MOST_PRINTED else ""
        yield f"A target breaks without: {names}{more}."
    elif stress.get("without"):
        yield "Nothing that was taken away alone breaks a target."
    outage = stress.get("outage")
    if outage and outage.get("says"):
        yield str(outage["says"])


def _worst_first(without: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(
        without,
        key=lambda one: (-len(one.get("breaks") or ()), min((_mean(t) for t in one["targets"]), default=0.0)),
    )


def _mean(target: Mapping[str, Any]) -> float:
    return math.inf if target.get("mean") is None else float(target["mean"])


def cells(
    targets: Sequence[Mapping[str, Any]], names: Sequence[str], known: Mapping[str, Aim]
) -> Iterator[Part]:
    """One cell a name: what was measured of that target, and the word."""
    by_name = {str(one["name"]): one for one in targets}
    for name in names:
        one = by_name.get(name)
        yield (
            "-"
            if one is None
            else element("span", said_of(one, known.get(name)), " ", verdict_mark(word_of(one)))
        )


def said_of(target: Mapping[str, Any], aim: Aim | None) -> str:
    """``94.2 % (93.0 to 95.1 %)`` of a target as a command wrote it; one bound where it has one only.

    A target that is missed without a number is one of a time that never came.
    """
    mean, low, high = (
        math.nan if target.get(k) is None else float(target[k]) for k in ("mean", "low", "high")
    )
    if math.isnan(mean):
        return "never" if target.get("verdict") == "missed" else "not measured"
    share = (
        aim.share
        if aim is not None
        else not _has_unit(target) and max(mean, 0 if math.isnan(high) else high) <= 1
    )
    measure = aim.unit if aim else str(target.get("unit") or "")
    unit = " %" if share else (f" {measure}" if measure and measure != "1" else "")
    bound = aim.bound if aim else None
    said, least, most = saying.in_words(mean, low, high, share=share, bound=bound)
    if low == high:
        counted = f" (n = {target['n']})" if target.get("n") else ""
        return f"{said}{unit}, the same in every replication{counted}"
    if not math.isnan(low) and not math.isnan(high):
        return f"{said}{unit} ({least} to {most}{unit})"
    if not math.isnan(low):
        return f"{said}{unit} (at least {least}{unit})"
    return f"{said}{unit} (at most {most}{unit})" if not math.isnan(high) else f"{said}{unit} (no interval)"


def _has_unit(target: Mapping[str, Any]) -> bool:
    return target.get("unit") not in (None, "1")


def word_of(target: Mapping[str, Any]) -> Word:
    """The verdict as this report writes it."""
    said = target.get("verdict")
    return "met" if said == "met" else "missed" if said == "missed" else UNTOLD
