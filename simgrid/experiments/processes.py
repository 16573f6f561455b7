"""Worker processes of this machine: deaf to Ctrl-C, and gone soon after the process that started them."""

from __future__ import annotations

import os
import signal
import threading
import time
import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager

_SECONDS_BETWEEN_LOOKS = 0.2


def begin_worker(parent: int) -> None:
    """What a worker does first: it leaves Ctrl-C to its parent, and ends when that is no more.

    A campaign that was killed would otherwise go on in its workers, next to the one that resumes it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True, name="ends with its parent").start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    os._exit(1)  # no clean-up: whoever waits for its results is dead, and runs are stored whole or not at all


@contextmanager
def workers_start() -> Iterator[None]:
    """While processes start: a Ctrl-C waits until they have, and is not heard by them.

    They inherit the blocked signal, so that none dies with a traceback before ``begin_worker``; and this
    process knows all of them when it is told to end.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "pthread_sigmask"):
        yield
        return
    _start_trackers()
    heard: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, before)
        if heard:
            signal.raise_signal(signal.SIGINT)


def _start_trackers() -> None:
    """Start joblib's processes that tidy up after a killed campaign, before workers do.

    They let Ctrl-C through again in this thread when they start, and they would tell a person of everything
    that they tidy up.
    """
    from multiprocessing import resource_tracker

    from joblib.externals.loky.backend import resource_tracker as loky_resources

    before = os.environ.get("PYTHONWARNINGS")
    quiet = "ignore:resource_tracker:UserWarning"
    os.environ["PYTHONWARNINGS"] = f"{before},{quiet}" if before else quiet
    try:
        loky_resources.ensure_running()
        resource_tracker.ensure_running()
    finally:
        del os.environ["PYTHONWARNINGS"]
        if before is not None:
            os.environ["PYTHONWARNINGS"] = before


@contextmanager
def closing_quietly(results: Generator[int, None, None]) -> Iterator[None]:
    """End the processes behind ``results`` when the block does not come to their end, without a warning."""
    try:
        yield
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of counts that nobody took: those runs are stored
            results.close()
