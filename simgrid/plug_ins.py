"""Classes out of a researcher's own Python file: read, hashed, executed, and told about when that fails.

What runs are the very bytes that were hashed, in every process: neither a stale ``.pyc`` nor an edit in
between can make a run that does not belong to its key. Nothing is pickled but the name: a worker loads the
file anew, or on a machine without the file the bytes that were sent to it (``keep``).
"""

from __future__ import annotations

import contextlib
import hashlib
import stat
import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from simgrid.domain.plug_in import PlugIn

MAX_BYTES = 1_000_000
_KEPT: dict[str, bytes] = {}
"""Files' bytes by their SHA-256, sent from the machine that read them."""


class PlugInError(ValueError):
    """A plug-in that cannot be used, as a sentence ``problem: way out``."""


def plug_in(file: str | Path, name: str) -> PlugIn:
    """The class ``name`` in ``file``, identified by the file's present bytes; nothing is executed.

    The path is made absolute: a worker may be in another folder.

    :raises PlugInError: where there is no such regular file of at most ``MAX_BYTES``.
    """
    source = _bytes(Path(file))
    return PlugIn(str(Path(file).absolute()), name, hashlib.sha256(source).hexdigest())


def source(named: PlugIn) -> bytes:
    """The bytes that were named. :raises PlugInError: the file has others by now, or is gone."""
    kept = _KEPT.get(named.sha256)
    if kept is not None:
        return kept
    path = Path(named.file)
    found = _bytes(path)
    if hashlib.sha256(found).hexdigest() != named.sha256:
        raise PlugInError(f"{path.name} has changed since it was read: run the same command again")
    return found


def keep(source: bytes) -> None:
    """Have a file's bytes at hand for ``source`` and ``load``, whether or not the file is on this machine."""
    _KEPT[hashlib.sha256(source).hexdigest()] = source


@lru_cache(maxsize=64)
def load(named: PlugIn) -> Callable[..., Any]:
    """The class itself. This executes the file, with what it prints sent to stderr.

    :raises PlugInError: where the file has other bytes than were named, does not run or lacks the class.
    """
    path = Path(named.file)
    module = _executed(path, source(named), named.sha256)
    found = getattr(module, named.name, None)
    if found is None:
        raise PlugInError(f"{path.name} has no class {named.name}: {_nearest(named.name, _own(module))}")
    if not callable(found):
        raise PlugInError(f"{named.name} in {path.name} is no class: name a class of that file")
    made: Callable[..., Any] = found
    return made


def lacks_method(made_by: object, method: str) -> str | None:
    """The sentence that a class or object without the method deserves; None where it has it."""
    if callable(getattr(made_by, method, None)):
        return None
    kind = made_by if isinstance(made_by, type) else type(made_by)
    near = get_close_matches(method, [one for one in dir(made_by) if not one.startswith("_")], n=1)
    meant = f"did you mean to call {near[0]!r} so?" if near else f"write 'def {method}(self, ...)'"
    return f"{kind.__name__} has no method {method!r}: {meant}"


def raised(error: BaseException, named: PlugIn | None) -> str:
    """An exception in a sentence, led by the last line of the plug-in's file on the way to it."""
    text = str(error) or "it says no more"
    lead = ""
    if named is not None:
        line = _line(error, named.file)
        lead = f"{Path(named.file).name}:{line} raises " if line else f"{Path(named.file).name} raises "
    return f"{lead}{type(error).__name__}: {text}"


def _executed(path: Path, source: bytes, digest: str) -> ModuleType:
    module = ModuleType(f"simgrid_plug_in_{path.stem}_{digest[:12]}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # dataclasses and pickle look there
    try:
        with contextlib.redirect_stdout(sys.stderr):
            exec(compile(source, str(path), "exec"), module.__dict__)  # noqa: S102 - the user's own code
    except (Exception, SystemExit) as error:
        del sys.modules[module.__name__]
        raise PlugInError(_refused(error, path)) from error
    return module


def _refused(error: BaseException, path: Path) -> str:
    if isinstance(error, SyntaxError) and error.filename in (None, str(path)):
        line = f":{error.lineno}" if error.lineno else ""
        text = (error.text or "").strip()[:80]
        return f"{path.name}{line} is not Python: {error.msg}" + (f" in '{text}'" if text else "")
    sentence = raised(error, PlugIn(str(path), "", ""))
    if isinstance(error, ModuleNotFoundError):
        return f"{sentence}; a plug-in is one file: put what it needs into it, or install that as a package"
    return sentence


def _quoted(line: str | None) -> str:
    return f" in '{line.strip()[:80]}'" if line and line.strip() else ""


def _line(error: BaseException, file: str) -> int | None:
    """The innermost line of the file that the exception came through."""
    found, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            found = trace.tb_lineno
        trace = trace.tb_next
    return found


def _bytes(path: Path) -> bytes:
    try:
        regular = stat.S_ISREG(path.stat().st_mode)
        source = _first_bytes(path) if regular else b""
    except FileNotFoundError:
        raise PlugInError(f"no such file '{path}': {_near_file(path)}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise PlugInError(f"cannot read '{path}': {reason}") from None
    if not regular:
        raise PlugInError(f"'{path}' is not a regular file: name a Python file")
    if len(source) > MAX_BYTES:
        raise PlugInError(f"'{path}' is larger than {MAX_BYTES // 1_000_000} MB: name a Python file")
    return source


def _first_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _near_file(path: Path) -> str:
    with contextlib.suppress(OSError, ValueError):
        beside = sorted(one.name for one in path.parent.glob("*.py"))
        near = get_close_matches(path.name, beside[:1000], n=1)
        if near:
            return f"did you mean '{near[0]}'?"
    return "the name is relative to the file in which it stands"


def _own(module: ModuleType) -> list[str]:
    """The classes that the file itself defines."""
    return [
        name
        for name, one in vars(module).items()
        if isinstance(one, type) and one.__module__ == module.__name__
    ]


def _nearest(name: str, known: Sequence[str]) -> str:
    close = get_close_matches(name, known, n=1, cutoff=0.5)
    if close:
        return f"did you mean '{close[0]}'?"
    return f"it has {', '.join(known[:12])}" if known else "it defines no class"
