"""Header rules against dciodvfy, an independent judge: real files, planted faults, harmless changes.

``python -m benchmarks.header_rules`` prints the same counts; with ``--keep`` it writes the verdicts anew.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simgrid.quality.check import check
from tests import highdicom_objects
from tests.header_oracle import (
    Bare,
    Compared,
    Planted,
    ask,
    bare,
    bases,
    checked,
    compared,
    decoded,
    encoded,
    judged,
    kept,
    planted,
    real_files,
)

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "image-quality.md"
LIVE = 60
"""Committed verdicts that are asked for again."""


@pytest.fixture(scope="module")
def real() -> Compared:
    return compared(real_files())


def test_finds_the_type_1_and_2_errors_of_real_files(real: Compared) -> None:
    found, all_ = real.share("1", "2")
    assert real.judged >= 200
    assert all_ >= 50
    assert found >= 0.95 * all_, sorted(real.wanted - real.got)


def test_tells_of_most_conditional_errors_of_real_files(real: Compared) -> None:
    _, all_ = real.share("1C", "2C")
    assert real.share_told("1C", "2C") >= 0.9 * all_, sorted(real.wanted - real.told)


def test_no_error_where_dciodvfy_passes_a_real_file(real: Compared) -> None:
    assert len(real.clean) >= 40
    assert real.false == ()


def test_what_we_alone_call_missing_is_known(real: Compared) -> None:
    """Listed with its reason in docs/explanation/header-rules.md."""
    assert real.more <= {("RTDose", "(0028,0008)")}


def test_the_bases_of_planted_faults_are_valid(tmp_path: Path) -> None:
    for name, dataset in bases().items():
        file = tmp_path / "base.dcm"
        file.write_bytes(encoded(dataset))
        verdict = ask(file)
        assert verdict.clean, f"{name}: {verdict.text}"
        errors = [one for one in checked(decoded(encoded(dataset))) if one.severity == "error"]
        assert errors == [], name


@pytest.fixture(scope="module")
def outcome() -> Planted:
    return planted(kept())


def test_planted_faults_are_found_and_harmless_changes_pass(outcome: Planted) -> None:
    assert outcome.faults == 500
    assert outcome.harmless >= 300
    assert outcome.found >= 0.95 * outcome.faults, outcome.missed
    assert outcome.false == ()


def test_committed_verdicts_are_what_dciodvfy_says(tmp_path: Path) -> None:
    rows = kept()
    made = {name: encoded(dataset) for name, dataset in bases().items()}
    chosen = np.random.default_rng(20260927).choice(len(rows), LIVE, replace=False)
    assert [rows[at] for at in chosen] == [judged(rows[at], made[rows[at].base], tmp_path) for at in chosen]


@pytest.fixture(scope="module")
def bare_files(tmp_path_factory: pytest.TempPathFactory) -> Bare:
    return bare(tmp_path_factory.mktemp("bare"))


def test_a_bare_file_of_each_kind_lacks_what_dciodvfy_says(bare_files: Bare) -> None:
    assert bare_files.kinds >= 100
    assert len(bare_files.wanted) >= 2500
    assert len(bare_files.got) >= 0.98 * len(bare_files.wanted), sorted(bare_files.wanted - bare_files.got)
    assert len(bare_files.more) <= 0.02 * len(bare_files.wanted), sorted(bare_files.more)


def test_no_part_of_a_check_finds_an_error_where_dciodvfy_passes(real: Compared) -> None:
    """Through the whole of ``qa check``: no error at all, whoever finds it."""
    files = real_files()
    found = {name: check(files[name]) for name in real.clean}
    assert {
        name: one.message for name, file in found.items() for one in file.findings if one.severity == "error"
    } == {}


def test_no_error_in_what_another_library_writes(tmp_path: Path) -> None:
    for name, dataset in highdicom_objects.made().items():
        file = tmp_path / "object.dcm"
        file.write_bytes(encoded(dataset))
        verdict = ask(file)
        assert verdict.clean, f"{name}: {verdict.text}"
        errors = [one for one in checked(decoded(encoded(dataset))) if one.severity == "error"]
        assert errors == [], name


def test_the_page_has_these_counts(real: Compared, outcome: Planted, bare_files: Bare) -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in PAGE.read_text().splitlines()
        if line.startswith("|")
    ]
    written = {row[0]: row[1:3] for row in rows}
    counts = {
        "type 1 and 2 errors of real files, once per (IOD, tag)": real.share("1", "2"),
        "type 1C and 2C errors of real files, once per (IOD, tag), at any severity": (
            real.share_told("1C", "2C"),
            real.share("1C", "2C")[1],
        ),
        "type 1 and 2 elements that a bare file of each of 113 kinds lacks": (
            len(bare_files.got),
            len(bare_files.wanted),
        ),
        "planted faults of type 1 and 2 in valid files": (outcome.found, outcome.faults),
        "errors of ours on the 44 real files that dciodvfy passes": (len(real.false), len(real.clean)),
        "errors of ours on harmless changes that dciodvfy passes": (len(outcome.false), outcome.harmless),
    }
    assert {name: written[name] for name in counts} == {
        name: [str(number) for number in pair] for name, pair in counts.items()
    }
