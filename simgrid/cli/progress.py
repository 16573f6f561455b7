"""How far a long command is, on stderr: a bar for a person, a line every ten seconds in a pipe."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from simgrid.cli.interrupts import runs_are_kept

SECONDS_BETWEEN_LINES = 10.0
RUNS = "runs"


@contextmanager
def progress(total: float, unit: str = RUNS) -> Iterator[Callable[[float], None]]:
    """A function that is told how many more units are done; finished runs are kept."""
    if unit == RUNS:
        runs_are_kept()
    if total == 0:
        yield lambda _: None
    elif sys.stderr.isatty():
        with _bar(total, unit) as advance:
            yield advance
    else:
        with _lines(total, unit) as advance:
            yield advance


@contextmanager
def _bar(total: float, unit: str) -> Iterator[Callable[[float], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(unit), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(unit, total=total)
        yield lambda more: bar.advance(task, more)


@contextmanager
def _lines(total: float, unit: str) -> Iterator[Callable[[float], None]]:
    """A thread tells every ten seconds, also while nothing is reported for longer."""
    so_far = _SoFar(total, unit, time.monotonic())
    ended = threading.Event()

    def tell() -> None:
        while not ended.wait(SECONDS_BETWEEN_LINES):
            click.echo(so_far.line(time.monotonic()), err=True)

    threading.Thread(target=tell, daemon=True, name="tells how far it is").start()
    try:
        yield lambda more: so_far.advance(more, time.monotonic())
    finally:
        ended.set()


class _SoFar:
    """How much is done, and when that was last heard; instants are seconds of any one clock."""

    def __init__(self, total: float, unit: str, began_s: float) -> None:
        self._total, self._unit = total, unit
        self._began_s = began_s
        self._heard = (0.0, began_s)

    def advance(self, more: float, now_s: float) -> None:
        """So much more is done."""
        self._heard = (self._heard[0] + more, now_s)

    def line(self, now_s: float) -> str:
        """What is done, and the time left at the pace up to what was last heard, less what passed since."""
        done, heard_s = self._heard
        said = f"{_amount(done)} of {_amount(self._total)} {self._unit}"
        if done == 0:
            return f"{said} after {_span(now_s - self._began_s)}"
        left_s = (heard_s - self._began_s) / done * (self._total - done) - (now_s - heard_s)
        return f"{said}, about {_span(max(left_s, 0.0))} left"


def _amount(done: float) -> str:
    """Whole ones, as far as there are any."""
    return f"{done:.0f}" if done >= 1 or done == 0 else f"{done:.2f}"


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
