"""How a command ends: the exit codes, and what a person is told instead of a traceback."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click

from simgrid.cli.interrupts import leave_interrupted

DONE, CHECK_SAID_NO, USAGE, MODEL_FAILED, ENVIRONMENT = 0, 1, 2, 3, 4

_ADVICE = {
    errno.ENOSPC: "the disk is full: make room, or give another folder with -o",
    errno.EDQUOT: "the disk quota is used up: make room, or give another folder with -o",
    errno.EIO: "the disk reports an error: look after it, and give another folder with -o",
    errno.EFBIG: "larger than files may be here: raise the limit (ulimit -f), or give another folder with -o",
    errno.EROFS: "the file system is read-only: give another folder with -o",
    errno.EACCES: "permission denied: give another folder with -o",
    errno.EPERM: "permission denied: give another folder with -o",
    errno.ENOENT: "no such file or folder, and none can be made there: give another folder with -o",
    errno.ENOTDIR: "a part of this path is no folder: give another folder with -o",
}


@contextmanager
def told() -> Iterator[None]:
    """Turn what may go wrong into one message on stderr and its exit code; a bug keeps its traceback."""
    try:
        yield
    except KeyboardInterrupt:
        leave_interrupted()
    except OSError as error:
        if error.errno == errno.EPIPE:  # whoever read has read enough, as 'head' does
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(DONE)
        leave(ENVIRONMENT, _environment(error))
    except (ValueError, RuntimeError) as error:
        _tell(error)
        raise


def leave(code: int, message: str) -> NoReturn:
    """Say why on stderr and exit."""
    click.echo(message if message.startswith("error") else f"error: {message}", err=True)
    sys.exit(code)


def _tell(error: ValueError | RuntimeError) -> None:
    """Leave with the code of a known error; return for an unknown one."""
    from simgrid.experiments.campaign import CannotBeAsked
    from simgrid.experiments.parallel import ClusterFailed, RunFailed, WorkerLost
    from simgrid.experiments.study import NotAStudy
    from simgrid.scenario import ScenarioInvalid

    if isinstance(error, ScenarioInvalid | CannotBeAsked | NotAStudy):
        leave(USAGE, str(error))
    if isinstance(error, RunFailed):
        click.echo(error.details.rstrip(), err=True)
        leave(MODEL_FAILED, f"the model failed; finished runs are kept.\n  {error}")
    if isinstance(error, WorkerLost | ClusterFailed):
        leave(ENVIRONMENT, str(error))


def _environment(error: OSError) -> str:
    advice = _ADVICE.get(error.errno or 0, error.strerror or str(error))
    return f"{error.filename}: {advice}" if error.filename else advice
