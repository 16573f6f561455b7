"""The head of the report: the answer, where it holds, and each target with what was measured of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simgrid.experiments.study import Study
from simgrid.presentation.board.answer import Sentence
from simgrid.presentation.board.inputs import Input
from simgrid.presentation.board.judging import Aim, Figure, Judged, Word, interval, promised
from simgrid.presentation.board.strip import Span, strip
from simgrid.presentation.html.elements import Html, Part, element, stacking_table

SIGNS: dict[Word, str] = {
    "met": "✓",
    "missed": "✗",
    "cannot be told": "?",
    "better": "▲",
    "worse": "▼",
    "": "",
}


def answer_part(said: str, word: str, where: str, *, moves: bool = False) -> Html:
    """The sentence; where it ``moves`` the page's script writes others into the same place."""
    if not moves:
        told = element("p", said, class_="answer"), element("p", where, class_="where")
        return element("div", *told, class_="answered", data_word=word)
    told = element("p", said, class_="answer", id="answer"), element("p", where, class_="where", id="where")
    return element("div", *told, class_="answered", data_word=word, id="answered", role="status")


def where_of(study: Study, inputs: Sequence[Input], cell: int) -> str:
    """The levels at which the answer holds, or how many replications it stands on."""
    runs = f"From {study.design.replications} replications" + (
        ": nothing was varied." if not inputs else ". "
    )
    if not inputs:
        return runs
    at = "; ".join(f"{one.label}: {one.levels[one.of_cell[cell]]}" for one in inputs)
    return f"{runs}Where {at}."


def target_table(found: Judged, figures: Sequence[Figure], spans: Sequence[Span]) -> Html:
    """Each target in one line: what must hold, what was measured, whether it holds."""
    headings: tuple[str, ...] = ("Target", "Measured (one-sided 95 % bounds)", "Promised", "Verdict")
    if not found.targeted:
        headings = ("Measure", "Mean (95 % interval)", "Against the baseline")
    rows = [
        tuple(_row(place, *three)) for place, three in enumerate(zip(found.aims, figures, spans, strict=True))
    ]
    return stacking_table("Targets" if found.targeted else "What was measured", headings, rows, "targets")


def verdict_mark(word: Word, identifier: str = "") -> Html:
    """A word with its sign; no colour decides."""
    named = {"id": identifier} if identifier else {}
    return element("span", f"{SIGNS[word]} {word}".strip() or "-", class_="word", data_word=word, **named)


def _row(place: int, aim: Aim, one: Figure, span: Span) -> Iterator[Part]:
    yield element("span", aim.name, element("span", aim.says, class_="soft"))
    text = element("span", interval(aim, one), id=f"measured-{place}")
    yield element("span", text, strip(aim, span, one, place))
    if aim.target is not None:
        yield element("span", promised(aim, one), id=f"promised-{place}")
    yield verdict_mark(one.word, f"word-{place}")


def sentence_part(said: Sentence, where: str) -> Html:
    """The answer of a cell."""
    return answer_part(said.text, said.word, where, moves=True)
