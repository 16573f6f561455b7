"""A study computed beside the page, in worker processes: how far it is, how it ended, and how to stop it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

from simgrid.experiments.assemble import run_once
from simgrid.experiments.campaign import Campaign, campaign
from simgrid.experiments.identity import folder_name
from simgrid.experiments.parallel import default_jobs
from simgrid.experiments.replicate import replicate, take_stock
from simgrid.experiments.results_folder import write_exhibits
from simgrid.experiments.study import NotAStudy, Study
from simgrid.experiments.until_precise import until_precise
from simgrid.presentation.board.given import read_given
from simgrid.presentation.board.making import report
from simgrid.presentation.finished import write_finished
from simgrid.presentation.html.page import PageTooLarge
from simgrid.presentation.report_book import book
from simgrid.scenario import Loaded


class Stopped(RuntimeError):
    """Somebody pressed the button; finished runs are kept."""


@dataclass(slots=True)
class Job:
    """One study under way or ended; ``error`` says why it has none of its results.

    ``text`` is the scenario that it is of, ``folder`` where its results lie; ``page`` and ``book`` are the
    files to forward, ``lacking`` says why one is not there.
    """

    loaded: Loaded
    text: str
    asked: Campaign
    folder: Path
    done: float = 0.0
    total: int = 0
    study: Study | None = None
    page: bytes | None = None
    book: bytes | None = None
    lacking: tuple[str, ...] = ()
    error: str = ""
    stop: bool = False
    _thread: threading.Thread | None = field(default=None, repr=False)

    @property
    def running(self) -> bool:
        """Whether it is still computing."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def share(self) -> float:
        """How much of it is done."""
        return min(self.done / self.total, 1.0) if self.total else 0.0

    def start(self) -> None:
        """Begin; the page goes on meanwhile."""
        self._thread = threading.Thread(target=self._work, daemon=True, name="computes a study")
        self._thread.start()

    def _work(self) -> None:
        try:
            study = self._computed()
            write_finished(self.folder, self.asked, study, self.loaded)
            self._make_files()
            self.study = study
        except Stopped:
            self.error = "stopped; finished runs are kept, and the next run goes on from them"
        except Exception as error:  # whatever it is, the page has to tell it
            self.error = str(error) or type(error).__name__

    def _make_files(self) -> None:
        """The report and its tables, also in the folder."""
        try:
            self.page = report(read_given([self.folder])).encode()
        except (PageTooLarge, NotAStudy) as error:
            self.lacking = (f"no report: {error}",)
        self.book = book([self.folder])
        made = {"report.html": self.page, "report.xlsx": self.book}
        write_exhibits(self.folder, {name: content for name, content in made.items() if content is not None})

    def _computed(self) -> Study:
        precision = self.asked.cells[0].precision
        if precision is None:
            return self._replicated(self.asked)
        self.asked, study = until_precise(self.asked, precision, self._replicated, lambda _: None)
        return study

    def _replicated(self, part: Campaign) -> Study:
        stock = take_stock(part, self.folder)
        self.done, self.total = float(len(stock.stored)), len(stock.stored) + len(stock.missing)
        # With two workers or more this process is free to answer the page.
        return replicate(
            part, self.folder, run_once, stock=stock, jobs=max(default_jobs(), 2), progress=self._advance
        )

    def _advance(self, more: float) -> None:
        self.done += more
        if self.stop:
            raise Stopped


def job_of(loaded: Loaded, results: Path) -> Job:
    """The job of a scenario, not begun; raises CannotBeAsked."""
    asked = campaign(loaded.cells, loaded.sweep_columns)
    return Job(loaded, loaded.text, asked, results / folder_name(asked.cells))
