"""The page: which scenario, its common values, its text, what is wrong with it, and the run."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import streamlit as st

from simgrid.app.background import Job, job_of
from simgrid.app.opening import NotHere, named, offered, opened
from simgrid.app.results import show_results
from simgrid.app.wording import is_plain, plain
from simgrid.experiments.campaign import CannotBeAsked
from simgrid.experiments.installed import installed
from simgrid.scenario import Loaded, Problem, ScenarioInvalid, load
from simgrid.scenario.confined import outside
from simgrid.scenario.counts import counted
from simgrid.scenario.dials import Dial, dials
from simgrid.scenario.editing import CannotEdit, edited
from simgrid.scenario.files import Draft, read_resolved

FIRST = "templates/study-unit"
MOST_DIALS = 60
MOST_PROBLEMS = 30
RESULTS = "results"
_TEXT, _CHOICE, _OPEN, _JOB, _SAID = "text", "choice", "open", "job", "said"


def show() -> None:
    """Draw the page; Streamlit calls this anew after every change."""
    folder = Path.cwd()
    st.set_page_config(page_title="simgrid", layout="wide")
    st.title("simgrid: a scenario, its runs and its report")
    _choose(folder)
    draft = Draft(st.session_state[_OPEN].path, st.session_state[_TEXT])
    left, right = st.columns([2, 3])
    problems, loaded = checked(draft, folder)
    with left:
        st.header("Common values")
        _show_dials(draft, problems)
    with right:
        st.header("Scenario")
        st.text_area("The whole scenario (YAML)", key=_TEXT, height=420)
        st.download_button(
            "Download the YAML", draft.text, f"{draft.path.stem}.yaml", "text/yaml", key="yaml"
        )
        _show_problems(problems, loaded)
        _run(loaded, folder)
        show_results(st.session_state.get(_JOB), draft.text)


def checked(draft: Draft, folder: Path) -> tuple[Sequence[Problem], Loaded | None]:
    """What is wrong or odd about the scenario, and the scenario where it is valid."""
    known = st.session_state.get("checked")
    if known is not None and known[0] == draft:
        return known[1], known[2]
    loaded = None
    problems: Sequence[Problem] = outside(draft, folder)
    if not problems:
        try:
            loaded = load(draft, (), installed())
        except ScenarioInvalid as invalid:
            problems = invalid.problems
        else:
            problems = loaded.warnings
    st.session_state["checked"] = draft, problems, loaded
    return problems, loaded


def _choose(folder: Path) -> None:
    """The list of scenarios; choosing one opens it."""
    given = sys.argv[1] if len(sys.argv) > 1 else None
    names = offered(folder, given)
    if _CHOICE not in st.session_state:
        st.session_state[_CHOICE] = named(given or FIRST, folder)
        _open(folder)
    st.sidebar.selectbox("Open a scenario", names, key=_CHOICE, on_change=_open, args=(folder,))
    st.sidebar.caption(
        "Files of the folder in which the command was started, and those that travel with simgrid. "
        "Nothing is overwritten: download the YAML to keep your changes."
    )
    if said := st.session_state.pop(_SAID, ""):
        st.warning(plain(said))


def _open(folder: Path) -> None:
    try:
        draft = opened(st.session_state[_CHOICE], folder)
    except (NotHere, ScenarioInvalid) as error:
        st.session_state[_SAID] = str(error)
        draft = st.session_state.get(_OPEN) or opened(named(FIRST, folder), folder)
    st.session_state[_OPEN], st.session_state[_TEXT] = draft, draft.text


def _show_dials(draft: Draft, problems: Sequence[Problem]) -> None:
    """One control a value, as far as the text can be read."""
    try:
        every = dials(read_resolved(draft).tree) if not _unreadable(problems) else ()
    except ScenarioInvalid:
        every = ()
    found = [one for one in every if is_plain(one.name)]
    if not found:
        st.write("They are shown when the text can be read.")
    if len(found) > MOST_DIALS:
        st.caption(f"The first {MOST_DIALS} of {len(found)}; change the others in the text.")
    for block, of_block in groupby(found[:MOST_DIALS], key=lambda one: one.block):
        with st.expander(block, expanded=True):
            for dial in of_block:
                _control(dial)


def _unreadable(problems: Sequence[Problem]) -> bool:
    """Also where the text names files that may not be opened: then nothing of it is."""
    return any(one.code.startswith("E0") or one.message.endswith("the working folder") for one in problems)


def _control(dial: Dial) -> None:
    key = f"dial:{dial.name}"
    st.session_state[key] = dial.value
    label, changed = dial.name, {"on_change": _change, "args": (dial, key)}
    if dial.kind == "count":
        st.number_input(label, min_value=0, step=1, key=key, **changed)
    elif dial.kind == "factor":
        st.number_input(label, min_value=0.0, step=0.05, key=key, **changed)
    else:
        st.text_input(label, key=key, **changed)


def _change(dial: Dial, key: str) -> None:
    """Write a control's value into the text."""
    value = st.session_state[key]
    try:
        st.session_state[_TEXT] = edited(st.session_state[_TEXT], dial.place, value)
    except (CannotEdit, ScenarioInvalid) as error:
        st.session_state[_SAID] = str(error)


def _show_problems(problems: Sequence[Problem], loaded: Loaded | None) -> None:
    for one in problems[:MOST_PROBLEMS]:
        (st.warning if one.severity == "warning" else st.error)(plain(one.message))
        st.code(one.render(), language=None)
    if len(problems) > MOST_PROBLEMS:
        st.write(f"and {len(problems) - MOST_PROBLEMS} more")
    if loaded is not None:
        cell = loaded.cells[0]
        cells = len(loaded.cells) if loaded.sweep_columns else None
        most = cell.precision is not None
        told = counted(cells, len(cell.policies), cell.replications, at_most=most)
        st.success(f"The scenario is valid: {told}")


def _run(loaded: Loaded | None, folder: Path) -> None:
    job: Job | None = st.session_state.get(_JOB)
    under_way = job is not None and job.running
    if st.button("Run this scenario", disabled=loaded is None or under_way, type="primary") and loaded:
        try:
            job = job_of(loaded, folder / RESULTS)
        except CannotBeAsked as error:
            st.error(plain(str(error)))
            return
        job.start()
        st.session_state[_JOB] = job
        st.rerun()
