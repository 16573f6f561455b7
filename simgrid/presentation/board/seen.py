"""Of a finished study what the report's headline is about, and the sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simgrid.domain.targets import Target
from simgrid.experiments.study import Study
from simgrid.presentation.board.aims import aims_of
from simgrid.presentation.board.answer import chosen_policy, decisive, sentence
from simgrid.presentation.board.inputs import Input, base_cell, inputs_of
from simgrid.presentation.board.judging import Aim, Figure, Judged, judged
from simgrid.scenario import Loaded


@dataclass(frozen=True, slots=True)
class Seen:
    """A study judged, and the place of its answer: a cell, a policy, and the aim that decides there."""

    study: Study
    found: Judged
    inputs: tuple[Input, ...]
    cell: int
    policy: int
    aim: int


def seen_of(study: Study, targets: Sequence[Target], loaded: Loaded | None) -> Seen | None:
    """None where nothing was measured that an answer could be about."""
    found = judged(study, tuple(aims_of(study, targets)))
    inputs = inputs_of(study)
    cell = base_cell(study, inputs, loaded)
    policy = chosen_policy(study, found, cell)
    figures = found.figures[cell][policy]
    if not found.aims or not figures:
        return None
    return Seen(study, found, inputs, cell, policy, decisive(found, figures))


def headline(seen: Seen) -> tuple[str, Aim, Figure]:
    """The sentence at the head of the report, and the figure that stands in it."""
    said = sentence(seen.study, seen.found, seen.cell, seen.policy)
    figures = seen.found.figures[seen.cell][seen.policy] or ()
    return said.text, seen.found.aims[seen.aim], figures[seen.aim]
