"""How a selection is told: who was put out when, who was selected, and what that promises."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

from simgrid.experiments.selecting import Selection, Standing
from simgrid.presentation import wording
from simgrid.presentation.blocks import Block

SELECTION_SCHEMA = 1


def stretch_line(found: Selection) -> str:
    """How things stand after a stretch of replications."""
    if found.method == "OCBA":
        spent = sum(one.replications for one in found.standings)
        return f"after {spent} of {found.most} replications: {found.selected} leads"
    after = f"after {found.replications} replications"
    if found.selected is not None:
        return f"{after}: {found.selected} is left"
    more = f"; decided after {found.needed} for certain, most often much earlier"
    said = f"{after}: {len(found.left)} of {len(found.standings)} are left"
    return said + more if found.replications == found.first else said


def selection_blocks(found: Selection, drawn: tuple[str, ...] = ()) -> list[Block]:
    """The outcome in words, and every candidate in the order in which it stands.

    ``drawn``: the places that are uncertain in the scenario.
    """
    told = _kn_told if found.method == "KN" else _ocba_told
    name = wording.title(found.metric)
    measured = f"{name}{f' [{unit}]' if (unit := wording.unit(found.metric)) else ''}"
    title = f"{measured[:1].upper()}{measured[1:]}, {wording.direction(found.metric)}"
    last = ("put out",) if found.method == "KN" else ("share", "seed")
    headings = (found.what, "replications", "mean", "standard\ndeviation", *last)
    digits = _decimals(found)
    rows = tuple(_row(found, one, digits) for one in _ordered(found))
    notes = [told(found)]
    if drawn:
        notes.append(
            f"Uncertain, and drawn anew in each world: {', '.join(drawn)}. Means are over the draws."
        )
    return [Block(_outcome(found)), Block(title, headings, rows, tuple(notes))]


def file_name(found: Selection) -> str:
    """``selection-METRIC.json``, with ``-budget`` for OCBA."""
    return f"selection-{found.metric}{'' if found.method == 'KN' else '-budget'}.json"


def selection_text(found: Selection) -> str:
    """The file's text."""
    facts = {"schema": SELECTION_SCHEMA, "unit": wording.unit(found.metric), **asdict(found)}
    return json.dumps(facts, indent=1, ensure_ascii=False) + "\n"


def selection_lines(found: Selection) -> Iterator[str]:
    """One JSON object a candidate, then one with the outcome."""
    for one in _ordered(found):
        yield json.dumps({"table": "candidates", "metric": found.metric, **asdict(one)}, ensure_ascii=False)
    facts = asdict(found)
    del facts["standings"]
    yield json.dumps({"table": "selection", **facts}, ensure_ascii=False)


def _outcome(found: Selection) -> str:
    if found.selected is None:
        names = ", ".join(one.name for one in found.left)
        return f"Nothing selected with {found.replications} replications: {names} are left"
    if found.tied:
        return (
            f"Selected: {found.selected}, the first of {', '.join(found.tied)}, which did not differ at all"
        )
    return f"Selected: {found.selected}"


def _ordered(found: Selection) -> list[Standing]:
    """The selected one, others that are left by their mean, then who was put out, the last first."""
    sign = 1 if wording.direction(found.metric) == "less is better" else -1
    return sorted(
        found.standings,
        key=lambda one: (one.name != found.selected, -(one.out_at or found.most + 1), sign * one.mean),
    )


def _row(found: Selection, one: Standing, digits: int) -> tuple[str, ...]:
    numbers = (f"{one.mean:.{digits}f}", f"{one.deviation:.{digits}f}")
    return (one.name, str(one.replications), *numbers, *_fate(found, one))


def _fate(found: Selection, one: Standing) -> tuple[str, ...]:
    if found.method == "OCBA":
        return f"{100 * one.replications / found.most:.0f} %", str(one.seed)
    if one.out_at is None:
        in_yet = "exactly alike" if found.tied else "still in"
        return ("selected" if one.name == found.selected else in_yet,)
    return (f"after {one.out_at}, behind {one.beaten_by}",)


def _kn_told(found: Selection) -> str:
    if found.promise is None:
        return ""
    amount = _amount(found.promise.indifference, found.metric)
    if found.selected is None:
        return (
            f"It is decided after {found.needed} replications for certain, most often much earlier: give "
            f"--max {found.needed}, or a larger --indifference. What is stored is used again."
        )
    least = f"{100 * found.promise.probability:.4g} %"
    return (
        f"Where the best of the {len(found.standings)} is better than every other by {amount} or more, it is "
        f"the one selected with a probability of at least {least} (KN, Kim and Nelson 2001; all are in the "
        f"same worlds). Another that is closer to the best than {amount} may be selected in its place. "
        "That supposes values that are about normally distributed over the replications. A mean is over the "
        "candidate's own replications."
    )


def _ocba_told(found: Selection) -> str:
    return (
        f"No promise: {found.selected} has the best mean after {found.most} replications, of which OCBA "
        "(Chen et al. 2000) gave more to those that are hard to tell from the best. Each has worlds of its "
        "own, drawn from the seed shown. For a promise give --indifference instead of --budget."
    )


def _amount(value: float, metric: str) -> str:
    unit = wording.unit(metric)
    return f"{value:.4g} {unit}" if unit else f"{value:.4g}"


def _decimals(found: Selection) -> int:
    """Decimals that suit the standard deviations."""
    tenths = [one.deviation / 10 for one in found.standings]
    return wording.places([(-one, one) for one in tenths])
