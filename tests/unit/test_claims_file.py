"""The claims file is read strictly: every slip is told with its place, all of them at once."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from simgrid.reproduction.claims import Band
from simgrid.reproduction.claims_file import read_claims, shipped_claims
from simgrid.reproduction.parts import parts_of
from simgrid.scenario import ScenarioInvalid

GOOD = """\
claims:
  A:
    place: [abstract]
    says: the policy is better
    experiment: table-1
    quantity: {difference: load_gini, policy: rwoa, against: [manual]}
    band: {below: 0}
"""


def read(tmp_path: Path, text: str):
    file = tmp_path / "claims.yaml"
    file.write_text(text, encoding="utf-8")
    return read_claims(file)


def refused(tmp_path: Path, text: str) -> list[tuple[str, int]]:
    with pytest.raises(ScenarioInvalid) as caught:
        read(tmp_path, text)
    return [(one.code, one.line) for one in caught.value.problems]


def test_the_shipped_file_holds_the_eighteen_claims_as_they_were_fixed() -> None:
    claims = {one.name: one for one in read_claims(shipped_claims())}
    numbered = [f"K{number}" for number in range(1, 19)]
    assert list(claims) == [*numbered[:7], "K4-K7", *numbered[7:]]
    assert claims["K4"].value == pytest.approx(0.1325)
    assert claims["K4"].bands[""] == Band(pytest.approx(0.099375), pytest.approx(0.165625))
    assert claims["K1"].bands[""] == Band(0.0, math.inf)
    assert claims["K8"].bands[""] == Band(-math.inf, 0.0)
    assert claims["K16"].band("copies_mean") == Band(0.0, math.inf)
    assert claims["K16"].band("sent_gb") == Band(-math.inf, 0.0)
    assert claims["K12"].values == {"sites": 52, "months": 30, "archived": 3350000, "reported": 14216}
    assert list(claims["K6"].readings) == ["wall-clock", "in-hours", "look-up"]
    assert claims["K17"].quantity is None


def test_every_reading_and_metric_has_a_verdict_of_its_own() -> None:
    names = {claim.name: [part.name for part in parts_of(claim)] for claim in read_claims(shipped_claims())}
    assert names["K1"] == [""]
    assert names["K4"] == ["practice", "cell"]
    assert names["K14"] == ["subspecialty_success", "workload_distance", "response_time_success"]
    assert names["K12"] == names["K13"] == names["K17"] == [""]
    assert names["K4-K7"] == ["wall-clock", "in-hours", "look-up", "cell", "stage-1"]
    assert sum(map(len, names.values())) == 36


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("says:", "sais:", "E101", 4),
        ("    says: the policy is better\n", "", "E102", 2),
        ("place: [abstract]", "place: []", "E106", 3),
        ("place: [abstract]", "place: [3]", "E106", 3),
        ("{difference: load_gini,", "{difference: load_ginny,", "E108", 6),
        ("{difference: load_gini,", "{distance: load_gini,", "E106", 6),
        ("{difference: load_gini,", "{difference: load_gini, gain: load_gini,", "E106", 6),
        (", against: [manual]", "", "E102", 6),
        ("{below: 0}", "{below: zero}", "E106", 7),
        ("{below: 0}", "{below: 0, above: 1}", "E106", 7),
        ("{below: 0}", "{around: 1, within: -1}", "E106", 7),
        ("{below: 0}", "{sent_gb: {below: 0}}", "E108", 7),
        ("    band: {below: 0}\n", "", "E102", 2),
        ("    experiment: table-1\n", "", "E102", 2),
        ("{below: 0}", "{below: 0}\n    value: much", "E106", 8),
        ("{below: 0}", "{below: 0}\n    value: true", "E106", 8),
        ("{below: 0}", "{below: 0}\n    expect: perhaps", "E108", 8),
        ("{below: 0}", "{below: 0}\n    expect: {cell: within}", "E108", 8),
        ("{below: 0}", "{below: 0}\n    readings: [a]", "E106", 8),
        ("claims:", "claim:", "E101", 1),
    ],
)
def test_a_slip_is_told_at_its_place(tmp_path: Path, old: str, new: str, code: str, line: int) -> None:
    assert old in GOOD
    assert (code, line) in refused(tmp_path, GOOD.replace(old, new))


def test_all_slips_are_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("says:", "sais:").replace("{below: 0}", "{below: zero}")
    assert refused(tmp_path, text) == [("E102", 2), ("E101", 4), ("E106", 7)]


@pytest.mark.parametrize(
    ("written", "quick", "full"),
    [
        ("within", "within", "within"),
        ("{quick: run more replications, full: within}", "run more replications", "within"),
        ("{full: differs}", None, "differs"),
    ],
)
def test_expectations_are_for_few_worlds_and_for_all(
    tmp_path: Path, written: str, quick: str | None, full: str
) -> None:
    (claim,) = read(tmp_path, GOOD + f"    expect: {written}\n")
    assert (claim.expected("", "quick"), claim.expected("", "full")) == (quick, full)


def test_expectations_by_reading(tmp_path: Path) -> None:
    text = GOOD + "    readings: {a: one way, b: another}\n    expect: {a: within, b: {full: differs}}\n"
    (claim,) = read(tmp_path, text)
    assert claim.expected("a", "quick") == claim.expected("a", "full") == "within"
    assert claim.expected("b", "quick") is None
    assert claim.expected("b", "full") == "differs"
