"""The primary comparisons as one family: intervals that hold for all at once, and what pairing was worth."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from simgrid.experiments.answers import Comparison
from simgrid.experiments.study import POLICY, Study
from simgrid.presentation import wording
from simgrid.presentation.blocks import Block
from simgrid.statistics.pairing import FEWEST, PairingWord

MOST_NAMED = 4


def family_blocks(study: Study, family: list[Comparison], *, in_full: bool) -> Iterator[Block]:
    """A table of every member where ``in_full``; what pairing was worth in a few lines always."""
    if not family:
        return
    if in_full:
        yield _table(study, family)
    yield Block("What pairing the replications gained", notes=tuple(_statements(study, family)))


def _table(study: Study, family: list[Comparison]) -> Block:
    by_metric = [list(own) for _, own in groupby(family, key=lambda row: row.column.metric)]
    decimals = {
        own[0].column.metric: wording.places((row.low_all, row.high_all) for row in own) for own in by_metric
    }
    measure = ("metric", study.compared, *wording.sweep_headings(study))
    return Block(
        f"All {len(family)} primary comparisons at once",
        (*measure, "difference [95 % for all]", "gain of pairing", "95 % interval", "pairing"),
        tuple(
            (
                wording.title(row.column.metric),
                row.policy,
                *study.design.points[row.cell],
                wording.difference(row, row.low_all, row.high_all, decimals[row.column.metric]),
                wording.times(row.gain),
                _gain_interval(row),
                row.pairing,
            )
            for row in family
        ),
        (
            "With 95 % confidence all these intervals hold together; the words above are Holm's. Gain of "
            "pairing: how many times as many independent replications would say as much. All else is "
            "descriptive.",
        ),
        keys=len(measure),
    )


def _gain_interval(row: Comparison) -> str:
    low, high = wording.times(row.gain_low), wording.times(row.gain_high)
    return wording.UNDEFINED if low == wording.UNDEFINED else f"{low} to {high}"


def _statements(study: Study, family: list[Comparison]) -> Iterator[str]:
    rows: dict[PairingWord, list[Comparison]] = {}
    for row in family:
        rows.setdefault(row.pairing, []).append(row)
    count = f"of the {len(family)} primary comparisons"
    if helped := rows.get("helped"):
        yield (
            f"Pairing helped in {len(helped)} {count}: {_range(helped)} times as many independent "
            "replications would say as much."
        )
    if open_ := rows.get("not shown to help"):
        yield (
            f"Pairing is not shown to help in {len(open_)} {count} (its gain's interval holds 1): "
            f"{_named(study, open_)}."
        )
    if idle := rows.get("did not help"):
        yield f"Pairing did not help in {len(idle)} {count} (gain {_range(idle)}): {_named(study, idle)}."
    if same := rows.get("same difference in every replication"):
        yield f"The same difference in every replication in {len(same)} {count}: {_named(study, same)}."
    if still := rows.get("nothing varies"):
        yield f"Nothing varies between replications in {len(still)} {count}: {_named(study, still)}."
    if few := rows.get("too few replications"):
        yield f"Too few replications to say what it gained in {len(few)} {count}: {FEWEST} are needed."


def _range(rows: list[Comparison]) -> str:
    low, high = (wording.times(edge(row.gain for row in rows)) for edge in (min, max))
    return low if low == high else f"{low} to {high}"


def _named(study: Study, rows: list[Comparison]) -> str:
    """Metrics with their policies, the cells of a sweep together, the first few metrics by name."""
    who: dict[str, dict[str, None]] = {}
    for row in rows:
        who.setdefault(wording.title(row.column.metric), {})[row.policy] = None
    what = "" if study.compared == POLICY else f"{study.compared} "
    named = [f"{metric} ({what}{', '.join(policies)})" for metric, policies in who.items()]
    more = len(named) - MOST_NAMED
    return "; ".join(named[:MOST_NAMED]) + (f"; and {more} more" if more > 0 else "")
