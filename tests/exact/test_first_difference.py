"""``diff --events`` against what the two journals show by themselves, and against cases followed by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from simgrid.cli.main import cli
from simgrid.domain.journal import Journal
from simgrid.experiments.assemble import run_journal
from simgrid.experiments.first_difference import Parting, Side, first_difference
from simgrid.experiments.installed import load_stored
from simgrid.experiments.parting_reasons import reasons
from simgrid.experiments.parting_words import differ_in, happening, picture
from simgrid.experiments.run_names import run_name

VARIANTS = """extends: tiny/one-unit.yaml
policies: [shortest-queue, rwoa, round-robin]
replications: 1
variants:
  same: {units: {desk: {storage: 21 GB}}}
  narrow: {sites: {clinic: {link: {bandwidth: 9 Mbit/s}}}}
  slow: {units: {desk: {link: {bandwidth: 19 Mbit/s}}}}
  tired: {radiologists: {ben: {speed: 1.2}}}
  hurried: {dispatch: {every: 5 min}}
  short: {give_up_after: 1 min}
  alone: {radiologists: {ada: null}}
  outage: {events: [{at: 2026-01-05 08:20, for: 20 min, link_down: clinic}]}
  crowd: {radiologists: {abe: {unit: desk, reads: [CT, DX], hours: always, ratings: {CT: 0.1, DX: 0.1}}}}
"""
LONG = """extends: tiny/one-unit.yaml
policies: [shortest-queue]
replications: 1
horizon: 12 h
demand: {count: 400}
radiologists: {ada: {speed: 0.4}, ben: {speed: 0.4}}
variants: {late: {events: [{at: 2026-01-05 19:00, for: 20 min, link_down: clinic}]}}
"""
STAMPS = ("requested", "acquired", "uploaded", "assigned", "delivered", "opened", "read", "reported")
PAIRS = [
    *(("base", name) for name in ("same", "narrow", "slow", "tired", "hurried", "outage")),
    ("narrow", "tired"),
    ("slow", "outage"),
    ("slow", "hurried"),
]


def simgrid(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(one) for one in arguments])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A results folder with every variant."""
    place = tmp_path_factory.mktemp("parting")
    (place / "ways.yaml").write_text(VARIANTS, encoding="utf-8")
    result = simgrid("run", place / "ways.yaml", "-j", "1", "-o", place / "results")
    assert result.exit_code == 0, result.output
    return Path(result.stdout.splitlines()[-1])


def parted(folder: Path, a: str, b: str) -> Parting:
    return first_difference(run_name(f"{folder}:{a}"), run_name(f"{folder}:{b}"), load_stored)


def journal_of(side: Side) -> Journal:
    """The journal of a plain run that nobody watches."""
    return run_journal(side.found.scenario, side.found.choice, side.found.replication)


def first_moment(a: Journal, b: Journal) -> float:
    """The earliest time of a leg that the other journal does not have, or has with another radiologist."""
    moments = [np.inf]
    for name in STAMPS:
        one, other = (getattr(journal.inspections, f"{name}_s") for journal in (a, b))
        differs = ~((one == other) | (np.isnan(one) & np.isnan(other)))
        if name in ("assigned", "opened", "read"):
            differs |= a.inspections.radiologist != b.inspections.radiologist
        moments += [
            float(np.nanmin(times)) for times in (one[differs], other[differs]) if (~np.isnan(times)).any()
        ]
    return min(moments)


@pytest.mark.parametrize("pair", PAIRS, ids=" ".join)
def test_the_moment_is_the_first_at_which_the_journals_differ(folder: Path, pair: tuple[str, str]) -> None:
    found = parted(folder, *(f"shortest-queue:variant={name}" for name in pair))
    journals = [journal_of(side) for side in (found.a, found.b)]
    if found.same is None:
        assert set(pair) == {"base", "same"}
        assert journals[0].fingerprint == journals[1].fingerprint
        return
    moment = min(float(side.event["at_s"][0]) for side in (found.a, found.b) if len(side.event))
    if "outage" in pair:  # its beginning is an event, and no leg of any inspection
        assert moment <= 20 * 60
    else:
        assert moment == first_moment(*journals)


def test_the_assignment_at_which_two_policies_part(folder: Path) -> None:
    """By hand (tiny, replication 0): at 9:00 the same three wait, both desks are empty, ada has had 6 min.

    The integer program gives the second brain to ada; least work first gives ada the first.
    """
    found = parted(folder, "shortest-queue:variant=base", "rwoa:variant=base")
    assert differ_in(found) == ("policy: shortest-queue -> rwoa",)
    a, b = picture(found.a), picture(found.b)
    assert a is not None and b is not None
    assert a.desks == b.desks
    assert [one.inspection for one in a.choices] == [one.inspection for one in b.choices]
    events = [happening(side, side.event[0], (found.same or 0) + 1) for side in (found.a, found.b)]
    assert {one.kind for one in events} == {"assigned"}
    assert events[0].subject == events[1].subject
    answers = [
        next(one.radiologist for one in shown.choices if f"inspection {one.inspection}" == events[0].subject)
        for shown in (a, b)
    ]
    assert [one.whom for one in events] == [f"to {who}" for who in answers]
    assert answers[0] != answers[1]


def test_radiologists_are_told_apart_by_name_not_by_number(folder: Path) -> None:
    """Without ada, ben is the first of the team as ada is of the other: the first assignments differ."""
    found = parted(folder, "shortest-queue:variant=base", "shortest-queue:variant=alone")
    a, b = (happening(side, side.event[0], 1) for side in (found.a, found.b))
    assert (a.kind, a.whom, b.whom) == ("assigned", "to ada", "to ben")
    assert "ada is there only in A" in " ".join(reasons(found, (a, b), (picture(found.a), picture(found.b))))


def test_a_run_that_ends_before_the_other(folder: Path) -> None:
    found = parted(folder, "shortest-queue:variant=short", "shortest-queue:variant=base")
    assert len(found.a.event) == 0 and len(found.b.event) == 1
    assert found.same == found.a.journal.events < found.b.journal.events
    assert float(found.b.event["at_s"][0]) > 121 * 60


def test_a_difference_far_into_a_long_run(tmp_path: Path) -> None:
    """3200 events and more, of which those before 19:00 are the same: 11 h after the start."""
    (tmp_path / "long.yaml").write_text(LONG, encoding="utf-8")
    result = simgrid("run", tmp_path / "long.yaml", "-j", "1", "-o", tmp_path / "results")
    assert result.exit_code == 0, result.output
    found = parted(Path(result.stdout.splitlines()[-1]), "variant=base", "variant=late")
    journals = [journal_of(side) for side in (found.a, found.b)]
    before = [int((getattr(journals[0].inspections, f"{name}_s") < 11 * 3600).sum()) for name in STAMPS]
    assert found.same == sum(before) > 2048
    assert float(found.b.event["at_s"][0]) == 11 * 3600
    event = happening(found.b, found.b.event[0], found.same + 1)
    assert event.sentence == "a limit on the link of clinic begins"
    assert reasons(found, (None, event), (None, None)) == (
        "a limit on the link of clinic: in A there is none",
    )
