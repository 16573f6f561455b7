"""Work spread over processes. A process that has grown is replaced, which is no news."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from typing import TypeVar

from joblib import Parallel, delayed

_REPLACED = "A worker stopped while some jobs were given to the executor"
_Found = TypeVar("_Found")


def in_processes(
    work: Callable[..., _Found], tasks: Iterable[tuple[object, ...]], count: int
) -> list[_Found]:
    """``work(*task)`` of each task, in order, in so many processes.

    joblib ends a process that has grown by 300 MB since its first task, and goes on with a new one. Ours
    grow by as much and leak nothing: projection matrices and grids are kept by size, and the first tasks are
    small. No result depends on the process that made it, so this one warning of joblib is silenced.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", _REPLACED, UserWarning)
        found: list[_Found] = Parallel(n_jobs=count, backend="loky")(delayed(work)(*task) for task in tasks)
        return found
