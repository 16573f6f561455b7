"""One deployment, told once: of several looks at it the one with the most replications leads."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from simgrid.cli.main import cli
from simgrid.presentation.board.given import read_given
from simgrid.presentation.board.making import report
from simgrid.presentation.board.standing import looks, of_which, other_question, otherwise
from tests import planned
from tests.reports import URGENT, given

KEY, OTHER = "a" * 32, "b" * 32


def held(word: str, low: float, high: float, n: int) -> list[dict[str, object]]:
    return [{"name": "urgent", "mean": 0.97, "low": low, "high": high, "n": n, "verdict": word}]


def a_plan(word: str = "met", n: int = 60, now: str = OTHER, sure: float = 0.95) -> dict[str, object]:
    return {
        "schema": 1, "status": "found", "answer": "This one.", "plan": {"x": "1"}, "confidence": sure,
        "first_run": KEY, "targets": held(word, 0.953, 0.99, n),
        "now": {"plan": {"x": "2"}, "first_run": now, "n": n, "targets": held("missed", 0.8, 0.9, n)},
    }  # fmt: skip


def a_test(word: str = "cannot be told apart", n: int = 8, key: str = KEY) -> dict[str, object]:
    return {"schema": 1, "n": n, "first_run": key, "targets": held(word, 0.7, 0.99, n)}


def told(plan: dict[str, object], stress: dict[str, object]) -> list[str]:
    return list(otherwise(looks(plan, None, stress, (URGENT,)), "stress test"))


def test_the_look_with_more_replications_leads_and_the_other_says_why_it_differs() -> None:
    (said,) = told(a_plan(), a_test())
    assert said == (
        "For the same deployment the plan’s test counts, with 60 replications: “urgent” is met, 97.0 % "
        "(95.3 to 99.0 %). Here, with 8 replications: “urgent” cannot be told, 97.0 % (70.0 to 99.0 %). "
        "Fewer replications leave wider bounds. The two agree: what few cannot show, more do."
    )
    found = looks(a_plan(), None, a_test(), (URGENT,))
    assert list(otherwise(found, "plan")) == []
    found = looks(a_plan(n=60), None, a_test(n=200), (URGENT,))
    assert list(otherwise(found, "stress test")) == []
    (said,) = otherwise(found, "plan")
    assert said.startswith("For the same deployment the stress test counts, with 200 replications")


def test_two_figures_of_one_plan_are_explained_though_both_say_the_same() -> None:
    """With both bounds of the plan's test, of which plan.json tells the unfavourable one at the head."""
    plan = a_plan()
    bounds = {"name": "urgent", "mean": 0.97, "low": 0.953, "high": 0.985}
    plan["tried"] = [
        {"plan": {"x": "9"}, "stage": "test", "targets": [bounds | {"low": 0.1}]},
        {"plan": {"x": "1"}, "stage": "test", "targets": [bounds]},
    ]
    assert isinstance(plan["targets"], list)
    del plan["targets"][0]["high"]
    (said,) = told(plan, a_test("met"))
    assert said == (
        "This is the deployment of the plan’s test once more: its 60 replications are others than the "
        "8 here, so the figures differ by chance. “urgent”: 97.0 % (95.3 to 98.5 %) there, "
        "97.0 % (70.0 to 99.0 %) here, met by both."
    )
    found = looks(plan, None, a_test("met"), (URGENT,))
    assert list(otherwise(found, "plan")) == []


def test_nothing_is_said_where_the_figures_are_the_same_or_of_different_deployments() -> None:
    same = a_test("met") | {"targets": held("met", 0.953, 0.99, 60), "n": 60}
    assert told(a_plan(), same) == []
    assert told(a_plan(), a_test(key="c" * 32)) == []
    assert told(a_plan() | {"first_run": None}, a_test() | {"first_run": None}) == []


def test_another_confidence_is_a_reason_and_a_contradiction_is_called_one() -> None:
    (said,) = told(a_plan(n=8, sure=0.9), a_test(n=8))
    assert said.endswith("The bounds here hold with 95 %, those with 90 % confidence.")
    (said,) = told(a_plan(n=8), a_test("missed", n=8))
    assert "Each has other replications. The two contradict each other" in said


@pytest.mark.parametrize(
    ("key", "says"),
    [
        (KEY, "This is of the plan that is named above."),
        (OTHER, "This is of the scenario as it is written, not of the plan that is named above."),
        ("c" * 32, ""),
    ],
)
def test_the_stress_test_says_what_it_is_of(key: str, says: str) -> None:
    assert of_which(looks(a_plan(), None, a_test(key=key), (URGENT,)), "stress test") == says


def test_where_periods_count_the_share_of_them_is_told_and_not_minutes() -> None:
    """The figure of such a target is a share of periods, whatever the target is of."""
    late = replace(URGENT, metric="tat_p95_min", kind="metric", better="lower", bound=90.0, periods=(19, 20))
    load = [{"scale": 1.05, "targets": held("met", 0.953, 0.99, 8)}]
    text = report(given(stress=a_test() | {"without": [], "load": load}, targets=(late,)))
    assert "97.0 % (95.3 to 99.0 %)" in text
    assert "0.9 min" not in text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan, and a stress test of that plan under another name with few replications, in two folders."""
    place = tmp_path_factory.mktemp("standing")
    file = planned.written(place)
    (place / "chosen.yaml").write_text(
        f"extends: {file.name}\ntitle: As planned\n"
        "units: {desk: {link: {bandwidth: 4 Mbit/s}}}\nradiologists: {reader: {count: 1}}\n"
    )
    for command in (["plan", str(file)], ["stress", str(place / "chosen.yaml"), "-r", "5"]):
        done = CliRunner().invoke(cli, [*command, "-j", "1", "-o", str(place / "results")])
        assert done.exit_code == 0, done.output
    return place / "results"


def test_a_stress_test_of_the_plan_is_known_by_its_runs_and_not_by_its_name(folder: Path) -> None:
    plan, tested = sorted(folder.glob("world-*"))[0], sorted(folder.glob("chosen-*"))[0]
    found = json.loads((plan / "plan.json").read_text())
    stress = json.loads((tested / "stress.json").read_text())
    assert found["first_run"] == stress["first_run"] != found["now"]["first_run"]
    text = html.unescape(report(read_given([plan, tested])))
    assert "different scenarios" not in text
    assert "This is of the plan that is named above." in text
    assert "For the same deployment the plan’s test counts, with " in text
    used = re.search(r"<dt>replications</dt><dd>(.*?)</dd>", text)
    assert used
    assert re.fullmatch(r"plan \d+ of what is named and \d+ runs in all; stress test 5 as deployed", used[1])


def test_a_plan_with_fewer_people_is_told_from_a_radiologist_who_stays_away() -> None:
    """Two figures of fewer heads on one page, of other replications and of another question."""
    plan = a_plan() | {"rivals": [{"plan": {"x": "0"}, "n": 40}]}
    away = a_test(n=5) | {"without": [{"kind": "radiologist", "name": "ada", "targets": []}]}
    (said,) = other_question(plan, away)
    assert "another question than a radiologist who stays away here" in said
    assert "by 40 replications of its own, and here are at most 5" in said
    (said,) = other_question(a_plan(), away)  # of no rivals there are no replications to tell
    assert "as many are left as in a smaller plan" in said and "compare the bounds" in said
    assert list(other_question(None, away)) == []
    assert list(other_question(plan, a_test())) == []
