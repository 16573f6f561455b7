"""Runs on an existing Dask cluster: joblib's tasks there, the stored runs here. The only importer of Dask.

A worker needs no folder of ours: a run travels back and this process stores it, so a campaign goes on from
its results folder whether its runs were computed here or there. A worker that dies loses the runs under way;
Dask gives them to another, and the receipts say who began and who finished.

Three things joblib leaves to us: a task that Dask gives up (no callback follows, and joblib would wait for
ever), a cluster without workers, and a scheduler that is gone.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import os
import threading
import time
import warnings
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

from distributed import Client, Security, Worker, get_worker
from distributed.scheduler import KilledWorker
from joblib import Parallel, delayed, parallel_config
from joblib._dask import DaskDistributedBackend

from simgrid.domain.scenario import Scenario
from simgrid.experiments.campaign import Task
from simgrid.experiments.equipment import Equipment, anywhere, changed_inputs, equipment, lacking
from simgrid.experiments.parallel import Cluster, ClusterFailed, Progress, RunOnce, computed, named
from simgrid.experiments.receipts import Computer, here, note
from simgrid.experiments.store import Run, RunStore

CONNECT_S = 5.0
CLOSE_S = 0.7
WATCH_S = 0.5
IN_FLIGHT_A_CORE, IN_FLIGHT = 4, 64
"""Runs that the cluster holds at a time: so many a core of the workers there are, and at least so many."""
_LOST = (OSError, asyncio.CancelledError, concurrent.futures.CancelledError)
"""What Dask raises where its scheduler does not answer, or has dropped what it was asked."""
KEPT = "finished runs are kept, the same command goes on from here"


@dataclass(frozen=True, slots=True)
class _Piece:
    """One run as it travels: everything that a worker needs; what runs of a batch share travels once."""

    cell: Scenario
    task: Task
    run: RunOnce
    needed: Equipment
    topic: str
    """Of the event by which a worker tells that it has begun."""


class _Unfit(RuntimeError):
    """A worker, of those that joined late, that would not compute the same runs."""


_ONE_AT_A_TIME = threading.Lock()
"""A worker process computes one run at a time, however many threads it has: the model is not for threads."""


def compute_on(
    cluster: Cluster,
    cells: Sequence[Scenario],
    tasks: Sequence[Task],
    store: RunStore,
    run: RunOnce,
    progress: Progress,
) -> None:
    """As ``parallel.compute``, on the workers of a cluster; raises ClusterFailed besides."""
    with _quiet(), _connected(cluster) as client:
        needed = equipment(cells)
        _wait_for_workers(client, cluster)
        _must_be_fit(client, cluster, needed)
        there = _Travelling(cells)
        client.subscribe_topic(client.id, lambda event: _note_began(store, event[1]))
        pieces = (_Piece(there.of(task), task, run, needed, client.id) for task in tasks)
        with closing(_results(client, cluster, pieces)) as results:
            for done, by in results:
                store.save(done)
                note(store.receipts, done.key, "stored", by)
                progress(1)


class _Travelling:
    """Cells as workers elsewhere are given them; neighbouring runs of one share it."""

    def __init__(self, cells: Sequence[Scenario]) -> None:
        self._cells = cells
        self._last: tuple[tuple[int, int], Scenario] | None = None

    def of(self, task: Task) -> Scenario:
        cell = self._cells[task.cell]
        world = task.cell, task.replication if cell.realise is not None else 0
        if self._last is None or self._last[0] != world:
            self._last = world, anywhere(cell.of(task.replication))
        return self._last[1]


def compute_there(piece: _Piece) -> tuple[Run, Computer]:
    """One run, in a worker of the cluster; raises RunFailed, or _Unfit where its machine is another."""
    worker = get_worker()
    by = Computer(here(), os.getpid(), worker.address)
    with _ONE_AT_A_TIME:
        problems = lacking(piece.needed) or tuple(filter(None, [changed_inputs(piece.cell)]))
        if problems:
            raise _Unfit("\n".join(f"worker {worker.name}: {problem}" for problem in problems))
        worker.log_event(piece.topic, {"run": piece.task.key, "by": [by.host, by.pid, by.worker]})
        return computed(piece.cell, piece.task, piece.run, lambda _: None), by


def _note_began(store: RunStore, told: Mapping[str, Any]) -> None:
    with suppress(OSError):  # a disk that refuses this refuses the run too, where it is told
        note(store.receipts, told["run"], "began", Computer(*told["by"]))


async def examined(needed: Equipment, dask_worker: Worker) -> tuple[str, tuple[str, ...]]:
    """The worker's name, and what it lacks.

    In a thread of its own: to read a long log takes a while, in which the worker must answer its scheduler.
    """
    return str(dask_worker.name), await asyncio.to_thread(lacking, needed)


def _results(client: Client, cluster: Cluster, pieces: Iterator[_Piece]) -> Generator[tuple[Run, Computer]]:
    backend = _Backend(client)
    cores = sum(client.nthreads().values())
    in_flight = max(IN_FLIGHT_A_CORE * cores, IN_FLIGHT)
    with _watched(client, cluster, backend.give_up), parallel_config(backend=backend):
        parallel = Parallel(return_as="generator_unordered", pre_dispatch=in_flight)
        try:
            yield from parallel(delayed(compute_there)(piece) for piece in pieces)
        except _Unfit as error:
            raise ClusterFailed(f"a worker cannot compute these runs; {KEPT}\n{error}") from error
        except _LOST as error:
            raise ClusterFailed(_gone(cluster)) from error


class _Backend(DaskDistributedBackend):  # type: ignore[misc]
    """joblib's own, which besides tells joblib of tasks that Dask gives up, or that we do."""

    def __init__(self, client: Client) -> None:
        super().__init__(client=client)
        self._under_way: dict[concurrent.futures.Future[Any], tuple[Any, Callable[[Any], None]]] = {}
        self._given_up: Exception | None = None

    def effective_n_jobs(self, n_jobs: int) -> int:
        """The cores of the workers, and at least 2: for 1 joblib would compute in this process."""
        return max(2, int(super().effective_n_jobs(n_jobs)))

    def submit(self, func: Any, callback: Any = None) -> concurrent.futures.Future[Any]:
        """As joblib's, with ``callback`` told of a failure too."""
        outcome: concurrent.futures.Future[Any] = super().submit(func, callback)
        self._under_way[outcome] = (func, callback)
        outcome.add_done_callback(self._ended)
        if self._given_up is not None:
            callback(self._given_up)
        return outcome

    def give_up(self, error: Exception) -> None:
        """Let the campaign end with this error."""
        self._given_up = error
        for _, callback in list(self._under_way.values()):
            callback(error)

    def _ended(self, outcome: concurrent.futures.Future[Any]) -> None:
        func, callback = self._under_way.pop(outcome)
        error = outcome.exception()
        if isinstance(error, KilledWorker):
            callback(ClusterFailed(_killed(error, [arguments[0] for _, arguments, _ in func.items])))
        elif error is not None:
            callback(ClusterFailed(f"the cluster cannot run a task ({_first_line(error)}); {KEPT}"))


@contextmanager
def _connected(cluster: Cluster) -> Iterator[Client]:
    _must_have_certificates(cluster)
    try:
        client = Client(cluster.address, timeout=CONNECT_S, set_as_default=False, name="simgrid")
    except (OSError, ValueError, TypeError, RuntimeError, ImportError) as error:
        raise ClusterFailed(
            f"no Dask scheduler answers at {cluster.address} ({_first_line(error)}): start one with "
            "'dask scheduler', and give the address that it prints"
        ) from error
    try:
        yield client
    finally:
        with suppress(Exception):  # what cannot be closed in time ends with this process
            client.close(timeout=CLOSE_S)


def _must_have_certificates(cluster: Cluster) -> None:
    """Dask itself would be long about it."""
    if not cluster.address.startswith("tls:"):
        return
    try:
        found = Security().get_connection_args("client").get("ssl_context") is not None
        why = "it names none"
    except OSError as error:  # no such file, or none that ssl can read
        found, why = False, str(error)
    if not found:
        raise ClusterFailed(
            f"{cluster.address} needs a certificate, its key and the authority's, named in Dask's "
            f"configuration under distributed.comm.tls ({why}): see "
            "https://distributed.dask.org/en/stable/tls.html"
        )


def _wait_for_workers(client: Client, cluster: Cluster) -> None:
    begun, said = time.monotonic(), False
    while not _threads(client, cluster):
        if not said:
            cluster.tell(f"{cluster.address} has no worker yet: waiting {cluster.patience_s:.0f} s for one")
            said = True
        if time.monotonic() - begun > cluster.patience_s:
            raise ClusterFailed(_no_worker(cluster))
        time.sleep(0.2)


def _threads(client: Client, cluster: Cluster) -> dict[str, int]:
    """The threads of each worker, by its address."""
    try:
        return dict(client.nthreads())
    except (*_LOST, RuntimeError, AttributeError) as error:
        raise ClusterFailed(_gone(cluster)) from error


def _must_be_fit(client: Client, cluster: Cluster, needed: Equipment) -> None:
    """Raise ClusterFailed naming every worker, or the scheduler, that is not equipped as this process is."""
    found: dict[str, list[str]] = {}
    for machine, problems in _examination(client, cluster, needed):
        for problem in problems:
            found.setdefault(problem, []).append(machine)
    if found:
        lines = [f"  {', '.join(machines)}: {problem}" for problem, machines in found.items()]
        raise ClusterFailed("\n".join([f"{cluster.address} would not compute the same runs:", *lines]))
    several = [address for address, threads in _threads(client, cluster).items() if threads > 1]
    if several:
        cluster.tell(
            f"{len(several)} workers have several threads, of which one at a time computes: start workers "
            "with --nthreads 1, and --nworkers for as many as the machine has processors"
        )


def _examination(
    client: Client, cluster: Cluster, needed: Equipment
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Scheduler and workers by name, with what each lacks; a worker that is gone by then has no problem."""
    bare = replace(needed, installed=(), plug_ins=(), reads=(), digest=f"{needed.digest} on a scheduler")
    try:
        yield "the scheduler", client.run_on_scheduler(lacking, bare)
    except _LOST as error:
        raise ClusterFailed(_gone(cluster)) from error
    except Exception as error:
        yield "the scheduler", (_speechless(error),)
    try:
        answers = client.run(examined, needed, on_error="return")
    except _LOST as error:
        raise ClusterFailed(_gone(cluster)) from error
    for address, answer in sorted(answers.items()):
        if isinstance(answer, tuple):
            name, problems = answer
            yield f"worker {address}" if name == address else f"worker {name} ({address})", problems
        elif not isinstance(answer, OSError):
            yield f"worker {address}", (_speechless(answer),)


def _speechless(error: object) -> str:
    return (
        f"it cannot be asked ({_first_line(error)}): install the simgrid-telerad[cluster] of here there "
        "and start it again"
    )


@contextmanager
def _watched(client: Client, cluster: Cluster, give_up: Callable[[Exception], None]) -> Iterator[None]:
    """While this lasts, a scheduler that is gone or a long want of workers makes the campaign give up."""
    ended = threading.Event()
    present = set(_threads(client, cluster))  # now: one may be gone before the first look
    watch = threading.Thread(target=_watch, args=(client, cluster, present, give_up, ended), daemon=True)
    watch.start()
    try:
        yield
    finally:
        ended.set()


def _watch(
    client: Client,
    cluster: Cluster,
    present: set[str],
    give_up: Callable[[Exception], None],
    ended: threading.Event,
) -> None:
    alone_since: float | None = None
    while not ended.wait(WATCH_S):
        try:
            now = set(_threads(client, cluster))
        except ClusterFailed as error:
            return give_up(error)
        for address in sorted(present - now):
            cluster.tell(f"worker {address} is gone; what it had begun is given to another")
        present = now
        if now:
            alone_since = None
            continue
        if alone_since is None:
            alone_since = time.monotonic()
            cluster.tell(f"no worker is left: waiting {cluster.patience_s:.0f} s for one")
        if time.monotonic() - alone_since > cluster.patience_s:
            return give_up(ClusterFailed(f"{_no_worker(cluster)}; {KEPT}"))
    return None


def _gone(cluster: Cluster) -> str:
    return f"the scheduler at {cluster.address} is gone, or dropped these tasks; {KEPT}"


def _no_worker(cluster: Cluster) -> str:
    return (
        f"{cluster.address} has had no worker for {cluster.patience_s:.0f} s: "
        f"start some with 'dask worker {cluster.address} --nthreads 1'"
    )


def _killed(error: KilledWorker, pieces: Sequence[_Piece]) -> str:
    runs = "; ".join(named(piece.cell, piece.task) for piece in pieces[:3])
    more = f" and {len(pieces) - 3} more" if len(pieces) > 3 else ""
    return (
        f"{error.allowed_failures + 1} workers died one after the other computing {runs}{more}, "
        f"perhaps for want of memory; {KEPT}"
    )


def _first_line(error: object) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


@contextmanager
def _quiet() -> Iterator[None]:
    """Dask tells of lost connections at length on stderr; what matters of it, our errors say."""
    names = [name for name in logging.root.manager.loggerDict if name.split(".")[0] in _TALKATIVE]
    loggers = [logging.getLogger(name) for name in (*_TALKATIVE, *names)]
    before = [logger.disabled for logger in loggers]
    for logger in loggers:
        logger.disabled = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, was in zip(loggers, before, strict=True):
            logger.disabled = was


_TALKATIVE = ("distributed", "tornado", "asyncio")
