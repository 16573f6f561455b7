"""A sensitivity analysis as tables, and as JSON lines: an output a table, a place a row."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator

from simgrid.domain.analysis import Analysis
from simgrid.experiments.sensitivity import Effect, Output, Word
from simgrid.presentation import wording
from simgrid.presentation.blocks import Block

SHARE_DIGITS = 2
NAMES = {"morris": ("mu*", "sigma"), "sobol": ("total", "first")}
_READ = {
    "morris": "mu*: mean size of the change when a place moves over its whole range, the others being "
    "anywhere; sigma: how much that depends on where they are.",
    "sobol": "total: share of the variance over the ranges in which a place has a part; first: its own part.",
}
_ABOVE: dict[Word, str] = {"an effect": "yes", "not told from noise": "not told", "no effect": "no"}
_RANKS = "Ranks: those that the intervals leave; places whose ranks overlap cannot be told apart."
_NOISE = "noise gives: what a place without any effect would have on average, from replications alone."


def sensitivity_blocks(analysis: Analysis, found: Iterable[Output]) -> list[Block]:
    """What was varied, one table an output, then how to read them."""
    counted = "trajectories" if analysis.method == "morris" else "base points"
    rows = len(analysis.places) + (1 if analysis.method == "morris" else 2)
    varied = Block(
        f"{analysis.method}: {len(analysis.shares) // rows} {counted}, {analysis.distinct} different points, "
        "the same replications at all",
        ("place", "from", "to"),
        tuple((place, *ends) for place, ends in zip(analysis.places, analysis.ends, strict=True)),
    )
    notes = (f"Intervals: 95 %, bootstrap over {counted}, of the worlds that were run.", _RANKS, _NOISE)
    return [varied, *(_block(analysis, one) for one in found), Block(_READ[analysis.method], notes=notes)]


def _block(analysis: Analysis, one: Output) -> Block:
    title = output_title(analysis, one)
    if not one.effects:
        return Block(title, notes=("Undefined in every replication at some point.",))
    if not any(effect.main[0] > 0 for effect in one.effects):
        return Block(title, notes=(f"No place has an effect. {noise_words(one)}",))
    main, other = NAMES[analysis.method]
    decimals = _decimals(analysis, one)
    rows = sorted(one.effects, key=lambda effect: (effect.rank_first + effect.rank_last, -effect.main[0]))
    headings = ("place", f"{main} [95 %\ninterval]", other, "noise\ngives", "above\nnoise", "rank")
    return Block(title, headings, tuple(_row(effect, decimals) for effect in rows), (noise_words(one),))


def _row(effect: Effect, decimals: int) -> tuple[str, ...]:
    value, low, high = effect.main
    bounds = "" if math.isnan(low) else f" [{low:.{decimals}f}, {high:.{decimals}f}]"
    return (
        effect.place,
        f"{_number(value, decimals)}{bounds}",
        _number(effect.other[0], decimals),
        _number(effect.noise, decimals),
        _ABOVE[effect.word],
        rank(effect),
    )


def output_title(analysis: Analysis, one: Output) -> str:
    """``Mean turnaround [min]: rwoa - manual; workload_limit.share = equal``."""
    measure = (
        f" [{wording.unit(one.metric)}]" if wording.unit(one.metric) and analysis.method == "morris" else ""
    )
    name = wording.title(one.metric)
    where = "".join(
        f"; {column} = {value}" for column, value in zip(analysis.crossed, one.crossed, strict=True)
    )
    return f"{name[:1].upper()}{name[1:]}{measure}: {output_name(one)}{where}"


def output_name(one: Output) -> str:
    """The policy, or the difference."""
    return f"{one.policy} - {one.baseline}" if one.baseline else one.policy


def noise_words(one: Output) -> str:
    """How much of what single runs vary is noise, and how much of that pairing takes out of the effects."""
    noise = one.noise
    if math.isnan(noise.all):
        return "One replication: its noise is not known." if one.n < 2 else "Nothing varies."
    said = f"{100 * noise.all:.0f} % of the variance of single runs is noise"
    if noise.all > 0:
        said += f"; {100 * noise.own:.0f} % is noise that differs between points and so is in the effects"
    return f"{said}. {one.n} replications."


def rank(effect: Effect) -> str:
    """``2``, or ``2-4``."""
    first, last = effect.rank_first, effect.rank_last
    return str(first) if first == last else f"{first}-{last}"


def _decimals(analysis: Analysis, one: Output) -> int:
    if analysis.method == "sobol":
        return SHARE_DIGITS
    largest = max(effect.main[0] for effect in one.effects)
    return 2 if largest == 0 else min(max(2 - math.floor(math.log10(largest)), 0), 6)


def _number(value: float, decimals: int) -> str:
    return wording.UNDEFINED if math.isnan(value) else f"{value + 0.0:.{decimals}f}"


def sensitivity_lines(analysis: Analysis, found: Iterable[Output]) -> Iterator[str]:
    """The rows of sensitivity.csv, one JSON object each; null where undefined."""
    for one in found:
        for effect in one.effects:
            row = {
                "table": "sensitivity",
                "method": analysis.method,
                "crossed": dict(zip(analysis.crossed, one.crossed, strict=True)),
                "policy": one.policy,
                "baseline": one.baseline,
                "metric": one.metric,
                "unit": one.unit,
                "place": effect.place,
                "from": effect.ends[0],
                "to": effect.ends[1],
                **_bounded("main", effect.main),
                **_bounded("other", effect.other),
                "signed": effect.signed,
                "noise": effect.noise,
                "rank_first": effect.rank_first,
                "rank_last": effect.rank_last,
                "verdict": effect.word,
                "mean": one.mean,
                "noise_share": one.noise.all,
                "noise_share_own": one.noise.own,
                "points": one.points,
                "n": one.n,
            }
            yield json.dumps({name: _defined(value) for name, value in row.items()}, ensure_ascii=False)


def _bounded(name: str, given: tuple[float, float, float]) -> dict[str, float]:
    return {name: given[0], f"{name}_lo95": given[1], f"{name}_hi95": given[2]}


def _defined(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value
