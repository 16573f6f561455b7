"""A study as tables to read: how each policy did, how it did against the baseline, what became of the claims.

START HERE for the order in which a comparison is told; ``blocks`` turns it into text, ``wording`` has the
words.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import groupby

from simgrid.domain.metric import is_share
from simgrid.experiments.answers import (
    ClaimedPair,
    Comparison,
    Summary,
    claim_word,
    claimed,
    comparisons,
    summaries,
)
from simgrid.experiments.study import ALL_INSPECTIONS, POLICY, Study
from simgrid.presentation import wording
from simgrid.presentation.blocks import Block
from simgrid.presentation.family import family_blocks
from simgrid.presentation.nearly_always import nearly_always_block
from simgrid.presentation.precision import precision_block
from simgrid.presentation.swept_values import stretches
from simgrid.presentation.targets import target_block
from simgrid.presentation.unreported import unreported_block
from simgrid.scenario.counts import many
from simgrid.statistics.decisions import Word

MOST_CELLS_IN_FULL = 8
MOST_EXCEPTIONS = 12


def comparison_blocks(study: Study, baseline: str | None = None, *, in_full: bool = False) -> list[Block]:
    """The whole comparison, in order of reading.

    A sweep of many cells is told by counts and exceptions unless ``in_full``. ``baseline``: another policy
    than the scenario's to compare with.
    """
    against = baseline or study.design.baseline
    rows = comparisons(study, against, study.group)
    pairs = claimed(study)
    full = in_full or len(study.design.points) <= MOST_CELLS_IN_FULL
    blocks = [_heading(study), *precision_block(study.design.stopping), *target_block(study)]
    if full:
        blocks.append(_means(study))
        blocks += nearly_always_block(study) if in_full else ()
        blocks += unreported_block(study)
        blocks += _differences(study, rows, against)
        blocks += _gain(study, rows, against)
        blocks += family_blocks(study, _family(study, rows), in_full=in_full)
        blocks += _claims(study, pairs)
    else:
        blocks += unreported_block(study)
        blocks += _difference_counts(study, rows, against)
        blocks += family_blocks(study, _family(study, rows), in_full=False)
        blocks += _claim_counts(study, pairs)
    return blocks


def _heading(study: Study) -> Block:
    design = study.design
    cells = f"{len(design.points)} cells x " if len(design.points) > 1 else ""
    runs = f"{_compared(study)} x {many(design.replications, 'paired replication')}"
    said = f"{cells}{runs}, seed {design.seed}"
    names = zip(wording.short_names(study), design.sweep_columns, strict=True)
    told = ", ".join(name if short == name else f"{short} ({name})" for short, name in names)
    swept = f"Swept: {told}." if told else ""
    group = "" if study.group == ALL_INSPECTIONS else f"Of the inspections with {study.group} only."
    lines = (said, swept, group, *_drawn(study))
    return Block(design.title or design.name, notes=tuple(line for line in lines if line))


def _drawn(study: Study) -> Iterator[str]:
    """What every interval below is over, where values of the scenario are drawn."""
    drawn = study.design.drawn
    if drawn:
        yield f"Uncertain, and drawn anew in each world: {', '.join(one.place for one in drawn)}."
        yield (
            "Every mean and interval is over these draws too: it tells of what they may be on average, not "
            "of the values that hold. 'simgrid run --split-variance' tells how much hangs on them."
        )


def _compared(study: Study) -> str:
    number, across = len(study.design.policies), study.compared
    if across == POLICY:
        return many(number, "policy", "policies")
    return many(number, f"value of {across}", f"values of {across}")


def _means(study: Study) -> Block:
    metrics = _measured(study, wording.told_metrics(study))
    found: dict[tuple[int, str], dict[str, Summary]] = {}
    for row in summaries(study, study.group):
        if row.column.metric in metrics:
            found.setdefault((row.cell, row.policy), {})[row.column.metric] = row
    decimals = {
        metric: wording.places(
            ((one[metric].low, one[metric].high) for one in found.values() if metric in one), most=3
        )
        for metric in metrics
    }
    sweep = wording.sweep_headings(study)
    return Block(
        "Means over the replications",
        (study.compared, *sweep, *(wording.heading(metric) for metric in metrics)),
        tuple(
            (policy, *study.design.points[cell], *(_mean(by_metric.get(m), decimals[m]) for m in metrics))
            for (cell, policy), by_metric in found.items()
        ),
        (
            "± how far the 95 % interval of the mean reaches, one at a time: descriptive. "
            "↑ more is better, ↓ less is better.",
            *_alike(row for one in found.values() for row in one.values()),
        ),
        keys=1 + len(sweep),
    )


def _alike(rows: Iterable[Summary]) -> Iterator[str]:
    """What a mean without an interval is; nothing where there is none."""
    if any(row.low == row.high for row in rows):
        yield "(n alike): the same in all n replications, which is no certainty."


def _differences(study: Study, rows: list[Comparison], against: str) -> Iterator[Block]:
    family = _family(study, rows)
    declared = "declared " if study.compared == POLICY and study.group == ALL_INSPECTIONS else ""
    decided = f"Words by Holm's correction at 5 % over these {len(family)} {declared}comparisons."
    by_metric = [(metric, list(own)) for metric, own in groupby(family, key=lambda row: row.column.metric)]
    for place, (metric, own) in enumerate(by_metric, start=1):
        title = wording.title(metric)
        decimals = wording.places((row.low, row.high) for row in own)
        measure = f" [{wording.unit(metric)}]" if wording.unit(metric) else ""
        yield Block(
            f"{_capital(title)}{measure}, compared with {against} ({wording.direction(metric)})",
            (
                study.compared,
                *wording.sweep_headings(study),
                "difference [95 % interval]",
                "change",
                "verdict",
            ),
            tuple(
                (
                    row.policy,
                    *study.design.points[row.cell],
                    wording.difference(row, row.low, row.high, decimals),
                    wording.change(row.ratio),
                    wording.baseline_word(row),
                )
                for row in own
            ),
            (
                *_same_in_all(own),
                *_undefined_changes(own, against),
                *((decided,) if place == len(by_metric) else ()),
            ),
            keys=1 + len(study.design.sweep_columns),
        )


def _same_in_all(rows: list[Comparison]) -> Iterator[str]:
    yield from (wording.alike_says(n) for n in sorted({row.n for row in rows if row.low == row.high}))


def _undefined_changes(rows: list[Comparison], against: str) -> Iterator[str]:
    if any(math.isnan(row.ratio) for row in rows):
        yield f"No change in percent where {against} is too near 0 to divide by, or its mean too uncertain."


def _gain(study: Study, rows: list[Comparison], against: str) -> Iterator[Block]:
    own = (row for row in rows if row.column.metric == "workload_success")
    gains = sorted(
        (row for row in own if not math.isnan(row.ratio)),
        key=lambda row: study.design.policies.index(row.policy),
    )
    if not gains:
        return
    yield Block(
        f"Gain in workload success (eq. 10) over {against}: "
        f"mean D of {against} / mean D of the {study.compared} - 1",
        (study.compared, *wording.sweep_headings(study), "gain", "95 % interval"),
        tuple(
            (
                row.policy,
                *study.design.points[row.cell],
                wording.change(row.ratio),
                _of_gain(row),
            )
            for row in gains
        ),
        () if gains[0].role == "primary" else ("Descriptive: each interval is for itself.",),
        keys=1 + len(study.design.sweep_columns),
    )


def _of_gain(row: Comparison) -> str:
    """The gain's interval, with as many digits as it takes to have a width; in words where it has none."""
    if row.ratio_low == row.ratio_high:
        return f"none: the same in all {row.n}"
    return wording.change_interval(row.ratio_low, row.ratio_high)


def _claims(study: Study, pairs: list[ClaimedPair]) -> Iterator[Block]:
    if not pairs:
        return
    yield Block(
        "Claims declared before the runs",
        notes=(
            "A claim holds when it holds against every policy named, and is reversed when it is against any; "
            f"corrected by Holm at 5 % over all {len(pairs)} pairs.",
        ),
    )
    for number, of_claim in _by_claim(pairs):
        cells = _by_cell(of_claim)
        rows = [pair.comparison for pair in of_claim]
        decimals = wording.places((row.low, row.high) for row in rows)
        words = [claim_word(own) for _, own in cells]
        fate = words[0] if len(words) == 1 else wording.count_words(words)
        yield Block(
            f"{number}. {_sentence(cells[0][1])}: {fate}",
            (*wording.sweep_headings(study), "against", "difference [95 % interval]", "verdict"),
            tuple(
                (
                    *study.design.points[row.cell],
                    row.baseline,
                    wording.difference(row, row.low, row.high, decimals),
                    row.word,
                )
                for row in rows
            ),
            (*_same_in_all(rows), *((of_claim[0].note,) if of_claim[0].note else ())),
            keys=1 + len(study.design.sweep_columns),
        )


def _difference_counts(study: Study, rows: list[Comparison], against: str) -> Iterator[Block]:
    family = _family(study, rows)
    if not family:
        return

    def metric_and_policy(row: Comparison) -> tuple[int, int]:
        return study.design.primary.index(row.column.metric), study.design.policies.index(row.policy)

    lines = []
    for (place, who), own in groupby(sorted(family, key=metric_and_policy), key=metric_and_policy):
        metric, policy = study.design.primary[place], study.design.policies[who]
        words = [wording.baseline_word(row) for row in own]
        counts = (str(words.count(word)) for word in ("better", "worse", "cannot be told apart"))
        lines.append((f"{wording.title(metric)} {wording.arrow(metric)}", policy, *counts))
    yield Block(
        f"Compared with {against}: in how many of the {len(study.design.points)} cells",
        ("metric", study.compared, "better", "worse", "cannot be\ntold apart"),
        tuple(lines),
        (f"Decided by Holm's correction at 5 % over all {len(family)} comparisons of the sweep.",),
        keys=2,
    )


def _claim_counts(study: Study, pairs: list[ClaimedPair]) -> Iterator[Block]:
    for number, of_claim in _by_claim(pairs):
        cells = _by_cell(of_claim)
        words = [claim_word(own) for _, own in cells]
        note = (of_claim[0].note,) if of_claim[0].note else ()
        said = f"{number}. {_sentence(cells[0][1])}: {wording.count_words(words)}"
        if set(words) == {"holds"}:
            yield Block(said, notes=note)
            continue
        one_axis = len(study.design.sweep_columns) == 1
        yield Block(said, notes=note) if one_axis else _where_it_holds(study, said, note, words)
        exceptions = tuple(
            (*study.design.points[cell], word, ", ".join(_not_beaten(own)))
            for (cell, own), word in zip(cells, words, strict=True)
            if word != "holds"
        )
        if one_axis or len(exceptions) <= MOST_EXCEPTIONS:
            headings = (*wording.sweep_headings(study), "verdict", "not beaten")
            yield Block(f"Where claim {number} does not hold", headings, exceptions, keys=len(headings) - 2)


def _where_it_holds(study: Study, said: str, note: tuple[str, ...], words: list[Word]) -> Block:
    """How often a claim holds along each swept axis, whatever the other axes are."""
    axes = study.design.sweep_columns
    short = wording.short_names(study)
    rows = []
    for place in range(len(axes)):
        for said_so, meant in stretches(point[place] for point in study.design.points):
            here = [
                word for word, point in zip(words, study.design.points, strict=True) if point[place] in meant
            ]
            rows.append((short[place], said_so, *(str(here.count(word)) for word in wording.WORDS)))
    headings = ("axis", "value", "holds", "reversed", "cannot be\ntold apart")
    return Block(said, headings, tuple(rows), (*note, "Cell by cell: claims.csv and comparison.md."), keys=2)


def _sentence(pairs: list[ClaimedPair]) -> str:
    first = pairs[0].comparison
    others = ", ".join(pair.comparison.baseline for pair in pairs)
    return f"{first.policy} has a better {wording.title(first.column.metric)} than {others}"


def _not_beaten(pairs: list[ClaimedPair]) -> Iterator[str]:
    for pair in pairs:
        if pair.comparison.word != "holds":
            mark = " (better)" if pair.comparison.word == "reversed" else ""
            yield f"{pair.comparison.baseline}{mark}"


def _by_claim(pairs: list[ClaimedPair]) -> Iterator[tuple[int, list[ClaimedPair]]]:
    for number, own in groupby(pairs, key=lambda pair: pair.number):
        yield number, list(own)


def _by_cell(pairs: list[ClaimedPair]) -> list[tuple[int, list[ClaimedPair]]]:
    return [(cell, list(own)) for cell, own in groupby(pairs, key=lambda pair: pair.comparison.cell)]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _family(study: Study, rows: list[Comparison]) -> list[Comparison]:
    """The primary comparisons: metric by metric in the order declared, then policy by policy."""
    primary, policies = study.design.primary, study.design.policies
    family = [row for row in rows if row.column.metric in primary]
    return sorted(family, key=lambda row: (primary.index(row.column.metric), policies.index(row.policy)))


def _measured(study: Study, metrics: tuple[str, ...]) -> list[str]:
    return [metric for metric in metrics if study.column(metric) is not None]


def _mean(row: Summary | None, decimals: int) -> str:
    if row is None:
        return wording.UNDEFINED
    share = is_share(row.column.metric)
    return wording.mean_and_half(row.mean, row.low, row.high, decimals, row.n, share=share)
