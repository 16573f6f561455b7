"""``start_from``: what a backlog's file may say, what is refused and where; without it no key moves."""

from __future__ import annotations

from pathlib import Path

import pytest

from simgrid.experiments.assemble import run_journal
from simgrid.experiments.identity import cell_digest
from simgrid.experiments.installed import installed
from simgrid.scenario import ScenarioInvalid, load
from simgrid.scenario.backlog_text import MOST_IN_YAML, backlog_texts

HEAD = "extends: tiny/one-unit.yaml\nstart_from: {}\n"
GOOD = "state: waiting, requested: '2026-01-05 07:30', site: clinic, modality: CT, body_part: Brain"


def built(folder: Path, text: str, name: str = "tonight.yaml", *changes: str):  # type: ignore[no-untyped-def]
    (folder / name).write_text(text, encoding="utf-8")
    (folder / "plan.yaml").write_text(HEAD.format(name), encoding="utf-8")
    return load(folder / "plan.yaml", changes, installed()).cells[0]


def test_a_study_says_what_it_must_and_the_scenario_the_rest(tmp_path: Path) -> None:
    backlog = built(
        tmp_path, f"studies:\n  ACC-4711: {{{GOOD}}}\n  i0002: {{{GOOD}, urgent: true, images: 7}}\n"
    ).start_from
    one, other = backlog.studies
    assert backlog.at_s == 0.0
    assert (one.identifier, one.requested_s, one.required_s) == ("s0001", -1800.0, 4 * 3600.0)
    assert (one.kind.icd10, one.reading_min, one.left) == ("C71", None, None)
    assert one.size_bytes > 0
    assert (other.identifier, other.required_s, other.images) == ("i0002", 3600.0, 7)


def test_what_a_ris_exports_is_read_as_a_table(tmp_path: Path) -> None:
    rows = (
        "study,state,requested,site,modality,body_part,urgent,radiologist,left,assigned\n"
        "MUSTERMANN-1,reading,2026-01-05 06:30,clinic,CT,Brain,true,ada,4 min,2026-01-05 07:00\n"
        "MUSTERMANN-2,waiting,2026-01-05 07:30,clinic,DX,Thorax,,,,\n"
    )
    backlog = built(tmp_path, rows, "tonight.csv").start_from
    assert [(one.identifier, one.state, one.left) for one in backlog.studies] == [
        ("s0001", "reading", 240.0),
        ("s0002", "waiting", None),
    ]
    assert backlog.studies[0].times == (("assigned", -3600.0),)
    beside = built(
        tmp_path, "at: '2026-01-05 08:30'\nstudies: tonight.csv\nradiologists: {ben: {busy: 3 min}}\n"
    )
    assert beside.start_from.studies == tuple(
        one for one in beside.start_from.studies if one.identifier in ("s0001", "s0002")
    )
    assert (beside.start_from.at_s, beside.start_from.desks[0].busy_s) == (1800.0, 180.0)
    assert "MUSTERMANN" not in repr(beside)


@pytest.mark.parametrize(
    ("text", "code", "line", "said"),
    [
        (f"studies:\n  a: {{{GOOD}, site: nowhere}}\n", "E", 2, ""),
        (f"studies:\n  a: {{{GOOD.replace('clinic', 'klinik')}}}\n", "E201", 2, "there is no site 'klinik'"),
        (f"studies:\n  a: {{{GOOD}, stat: true}}\n", "E101", 2, "unknown key"),
        (f"studies:\n  a: {{{GOOD.replace('waiting', 'wating')}}}\n", "E108", 2, "'wating'"),
        (f"studies:\n  a: {{{GOOD}, radiologist: ada}}\n", "E112", 2, "'waiting' has a radiologist"),
        (f"studies:\n  a: {{{GOOD.replace('waiting', 'at-desk')}}}\n", "E112", 2, "has no radiologist"),
        (
            f"studies:\n  a: {{{GOOD.replace('waiting', 'at-desk')}, radiologist: adda}}\n",
            "E201",
            2,
            "there is no radiologist 'adda'",
        ),
        (f"studies:\n  a: {{{GOOD}, left: 3 min}}\n", "E112", 2, "nothing of a study that is 'waiting'"),
        (f"studies:\n  a: {{{GOOD.replace('waiting', 'uploading')}, left: 3 min}}\n", "E103", 2, "left"),
        (f"studies:\n  a: {{{GOOD.replace('07:30', '08:30')}}}\n", "E107", 2, "after the moment"),
        (f"studies:\n  a: {{{GOOD.replace('07:30', '25:30')}}}\n", "E111", 2, "is no instant"),
        (f"studies:\n  a: {{{GOOD.replace('Brain', 'Toe')}}}\n", "E204", 2, "not in the code tables"),
        ("at: '2026-02-05 08:00'\nstudies: {}\n", "E107", 1, "not within the horizon"),
        ("studies: {}\nradiologists: {eve: {busy: 3 min}}\n", "E201", 2, "there is no radiologist 'eve'"),
        (
            f"studies:\n  a: {{{GOOD.replace('waiting', 'reading')}, radiologist: ada}}\n"
            f"  b: {{{GOOD.replace('waiting', 'reading')}, radiologist: ada}}\n",
            "E112",
            2,
            "reads 2 studies at once",
        ),
        (
            f"studies:\n  a: {{{GOOD.replace('waiting', 'at-desk')}, radiologist: ada, size: 30 GB}}\n",
            "E112",
            1,
            "whose storage holds 20 GB",
        ),
        ("studies: tonight.txt\n", "E208", 1, "neither studies nor the name of a CSV file"),
        ("studies: gone.csv\n", "E208", 0, "no such file"),
        (
            "studies:\n  a: {state: waiting, requested: 2026-01-05 07:00, site: clinic, modality: CT, "
            "body_part: Brian}\n",
            "E204",
            2,
            "CT Brian is not in the code tables",
        ),
    ],
)
def test_every_problem_is_located_in_the_backlogs_own_file(
    tmp_path: Path, text: str, code: str, line: int, said: str
) -> None:
    with pytest.raises(ScenarioInvalid) as refused:
        built(tmp_path, text)
    problem = refused.value.problems[0]
    assert problem.code.startswith(code)
    assert said in problem.message
    assert problem.line == line
    assert Path(problem.file).name in ("tonight.yaml", "gone.csv")
    assert problem.help


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("state,site\nwaiting,clinic\n", "'study' among them"),
        ("study,state\na,waiting,3\n", "3 cells under 2 columns"),
        ("study,state\na,waiting\na,waiting\n", "a second row of this study: the first is in line 2"),
        ('study,state\n"a,waiting\n', "unexpected end of data"),
    ],
)
def test_a_table_that_is_none_is_refused(tmp_path: Path, rows: str, said: str) -> None:
    with pytest.raises(ScenarioInvalid) as refused:
        built(tmp_path, rows, "tonight.csv")
    assert said in refused.value.problems[0].message


def test_systems_whose_state_no_backlog_holds_are_refused(tmp_path: Path) -> None:
    changes = ("units.desk.cache={size: 10 GB, rule: lru}", "grid.viewer={}")
    with pytest.raises(ScenarioInvalid) as refused:
        built(tmp_path, f"studies:\n  a: {{{GOOD}}}\n", "tonight.yaml", *changes)
    found = {(one.code, one.place) for one in refused.value.problems}
    assert found == {("E220", "units.desk.cache"), ("E220", "grid.viewer")}


def test_keys_move_with_the_content_and_not_without_the_key(tmp_path: Path) -> None:
    plain = load("tiny/one-unit", (), installed()).cells[0]
    first = built(tmp_path, f"studies:\n  a: {{{GOOD}}}\n")
    other = built(tmp_path, f"studies:\n  a: {{{GOOD}, urgent: true}}\n")
    assert len({cell_digest(one) for one in (plain, first, other)}) == 3
    assert "start_from" not in plain.canonical


def test_many_studies_go_into_a_table_and_come_back(tmp_path: Path) -> None:
    rows = "".join(
        f"  i{n:04d}: {{{GOOD}, urgent: true, reading: 3.5 min}}\n" for n in range(1, MOST_IN_YAML + 2)
    )
    cell = built(tmp_path, f"studies:\n{rows}")
    text, table = backlog_texts(cell.start_from, cell.start, "many.csv")
    assert table is not None
    (tmp_path / "many.csv").write_text(table, encoding="utf-8")
    assert built(tmp_path, text, "many.yaml").start_from == cell.start_from


def test_slips_of_unit_and_century_two_at_a_desk_and_misspellings_are_told_at_once(tmp_path: Path) -> None:
    reading = GOOD.replace("waiting", "reading") + ", radiologist: ada"
    text = (
        "studies:\n"
        f"  i0001: {{{GOOD}, size: 120 TB}}\n"
        f"  i0002: {{{reading}, left: 4000 min}}\n"
        f"  i0003: {{{reading}}}\n"
        f"  i0004: {{{GOOD.replace('2026', '1926')}}}\n"
        f"  i0005: {{{GOOD}, sise: 3 MB}}\n"
        f"  i0006: {{{GOOD.replace('waiting', 'wating')}}}\n"
        f"  i0007: {{{GOOD}, reading: 3 d}}\n"
        "radiologists: {bne: {busy: 3 min}}\n"
    )
    with pytest.raises(ScenarioInvalid) as caught:
        built(tmp_path, text)
    told = [(one.line, one.place, one.message, one.help) for one in caught.value.problems]
    for line, place, said, way_out in (
        (2, "studies.i0001.size", "120 TB", "120 MB"),
        (3, "studies.i0002.left", "4000 min", "12 min"),
        (3, "studies.i0002.state", "ada reads 2 studies at once", "'begun'"),
        (4, "studies.i0003.state", "ada reads 2 studies at once", "'begun'"),
        (5, "studies.i0004.requested", "1926-01-05", "check the year"),
        (6, "studies.i0005.sise", "unknown key", "did you mean 'size'?"),
        (7, "studies.i0006.state", "'wating'", "waiting"),
        (8, "studies.i0007.reading", "4320 min", "12 min"),
        (9, "radiologists.bne", "no radiologist 'bne'", "did you mean 'ben'?"),
    ):
        assert any(
            (at, where) == (line, place) and said in message and way_out in mend
            for at, where, message, mend in told
        ), (place, told)
    assert len(told) == 9


def test_large_amounts_that_do_happen_pass(tmp_path: Path) -> None:
    rows = (
        f"studies:\n  i0001: {{{GOOD.replace('2026-01-05', '2025-03-05')}, size: 40 GB, reading: 90 min}}\n"
    )
    (one,) = built(tmp_path, rows).start_from.studies
    assert one.size_bytes == 40e9


def test_what_a_smaller_roster_leaves_waits_again_and_that_is_told_once(tmp_path: Path) -> None:
    held = GOOD.replace("waiting", "{}")
    studies = [
        f"  i0001: {{{held.format('reading')}, radiologist: ada-2, left: 3 min, reading: 9 min}}",
        f"  i0002: {{{held.format('begun')}, radiologist: ada-1, way_back: 1 min}}",
        f"  i0003: {{{held.format('reporting')}, radiologist: ada-3, assigned: '2026-01-05 07:40'}}",
    ]
    books = "radiologists: {ada-1: {done: 5 min}, ada-3: {done: 7 min}}"
    (tmp_path / "tonight.yaml").write_text("\n".join(["studies:", *studies, books]) + "\n")
    sweep = "sweep: {radiologists.ada.count: [0, 1, 2, 3]}\n"
    (tmp_path / "plan.yaml").write_text(HEAD.format("tonight.yaml") + sweep)
    loaded = load(tmp_path / "plan.yaml", (), installed())
    whose = [[one.radiologist for one in cell.start_from.studies] for cell in loaded.cells if cell.start_from]
    assert whose == [
        [None, None, None],
        [None, "ada", None],
        ["ada-2", "ada-1", None],
        ["ada-2", "ada-1", "ada-3"],
    ]
    alone = loaded.cells[1].start_from
    assert alone is not None
    back, kept, read = alone.studies
    assert (back.state, back.left, back.reading_min) == ("waiting", None, 9.0)
    assert (kept.state, kept.settle_s) == ("begun", 60.0)
    assert (read.state, read.times) == ("waiting", ())
    assert [(one.radiologist, one.done_min) for one in alone.desks] == [("ada", 5.0)]
    (told,) = [one for one in loaded.warnings if one.code == "W318"]
    assert "wait for a decision again: 1 of ada-1, 1 of ada-2, 1 of ada-3" in told.message
    for cell in loaded.cells:
        journal = run_journal(cell, cell.policies[0], 0)
        assert {"i0001", "i0002", "i0003"} <= set(journal.inspections.identifier)


def test_a_name_of_no_roster_is_refused_still(tmp_path: Path) -> None:
    text = f"studies:\n  a: {{{GOOD.replace('waiting', 'at-desk')}, radiologist: eve-2}}\n"
    with pytest.raises(ScenarioInvalid, match="there is no radiologist 'eve-2'"):
        built(tmp_path, text)
