"""What was found, as rows."""

from __future__ import annotations

from collections.abc import Iterator

from simgrid.rating import reading_minutes
from simgrid.reproduction.department.beside import Beside
from simgrid.reproduction.department.judging import Judged, places
from simgrid.reproduction.department.log_window import Shown
from simgrid.reproduction.exhibits.exhibit import Table, Value
from simgrid.reproduction.exhibits.figure_3 import own_mean, shares


def beside_table(found: Beside) -> Table:
    """One row a quantity: the log's value among the replications."""
    columns = (
        *("kind", "quantity", "unit", "log", "model_mean", "single_lo", "single_hi"),
        *("replications", "inspections", "lacking", "log_is"),
    )
    rows: list[tuple[Value, ...]] = [
        (
            *(kind.name, one.label, kind.unit, one.log, one.mean, one.low, one.high),
            *(found.replications, kind.rows, kind.lacking, one.word),
        )
        for kind in found.kinds
        for one in places(kind)
    ]
    return Table(columns, tuple(rows))


def verdict_table(verdicts: tuple[Judged, ...]) -> Table:
    """One row a kind of quantity."""
    rows = tuple((one.name, one.word, one.p, one.sentence) for one in verdicts)
    return Table(("kind", "verdict", "p", "why"), rows)


def mined_table(shown: Shown) -> Table:
    """One row a radiologist and cell: what the log shows (Figure 3)."""
    columns = (
        *("radiologist", "modality", "body_part", "readings", "timed", "minutes_mean", "minutes_shrunk"),
        *("share_of_practice", "share_of_cell"),
    )
    return Table(columns, tuple(_mined(shown)))


def _mined(shown: Shown) -> Iterator[tuple[Value, ...]]:
    seen = shown.practice
    told = (own_mean(seen), reading_minutes(seen), *shares(seen))
    for who, name in enumerate(seen.radiologists):
        for place, (modality, part) in enumerate(seen.cells):
            counts = int(seen.readings[who, place]), int(seen.timed[who, place])
            yield (name, modality, part, *counts, *(float(one[who, place]) for one in told))


def account_table(shown: Shown) -> Table:
    """Every row of the mined log, by what became of it: ``timed`` are among ``used``, the others add up."""
    rows = (
        ("rows", shown.rows),
        ("used", shown.used),
        ("assigned to nobody", shown.nobodys),
        ("assigned to somebody whom the scenario lacks", shown.strangers),
        ("without modality or body part", shown.without_kind),
        ("timed", shown.timed),
    )
    return Table(("what", "number"), rows)
