"""Header rules against dciodvfy, an independent judge: real files, planted faults, harmless changes.

``python -m benchmarks.header_rules`` prints the same counts; with ``--keep`` it writes the verdicts anew.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.header_oracle import (
    Compared,
    Planted,
    ask,
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
    assert real.clean >= 40
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


def test_the_page_has_these_counts(real: Compared, outcome: Planted) -> None:
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
        "planted faults of type 1 and 2 in valid files": (outcome.found, outcome.faults),
        "errors of ours on the 44 real files that dciodvfy passes": (len(real.false), real.clean),
        "errors of ours on harmless changes that dciodvfy passes": (len(outcome.false), outcome.harmless),
    }
    assert {name: written[name] for name in counts} == {
        name: [str(number) for number in pair] for name, pair in counts.items()
    }
