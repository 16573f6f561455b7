"""Ctrl-C ends a command in under a second with exit code 130, whatever it is doing; a second one at once.

Of a command that nothing else ends it is the normal end: then it says so, with exit code 0.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

INTERRUPTED = 130
PLAIN = "error: interrupted"
KEPT = "error: interrupted; finished runs are kept, the same command goes on from here"

_SECONDS_TO_END = 0.6
_told = threading.Event()
_kept = threading.Event()
_normal_end: list[str] = []


@contextmanager
def interruptible() -> Iterator[None]:
    """The first Ctrl-C raises KeyboardInterrupt; the process ends when that has passed through the block.

    It ends without that after 0.6 seconds, should a long computation in another language or a clean-up take
    longer, and with the second Ctrl-C. Worker processes end with their parent, and what is half written has
    a temporary name that the next command takes away. For the main thread of the command's own process.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    hears, speaks = os.pipe()
    os.set_blocking(speaks, False)
    signal.set_wakeup_fd(speaks, warn_on_full_buffer=False)
    threading.Thread(target=_listen, args=(hears,), daemon=True, name="listens for Ctrl-C").start()
    signal.signal(signal.SIGINT, _first)
    try:
        yield
    except KeyboardInterrupt:
        _leave()
    except SystemExit:
        if signal.getsignal(signal.SIGINT) is not _first:
            _leave()
        raise


def runs_are_kept() -> None:
    """From here on an interruption says that finished runs are kept."""
    _kept.set()


def interruption_ends_it(message: str) -> None:
    """From here on Ctrl-C is how this command is meant to end: exit code 0, and the message on stderr."""
    _normal_end[:] = [message]


def leave_interrupted(message: str = "") -> NoReturn:
    """Exit with code 130, or 0 where this is the normal end, saying what has happened and what to do."""
    _told.set()
    sys.stderr.write(f"{message or _message()}\n")
    sys.stderr.flush()
    sys.exit(_code())


def _code() -> int:
    return 0 if _normal_end else INTERRUPTED


def _message() -> str:
    if _normal_end:
        return _normal_end[0]
    return KEPT if _kept.is_set() else PLAIN


def _first(_: int, __: FrameType | None) -> NoReturn:
    signal.signal(signal.SIGINT, _another)
    raise KeyboardInterrupt


def _another(_: int, __: FrameType | None) -> None:
    """Nothing: the listening thread hears it."""


def _listen(hears: int) -> None:
    """In a thread of its own, since a signal's handler must wait for the code under way."""
    _wait_for_one(hears)
    late = threading.Timer(_SECONDS_TO_END, _leave)
    late.daemon = True
    late.start()
    _wait_for_one(hears)
    _leave()


def _wait_for_one(hears: int) -> None:
    while signal.SIGINT not in os.read(hears, 1):
        pass


def _leave() -> NoReturn:
    """End this process now: whoever has to be told or ended has been, or ends by itself."""
    if not _told.is_set():
        with suppress(OSError):
            os.write(2, f"{_message()}\n".encode())  # another thread may hold the stream
    for process in _children():
        with suppress(OSError):  # gone meanwhile
            os.kill(process, signal.SIGTERM)
    os._exit(_code())


def _children() -> set[int]:
    """Processes that this one has started: those that are just starting would need seconds to notice its end.

    joblib's own ones that tidy up ignore the signal, and end when they have.
    """
    known = sys.modules.get("multiprocessing.process")
    found = {one.pid for one in known.active_children()} if known else set()
    for listed in Path("/proc/self/task").glob("*/children"):  # where there is such a thing
        with suppress(OSError):
            found.update(map(int, listed.read_text().split()))
    return found
