"""What would change our mind: each input moved alone, and the step at which the answer flips."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simgrid.presentation.board import saying
from simgrid.presentation.board.chart import Scale, across, scale, whisker
from simgrid.presentation.board.inputs import Input, star
from simgrid.presentation.board.judging import Aim, Figure, Judged, Word, ends, interval
from simgrid.presentation.board.sections import note, section
from simgrid.presentation.html.drawing import drawing, figure, mark
from simgrid.presentation.html.elements import Html, stacking_table

WIDTH, LEFT, RIGHT, TOP = 860.0, 190.0, 830.0, 34.0
ROW, STEP = 34.0, 22.0
MOST_STEPS = 5


@dataclass(frozen=True, slots=True)
class Arm:
    """One input moved alone: the levels shown, in order, and whether one is the base."""

    label: str
    steps: tuple[tuple[str, Figure, bool], ...]
    skipped: int

    @property
    def reach(self) -> float:
        """How far the mean moves."""
        means = [one.mean for _, one, _ in self.steps if math.isfinite(one.mean)]
        return max(means) - min(means) if means else 0.0


def arms(found: Judged, place: int, policy: int, inputs: Sequence[Input], base: int) -> list[Arm]:
    """The inputs of which at least two levels were run with all others as in the base; the widest first."""
    made = []
    for one in inputs:
        cells = star(tuple(inputs), base, one)
        steps = [
            (one.levels[level], figures[place], cell == base)
            for level, cell in cells.items()
            if (figures := found.figures[cell][policy]) is not None
        ]
        shown = _spread(steps)
        if len(shown) > 1:
            made.append(Arm(one.label, tuple(shown), len(steps) - len(shown)))
    return sorted(made, key=lambda arm: -arm.reach)


def tornado_section(aim: Aim, found: Sequence[Arm]) -> Iterator[Html]:
    """Nothing where no input was moved alone."""
    if not found:
        return
    drawn = drawing(_says(aim, found), WIDTH, _height(found), *_drawn(aim, found))
    caption = (
        f"Each input alone, all others as in the answer. Points: means, each with its {ends(aim)}; "
        "ringed: as it is." + (" Hollow: missed. Dashed: what is asked." if aim.bound is not None else "")
    )
    rows = [
        (arm.label, text + (" (as it is)" if base else ""), interval(aim, one), _word(one.word))
        for arm in found
        for text, one, base in arm.steps
    ]
    behind = stacking_table(
        "Each input alone",
        ("Input", "Value", f"{aim.name} ({ends(aim)})", "Verdict"),
        rows,
        "tornado-table",
    )
    heading = "What would change our mind" if aim.bound is not None else "What moves the result"
    left_out = sum(arm.skipped for arm in found)
    more = (
        [note(f"{MOST_STEPS} steps an input are drawn; {left_out} further ones are under the sliders.")]
        if left_out
        else []
    )
    yield section(
        "tornado",
        f"{heading}: {aim.name}",
        *(note(one) for one in flips(aim, found)),
        figure(drawn, caption, behind),
        *more,
    )


def flips(aim: Aim, found: Sequence[Arm]) -> list[str]:
    """In words, for each input, between which two runs the verdict changes."""
    if aim.target is None:
        return []
    told = []
    still = []
    for arm in found:
        changes = [
            f"{one.word} at {text}, {other.word} at {other_text}"
            for (text, one, _), (other_text, other, _) in zip(arm.steps, arm.steps[1:], strict=False)
            if one.word != other.word
        ]
        if changes:
            told.append(f"{arm.label}: {'; '.join(changes)}.")
        else:
            still.append(f"{arm.label} ({arm.steps[0][0]} to {arm.steps[-1][0]})")
    if still:
        told.append(f"Does not change the verdict within what was run: {', '.join(still)}.")
    return told


def _spread(steps: list[tuple[str, Figure, bool]]) -> list[tuple[str, Figure, bool]]:
    """At most five: both ends, the base, and others evenly between."""
    if len(steps) <= MOST_STEPS:
        return steps
    wanted = {round(k * (len(steps) - 1) / (MOST_STEPS - 1)) for k in range(MOST_STEPS)}
    base = next((k for k, step in enumerate(steps) if step[2]), None)
    if base is not None and base not in wanted:
        inner = sorted(wanted - {0, len(steps) - 1}, key=lambda k: abs(k - base))
        wanted = (wanted - {inner[0]}) | {base}
    return [step for k, step in enumerate(steps) if k in wanted]


def _height(found: Sequence[Arm]) -> float:
    return TOP + sum(len(arm.steps) * STEP + ROW - STEP for arm in found) + 40


def _drawn(aim: Aim, found: Sequence[Arm]) -> Iterator[Html]:
    values = [value for arm in found for _, one, _ in arm.steps for value in (one.low, one.mean, one.high)]
    x = scale([*values, *([aim.bound] if aim.bound is not None else [])], LEFT + 110, RIGHT, share=aim.share)
    bottom = _height(found) - 40
    yield from across(
        x, TOP, bottom, lambda value: f"{value * 100:.6g} %" if aim.share else f"{value:.6g} {aim.unit}"
    )
    if aim.bound is not None:
        at = x.at(aim.bound)
        yield mark("line", x1=at, x2=at, y1=TOP - 8, y2=bottom, class_="bound")
        unit = f" {aim.unit}" if aim.unit and not aim.share else ""
        asked = f"asked: {saying.bound(aim.bound, share=aim.share)}{unit}"
        side = "end" if at > (LEFT + RIGHT) / 2 else "start"
        yield mark("text", asked, x=at, y=TOP - 14, text_anchor=side, class_="halo")
    y = TOP
    for arm in found:
        yield mark("line", x1=0, x2=RIGHT, y1=y, y2=y, class_="grid")
        yield mark("text", arm.label, x=0, y=y + STEP / 2 + 10, class_="name")
        for text, one, base in arm.steps:
            y += STEP
            yield from _step(x, y - STEP / 2 + 6, text, one, base=base)
        y += ROW - STEP


def _step(x: Scale, y: float, text: str, one: Figure, *, base: bool) -> Iterator[Html]:
    yield mark("text", text, x=LEFT + 96, y=y + 4, text_anchor="end", class_="tick")
    if not math.isfinite(one.mean):
        return
    if math.isfinite(one.low):
        yield whisker(y, x.at(one.low), x.at(one.high), upright=False, class_="whisker")
    yield mark("circle", cx=x.at(one.mean), cy=y, r=4.5, class_="hollow" if one.word == "missed" else "full")
    if base:
        yield mark("circle", cx=x.at(one.mean), cy=y, r=9, class_="ring")


def _word(word: Word) -> str:
    return word or "-"


def _says(aim: Aim, found: Sequence[Arm]) -> str:
    widest = f"; most by {found[0].label}" if found else ""
    said = f"How far each of {len(found)} inputs alone moves {aim.name}{widest}"
    return f"{said}; the numbers are in the table below"
