"""Files that nobody vouches for, read in a process of their own: the ``errands`` behind a pipe.

The decoders are native code, and some crash on damaged streams: of 9,000 real compressed files with a few
bytes changed, GDCM aborted the process on 54. A file may also be made to take all memory or never to end.
Here the child dies of it, the file is listed as one that no decoder survives, and the next file gets a new
child. ``python -m simgrid.dicom.apart`` is the child.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import numpy as np
import numpy.typing as npt

from simgrid.dicom import errands
from simgrid.dicom.geometry import error
from simgrid.dicom.pixels import ReadFile
from simgrid.dicom.series_header import SALT, SeriesHeader
from simgrid.dicom.wire import Message, receive, send, to_file

if TYPE_CHECKING:
    from simgrid.dicom.deidentify import Deidentified, Options
    from simgrid.dicom.derived import Fix
    from simgrid.dicom.filing import ForArchive
    from simgrid.dicom.pseudonyms import Pseudonyms
    from simgrid.dicom.structured_report import Assessment

SECONDS_AT_MOST: Final = 60.0
SECONDS_TO_WRITE: Final = 600.0
"""For writing a file anew, all frames of it: reading takes some of them."""
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
        for answer in self._answers(map(errands.reading, paths), self._seconds):
            yield to_file(answer) if isinstance(answer, Message) else _lost(answer)

    def series_headers(self, paths: Iterable[Path]) -> Iterator[SeriesHeader | None]:
        """``series_header.read_series_header`` of all files in order; None for what cannot be read."""
        asked = (errands.placing(path, SALT) for path in paths)
        for answer in self._answers(asked, self._seconds):
            yield errands.placed(answer) if isinstance(answer, Message) else None

    def series_header(self, path: Path, salt: bytes) -> SeriesHeader | None:
        """The same of one file, its keys under a salt of the caller's."""
        answer = self._one(errands.placing(path, salt))
        return errands.placed(answer) if isinstance(answer, Message) else None

    def deidentify(self, path: Path, pseudonyms: Pseudonyms, options: Options) -> Deidentified:
        """``deidentify.deidentify_file``.

        Raises:
            CannotBeDeidentified: as there, and where the child does not survive the file.
        """
        answer = self._one(errands.deidentifying(path, pseudonyms, options))
        refused = Message({"refused": [DIED, answer]}) if isinstance(answer, str) else answer
        return errands.deidentified(refused)

    def for_archive(
        self,
        path: Path,
        found: Assessment,
        fixes: Sequence[Fix],
        changes: Sequence[npt.NDArray[np.float32]],
        pseudonyms: Pseudonyms | None,
    ) -> ForArchive:
        """``filing.for_archive``; nothing is made of a file that the child does not survive."""
        answer = self._one(errands.archiving(path, found, fixes, changes, pseudonyms))
        nothing = Message({"why_not": [f"nothing for an archive: {answer}"]}, [b"", b""])
        return errands.archived(nothing if isinstance(answer, str) else answer)

    def close(self) -> None:
        """End the child; the next file starts another."""
        if self._child is not None:
            self._child.end()
            self._child = None

    def _living(self) -> _Child:
        if self._child is None:
            self._child = _Child()
        return self._child

    def _one(self, asked: Message) -> Message | str:
        return next(self._answers([asked], max(self._seconds, SECONDS_TO_WRITE)))

    def _answers(self, asked: Iterable[Message], seconds: float) -> Iterator[Message | str]:
        """What comes of each errand, or why nothing does; the child always has the next one before it."""
        ahead: list[Message] = []
        for one in asked:
            ahead.append(one)
            self._living().ask(one)
            if len(ahead) == 2:
                yield self._answer(ahead, seconds)
        while ahead:
            yield self._answer(ahead, seconds)

    def _answer(self, ahead: list[Message], seconds: float) -> Message | str:
        ahead.pop(0)
        answer = self._living().answer(seconds)
        if isinstance(answer, str):
            self.close()
            for one in ahead:  # asked of the child that is gone
                self._living().ask(one)
        return answer


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
        self._answers: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        threading.Thread(
            target=self._listen, daemon=True, name="takes what the decoding process says"
        ).start()

    def ask(self, asked: Message) -> None:
        assert self._process.stdin is not None  # noqa: S101 - a pipe was asked for
        with contextlib.suppress(OSError):  # it has died: the answer, which never comes, will tell
            send(asked, self._process.stdin)  # type: ignore[arg-type]

    def answer(self, seconds: float) -> Message | str:
        """The next answer, or why there is none: the child ended, or took too long."""
        try:
            found = self._answers.get(timeout=seconds)
        except queue.Empty:
            return f"it did not end within {seconds:.0f} s"
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
    """The child: errands on stdin, answers on what was stdout; ends with stdin."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asks is interrupted, and closes the pipe
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_AT_MOST, MEMORY_AT_MOST))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answers: BinaryIO = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not speak between our bytes
    with contextlib.suppress(EOFError):
        while True:
            send(errands.done(receive(lambda count: _exactly(sys.stdin.buffer, count))), answers)


if __name__ == "__main__":
    _serve()
