"""Millions of rows a stretch at a time: what is drawn on the way to a column never takes its room again."""

from __future__ import annotations

from collections.abc import Iterator

_ROWS = 1 << 15


def stretches(rows: int) -> Iterator[slice]:
    """Slices that cover 0 to ``rows`` in order."""
    for begin in range(0, rows, _ROWS):
        yield slice(begin, min(begin + _ROWS, rows))
