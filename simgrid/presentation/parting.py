"""Where two runs part, as text for a person and as one JSON object for a program."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from simgrid.experiments.first_difference import Parting, Side
from simgrid.experiments.parting_reasons import reasons
from simgrid.experiments.parting_words import Choice, Happening, Picture, differ_in, happening, picture
from simgrid.presentation.blocks import Block, as_text

_MOST_TOLD = 12
_MEGABIT = 1e6


def parting_text(parting: Parting, width: int = 80) -> str:
    """What the runs were, where they part, what each had seen there, and why if that shows."""
    asked = tuple(_asked(parting))
    blocks = [Block(asked[0], notes=asked[1:])]
    if parting.same is None:
        blocks.append(Block(f"no difference in {parting.a.journal.events} events"))
        return as_text(blocks, width)
    common, events = _events(parting)
    same = f"the first {parting.same} events are the same" if parting.same else "no event is the same"
    blocks.append(
        Block(
            f"{same}; A has {parting.a.journal.events} in all, B {parting.b.journal.events}",
            ("", "event", "when", "what"),
            (*(_row("A, B", one) for one in common), *map(_row, "AB", events)),
            keys=3,
        )
    )
    pictures = picture(parting.a), picture(parting.b)
    blocks += _pictures(pictures)
    why = reasons(parting, events, pictures)
    blocks.append(Block("why", notes=why or ("their records do not show it",)))
    return as_text(blocks, width)


def parting_json(parting: Parting) -> str:
    """The same as one line of JSON: ``same_events`` is null where nothing differs."""
    told: dict[str, Any] = {"differ_in": list(differ_in(parting)), "same_events": parting.same}
    common, events = _events(parting)
    pictures = picture(parting.a), picture(parting.b)
    told["common"] = [_plain(one) for one in common]
    for name, side, event, shown in zip("ab", (parting.a, parting.b), events, pictures, strict=True):
        told[name] = {
            "folder": str(side.found.folder),
            "policy": side.found.choice.label,
            "replication": side.found.replication,
            "cell": dict(side.found.scenario.swept),
            "seed": side.found.scenario.seed,
            "events": side.journal.events,
            "next": None if event is None else _plain(event),
            "shown": None if shown is None else _finite(asdict(shown)),
        }
    told["why"] = [] if parting.same is None else list(reasons(parting, events, pictures))
    return json.dumps(told, ensure_ascii=False)


def _events(parting: Parting) -> tuple[tuple[Happening, ...], tuple[Happening | None, Happening | None]]:
    """The last common events, and either side's next one."""
    same = parting.same or 0
    first = same - len(parting.common) + 1
    common = tuple(happening(parting.a, line, first + n) for n, line in enumerate(parting.common))
    a, b = (
        happening(side, side.event[0], same + 1) if len(side.event) else None
        for side in (parting.a, parting.b)
    )
    return common, (a, b)


def _asked(parting: Parting) -> Iterator[str]:
    for name, side in (("A", parting.a), ("B", parting.b)):
        yield f"{name}: {_said(side)}"
    differences = differ_in(parting)
    if not differences:
        yield "they were asked to do the same"
        return
    yield "they were asked to do different things:"
    yield from (f"  {line}" for line in differences[:_MOST_TOLD])
    if len(differences) > _MOST_TOLD:
        yield f"  and {len(differences) - _MOST_TOLD} more"


def _said(side: Side) -> str:
    found = side.found
    cell = "".join(f", {name} {value}" for name, value in found.scenario.swept)
    return f"{found.folder}, policy {found.choice.label}, replication {found.replication}{cell}"


def _row(side: str, one: Happening | None) -> tuple[str, ...]:
    if one is None:
        return (side, "", "", "the run has ended")
    return (side, str(one.number), f"{one.at:%Y-%m-%d %H:%M:%S.%f}"[:-3], one.sentence)


def _pictures(pictures: tuple[Picture | None, Picture | None]) -> Iterator[Block]:
    shown = [one for one in pictures if one is not None]
    if not shown:
        return
    a, b = pictures
    names = dict.fromkeys(choice.inspection for one in shown for choice in one.choices)
    chosen = [{choice.inspection: choice for choice in one.choices} if one else {} for one in pictures]
    rows = tuple((name, _given(chosen[0].get(name)), _given(chosen[1].get(name))) for name in names)
    unlike = tuple(row for row in rows if row[1] != row[2])
    notes = (
        (f"{len(rows) - len(unlike)} more waited and got the same answer",) if len(unlike) < len(rows) else ()
    )
    few = unlike[:_MOST_TOLD]
    if len(few) < len(unlike):
        notes = (f"and {len(unlike) - len(few)} more that were answered otherwise", *notes)
    yield Block(
        "what each policy answered, with the minutes from request that it planned",
        ("waiting", "A", "B"),
        few,
        notes,
    )
    headings = ("radiologist", "on duty", "queue", "queued min", "free in min", "effort min", "limit min")
    if a is not None and b is not None and a.desks == b.desks:
        yield Block("the desks as both were shown them", headings, tuple(_desks(a)))
        return
    for side, one in zip("AB", pictures, strict=True):
        if one is not None:
            yield Block(f"the desks as {side} was shown them", headings, tuple(_desks(one)))


def _desks(one: Picture) -> Iterator[tuple[str, ...]]:
    for desk in one.desks:
        yield (
            desk.radiologist,
            "yes" if desk.on_duty else "no",
            str(desk.queue),
            *(_minutes(amount) for amount in (desk.queue_min, desk.free_in_min, desk.effort_min)),
            "none" if math.isinf(desk.limit_min) else f"{desk.limit_min:.1f}",
        )


def _minutes(amount: float) -> str:
    return "never" if math.isinf(amount) else f"{amount:.1f}"


def _given(choice: Choice | None) -> str:
    if choice is None:
        return "-"
    if choice.radiologist is None or choice.planned_min is None:
        return "keeps waiting"
    return f"{choice.radiologist} ({_minutes(choice.planned_min)})"


def _plain(one: Happening) -> dict[str, Any]:
    return asdict(one) | {"at": one.at.isoformat(), "sentence": one.sentence}


def _finite(value: Any) -> Any:
    """JSON knows no infinity: null."""
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
