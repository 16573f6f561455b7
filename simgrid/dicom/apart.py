"""Files that nobody vouches for, read in a process of their own: ``pixels`` behind a pipe.

The decoders are native code, and some crash on damaged streams: of 9,000 real compressed files with a few
bytes changed, GDCM aborted the process on 54. A file may also be made to take all memory or never to end.
Here the child dies of it, the file is listed as one that no decoder survives, and the next file gets a new
child. ``python -m simgrid.dicom.apart`` is the child.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

from simgrid.dicom.geometry import error
from simgrid.dicom.pixels import ReadFile, read_images
from simgrid.dicom.wire import receive, send

SECONDS_AT_MOST: Final = 60.0
DIED: Final = "decoder died"
"""The reason why a file is listed that ended its reader."""
MEMORY_AT_MOST: Final = 6 << 30
"""Address space of the child, where the system can bound it (not on Windows)."""


class Reader:
    """One child and the files it is asked for, in order; a new child where the old one has died.

    For one thread at a time.
    """

    def __init__(self, seconds_at_most: float = SECONDS_AT_MOST) -> None:
        self._seconds = seconds_at_most
        self._child: _Child | None = None

    def read(self, path: Path) -> ReadFile:
        """What ``pixels.read_images`` says of the file; never raises for what the file holds or does."""
        return next(self.read_each([path]))

    def read_each(self, paths: Iterable[Path]) -> Iterator[ReadFile]:
        """All files in order; while one is being used, the child reads the next."""
        ahead: list[Path] = []
        for path in paths:
            ahead.append(path)
            self._living().ask(path)
            if len(ahead) == 2:
                yield self._answer(ahead)
        while ahead:
            yield self._answer(ahead)

    def close(self) -> None:
        """End the child; the next file starts another."""
        if self._child is not None:
            self._child.end()
            self._child = None

    def _living(self) -> _Child:
        if self._child is None:
            self._child = _Child()
        return self._child

    def _answer(self, ahead: list[Path]) -> ReadFile:
        ahead.pop(0)
        answer = self._living().answer(self._seconds)
        if isinstance(answer, ReadFile):
            return answer
        self.close()
        for path in ahead:  # asked of the child that is gone
            self._living().ask(path)
        return _lost(answer)


def read_apart(path: Path) -> ReadFile:
    """``pixels.read_images`` in a child that all threads share, started when it is first needed."""
    with _turn:
        reader = _readers.get(os.getpid())
        if reader is None:  # also after a fork: each side has its own
            _readers.clear()
            reader = _readers[os.getpid()] = Reader()
            atexit.register(reader.close)
        return reader.read(path)


_readers: dict[int, Reader] = {}
_turn = threading.Lock()


def _lost(why: str) -> ReadFile:
    return ReadFile(
        "listed",
        DIED,
        why,
        findings=(error("decoder-died", "(7fe0,0010)", "PixelData", f"the file is damaged: {why}"),),
    )


class _Child:
    """A running child; a thread takes its answers off the pipe, so that waiting can end on every system."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "simgrid.dicom.apart"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # native libraries talk there, with parts of the file
            env=os.environ | {"PYTHONPATH": os.pathsep.join(one or os.curdir for one in sys.path)},
        )
        self._answers: queue.SimpleQueue[ReadFile | None] = queue.SimpleQueue()
        threading.Thread(
            target=self._listen, daemon=True, name="takes what the decoding process says"
        ).start()

    def ask(self, path: Path) -> None:
        assert self._process.stdin is not None  # noqa: S101 - a pipe was asked for
        with contextlib.suppress(OSError):  # it has died: the answer, which never comes, will tell
            self._process.stdin.write(json.dumps(str(path)).encode() + b"\n")
            self._process.stdin.flush()

    def answer(self, seconds: float) -> ReadFile | str:
        """The next file, or why there is none: the child ended, or took too long."""
        try:
            found = self._answers.get(timeout=seconds)
        except queue.Empty:
            return f"reading it did not end within {seconds:.0f} s"
        if found is not None:
            return found
        code = self._process.wait()
        return f"the decoding process ended with {_signal(code)}"

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _listen(self) -> None:
        out = self._process.stdout
        assert out is not None  # noqa: S101 - a pipe was asked for
        with contextlib.suppress(EOFError, OSError, ValueError):
            while True:
                self._answers.put(receive(lambda count: _exactly(out, count)))
        self._answers.put(None)


def _exactly(pipe: Any, count: int) -> bytes:
    taken: bytes = pipe.read(count)
    if len(taken) < count:
        raise EOFError
    return taken


def _signal(code: int) -> str:
    with contextlib.suppress(ValueError):
        return signal.Signals(-code).name
    return f"code {code}"


def _serve() -> None:
    """The child: a path a line on stdin, answers on what was stdout; ends with stdin."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asks is interrupted, and closes the pipe
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_AT_MOST, MEMORY_AT_MOST))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answers: BinaryIO = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not speak between our bytes
    for line in sys.stdin.buffer:
        send(read_images(Path(json.loads(line))), answers)


if __name__ == "__main__":
    _serve()
