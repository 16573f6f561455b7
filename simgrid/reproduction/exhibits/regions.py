"""The regions of assumptions in which the stated gains are met, as a table of sentences."""

from __future__ import annotations

from collections.abc import Iterator

from simgrid.reproduction.exhibits.exhibit import Exhibit, Found, Need, Table, Value
from simgrid.reproduction.maps import MAPS, metrics_of_maps
from simgrid.reproduction.regions import regions, sentence


def table(found: Found) -> Table:
    """One row a headline gain and reading, and one for the four together."""
    columns = ("gain", "stated", "cells", "met", "interval_includes", "region", "sentence")
    return Table(columns, tuple(_rows(found)))


def _rows(found: Found) -> Iterator[tuple[Value, ...]]:
    for one in regions(found):
        yield (one.name, one.stated, one.cells, one.count, one.count_included, one.words, sentence(one))


REGIONS = Exhibit(
    "regions",
    "Where the stated gains are met",
    tuple(Need(one.worlds, metrics_of_maps()) for one in MAPS),
    table=table,
)
