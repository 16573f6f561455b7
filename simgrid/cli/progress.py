"""How far a long command is, on stderr: a bar for a person, a line every ten seconds in a pipe."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

SECONDS_BETWEEN_LINES = 10.0


@contextmanager
def progress(total: float, unit: str = "runs") -> Iterator[Callable[[float], None]]:
    """A function that is told how many more units are done."""
    if total == 0:
        yield lambda _: None
    elif sys.stderr.isatty():
        with _bar(total, unit) as advance:
            yield advance
    else:
        yield _lines(total, unit)


@contextmanager
def _bar(total: float, unit: str) -> Iterator[Callable[[float], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(unit), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(unit, total=total)
        yield lambda more: bar.advance(task, more)


def _lines(total: float, unit: str) -> Callable[[float], None]:
    started = said = time.monotonic()
    done = 0.0

    def advance(more: float) -> None:
        nonlocal done, said
        done += more
        now = time.monotonic()
        if now - said >= SECONDS_BETWEEN_LINES and done < total:
            said = now
            left = (now - started) / done * (total - done)
            click.echo(f"{_amount(done)} of {_amount(total)} {unit}, about {_span(left)} left", err=True)

    return advance


def _amount(done: float) -> str:
    """Whole ones, as far as there are any."""
    return f"{done:.0f}" if done >= 1 else f"{done:.2f}"


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
