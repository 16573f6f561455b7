"""Sliders over the runs that there are: the page moves to the nearest one and never reckons between two."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simgrid.experiments.study import Study
from simgrid.presentation.board.answer import TEMPLATES, sentence
from simgrid.presentation.board.inputs import POLICY, Input
from simgrid.presentation.board.judging import Judged, interval, promised
from simgrid.presentation.board.sections import note
from simgrid.presentation.board.strip import Span, places
from simgrid.presentation.board.verdicts import SIGNS
from simgrid.presentation.html.elements import Html, data_block, element
from simgrid.scenario.amounts import amount

MOST_BYTES = 550_000
WORDS = tuple(SIGNS)


@dataclass(frozen=True, slots=True)
class Told:
    """The runs that the sliders reach: of each its levels, its sentence and its figures."""

    inputs: tuple[Input, ...]
    rows: tuple[tuple[object, ...], ...]
    policies: tuple[str, ...]


def told_runs(
    study: Study, found: Judged, inputs: tuple[Input, ...], policy: int, spans: Sequence[Span]
) -> Told:
    """Every cell under every policy, or under the answer's alone where the page would be too large."""
    every = list(range(len(study.design.policies)))
    told = _told(study, found, inputs, every, spans)
    if len(every) > 1 and len(json.dumps(told.rows)) > MOST_BYTES:
        return _told(study, found, inputs, [policy], spans)
    return told


def sliders(study: Study, told: Told, cell: int, policy: int) -> Iterator[Html]:
    """The form, and its data; nothing where nothing was varied."""
    names = study.design.policies
    controls = [_control(place, one, one.of_cell[cell]) for place, one in enumerate(told.inputs)]
    if len(told.policies) > 1:
        every = Input(POLICY, "way to assign work", names, ())
        controls.append(_control(len(told.inputs), every, policy))
    if not controls:
        return
    yield element(
        "form",
        element("h2", "What if?", id="sliders-heading"),
        note(
            "Each setting shows a run that was made. "
            "Between two runs nothing is guessed: the nearest one is shown."
        ),
        element("div", *controls, class_="controls"),
        element(
            "p",
            element("button", "Back to the first answer", type="button", id="back"),
            element("span", "", id="nearest", class_="nearest", role="status"),
        ),
        id="sliders",
        aria_labelledby="sliders-heading",
        class_="scripted screen",
    )
    yield data_block("runs", _data(study, told))


def _control(place: int, one: Input, level: int) -> Html:
    name = f"input-{place}"
    label = element("label", one.label, for_=name)
    if one.column == POLICY or not all(_sized(value) for value in one.levels):
        options = [
            element("option", text, value=str(k), **({"selected": ""} if k == level else {}))
            for k, text in enumerate(one.levels)
        ]
        chosen = element("select", *options, id=name, data_input=str(place))
        return element(
            "div", label, chosen, element("output", "", id=f"at-{place}", for_=name), class_="control"
        )
    ends = element("span", element("span", one.levels[0]), element("span", one.levels[-1]), class_="ends")
    slide = element(
        "input",
        type="range",
        min="0",
        max=str(len(one.levels) - 1),
        step="1",
        value=str(level),
        id=name,
        data_input=str(place),
        aria_valuetext=one.levels[level],
    )
    at = element("output", one.levels[level], id=f"at-{place}", for_=name)
    return element("div", label, at, slide, ends, class_="control")


def _sized(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return amount(value) is not None
    return True


def _told(
    study: Study, found: Judged, inputs: tuple[Input, ...], policies: list[int], spans: Sequence[Span]
) -> Told:
    rows = []
    for cell, of_cell in enumerate(found.figures):
        for place in policies:
            figures = of_cell[place]
            if figures is None:
                continue
            said = sentence(study, found, cell, place)
            levels = [one.of_cell[cell] for one in inputs] + ([place] if len(policies) > 1 else [])
            shown = [
                [
                    interval(aim, one),
                    WORDS.index(one.word),
                    *places(span, one),
                    promised(aim, one) if aim.target else "",
                ]
                if one.n
                else ["-", 0, 0, 0, 0, ""]
                for aim, one, span in zip(found.aims, figures, spans, strict=True)
            ]
            rows.append((levels, said.template, said.parts, WORDS.index(said.word), shown))
    return Told(inputs, tuple(rows), tuple(study.design.policies[place] for place in policies))


def _data(study: Study, told: Told) -> object:
    levels = [{"label": one.label, "levels": one.levels} for one in told.inputs]
    if len(told.policies) > 1:
        levels.append({"label": "way to assign work", "levels": told.policies})
    return {
        "inputs": levels,
        "templates": TEMPLATES,
        "words": [[word, f"{SIGNS[word]} {word}".strip() or "-"] for word in WORDS],
        "runs": f"From {study.design.replications} replications. Where ",
        "exact": "A run with exactly these inputs.",
        "nearest": "Nearest run: none was made with exactly these inputs. It has ",
        "rows": told.rows,
    }
