"""What came of a run: how far it is, then targets, comparison and the files to forward."""

from __future__ import annotations

import streamlit as st

from simgrid.app.background import Job
from simgrid.app.wording import plain
from simgrid.experiments.study import Study
from simgrid.presentation.blocks import as_text
from simgrid.presentation.tables import comparison_blocks

_WIDTH = 72
_SHEETS = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def show_results(job: Job | None, text: str) -> None:
    """Of the last job; ``text`` is the scenario that the page has now."""
    if job is None:
        return
    if job.running:
        st.fragment(_show_progress, run_every=1.0)(job)
        return
    if job.text != text:
        st.warning("The scenario was changed since: these results are of the text as it was run.")
    if job.error:
        st.error("The run ended early.")
        st.code(job.error, language=None)
        return
    if job.study is not None:
        _show_study(job, job.study)


def _show_progress(job: Job) -> None:
    """Asks every second how far it is, without drawing the rest of the page anew."""
    if not job.running:
        st.rerun()
    runs = f"{job.done:.0f} of {job.total} runs"
    st.progress(job.share, runs if job.share < 1 else f"{runs}; tables, figures and the report are written")
    if st.button("Stop", disabled=job.stop):
        job.stop = True


def _show_study(job: Job, study: Study) -> None:
    st.header("Results")
    if job.page is not None:
        st.download_button("Download the report (HTML)", job.page, "report.html", "text/html", key="report")
    if job.book is not None:
        st.download_button("Download the tables (XLSX)", job.book, "report.xlsx", _SHEETS, key="book")
    for said in job.lacking:
        st.warning(plain(said))
    st.code(as_text(comparison_blocks(study), _WIDTH), language=None)
    st.write(f"All tables are in {plain(str(job.folder))}")
