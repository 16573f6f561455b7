"""Reports say what was measured and no more: verdicts by bounds, numbers rounded outwards, names inert."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from simgrid.domain.targets import Target
from simgrid.experiments.answers import summaries
from simgrid.experiments.study import Column, NotAStudy, Study
from simgrid.presentation.board import saying, sliders
from simgrid.presentation.board.aims import aims_of
from simgrid.presentation.board.answer import chosen_policy, overall, sentence
from simgrid.presentation.board.given import read_given
from simgrid.presentation.board.inputs import base_cell, inputs_of, star
from simgrid.presentation.board.judging import judged
from simgrid.presentation.board.making import report
from simgrid.presentation.board.tornado import arms, flips
from simgrid.presentation.html.page import LARGEST_BYTES
from tests.reports import HOSTILE, TAIL, URGENT, given, invented

FOUR_BY_FIVE = {name: [f"{k} Mbit/s" for k in (1, 2, 4, 8, 16)] for name in ("a.b", "c.d", "e.f", "g.h")}


def noise(replication: int) -> float:
    """Values around 0 that differ between replications."""
    return (replication % 3 - 1) * 0.004


def many(share: float, *, times: float = 1.0) -> Study:
    """Replications enough for a bound of a share."""
    return invented({}, lambda _, r: (share + times * noise(r), 100.0 + r % 2), replications=240)


def study_with(study: Study, target: Target) -> Study:
    """The study with a target declared."""
    return replace(study, design=replace(study.design, targets=(target,)))


def share_of(levels: tuple[int, ...]) -> float:
    return 0.9 + 0.006 * sum(levels)


def values(levels: tuple[int, ...], replication: int) -> tuple[float, float]:
    return share_of(levels) + noise(replication), 100.0 + replication


@pytest.mark.parametrize(
    ("share", "word", "begins"),
    [(0.97, "met", "Yes: "), (0.93, "missed", "No: "), (0.955, "cannot be told", "It cannot be told yet")],
)
def test_three_answers_by_the_bound_and_never_by_the_mean(share: float, word: str, begins: str) -> None:
    study = many(share)
    found = judged(study, tuple(aims_of(study, (URGENT,))))
    said = sentence(study, found, 0, 0)
    assert said.word == word
    assert said.text.startswith(begins)
    assert said.text in report(given(study, targets=(URGENT,)))


def test_a_mean_above_the_target_with_a_bound_below_it_does_not_meet_it() -> None:
    study = many(0.953, times=10)
    found = judged(study, tuple(aims_of(study, (URGENT,))))
    figures = found.figures[0][0]
    assert figures is not None
    assert figures[0].mean > URGENT.bound
    assert overall(figures) == "cannot be told"


@pytest.mark.parametrize(
    ("target", "share", "minutes", "said"),
    [
        (URGENT, 0.97, 100, "at least "), (URGENT, 0.93, 100, "at most "), (URGENT, 0.955, 100, "between "),
        (TAIL, 0.97, 100, "at most "), (TAIL, 0.97, 130, "at least "), (TAIL, 0.97, 119.5, "between "),
        (replace(URGENT, periods=(1, 2)), 0.97, 100, "at least 98.7 % of periods promised (240 of 240 "),
        (replace(URGENT, periods=(1, 2)), 0.93, 100, "at most 1.3 % of periods (0 of 240 kept it)"),
    ],
)  # fmt: skip
def test_the_answer_quotes_the_bound_that_decides_and_no_shown_interval_contradicts_it(
    target: Target, share: float, minutes: float, said: str
) -> None:
    study = invented({}, lambda _, r: (share + noise(r), minutes + r % 2), replications=240)
    found = judged(study, tuple(aims_of(study, (target,))))
    text = sentence(study, found, 0, 0).text.replace("\N{NO-BREAK SPACE}", " ")
    assert f", with {said}" in text or f"”: {said}" in text, text
    figures = found.figures[0][0]
    assert figures is not None
    (one,) = figures
    inside = one.low < target.bound < one.high
    assert inside == (one.word == "cannot be told")
    rows = {row.column.metric: row for row in summaries(study_with(study, target))}
    row = rows[target.column]
    if target.periods is None:
        assert (row.mean, row.low, row.high) == (one.mean, one.low, one.high)
    else:  # nothing is judged by the mean of the periods
        assert row.mean == pytest.approx(one.mean) and np.isnan([row.low, row.high]).all()
        kept, by = rows[target.kept], one.judged
        assert by is not None and (kept.mean, kept.low, kept.high, kept.n) == (by.mean, by.low, by.high, by.n)
        assert kept.column.unit == "1"


def test_one_replication_tells_nothing_and_has_no_interval() -> None:
    study = invented({}, lambda _, r: (1.0, 10.0), replications=1)
    text = report(given(study, targets=(URGENT,)))
    assert "It cannot be told" in text
    assert "one replication, so no interval" in text


@pytest.mark.parametrize("share", [0.9991, 0.99999, 1.0])
def test_no_share_is_rounded_to_all_of_them(share: float) -> None:
    study = invented({}, lambda _, r: (share, 10.0))
    text = report(given(study, targets=(URGENT,))).replace("\N{NO-BREAK SPACE}", " ")
    assert "&gt;99.9 %" in text
    shown = re.sub(r"<style>.*?</style>", "", text, flags=re.S)
    assert not re.search(r"(?<![0-9.])100(\.0)? ?%", shown)


def test_ends_are_rounded_outwards_and_never_across_the_target() -> None:
    assert saying.in_words(0.95449, 0.95449, 0.95441, share=True, bound=None) == (
        "95.4",
        "95.4",
        "95.5",
    )
    mean, low, _ = saying.in_words(0.9502, 0.94996, 0.9512, share=True, bound=0.95)
    assert float(low) < 95 < float(mean)
    _, _, high = saying.in_words(118.0, 117.0, 119.96, share=False, bound=120.0)
    assert float(high) <= 120
    assert saying.percent(float("nan")) == "-"


def test_a_time_is_met_by_its_upper_bound() -> None:
    near = invented({}, lambda _, r: (1.0, 119.0 + (r % 2) * 3))
    found = judged(near, tuple(aims_of(near, (TAIL,))))
    assert sentence(near, found, 0, 0).word == "cannot be told"
    short = invented({}, lambda _, r: (1.0, 100.0 + (r % 2) * 3))
    found = judged(short, tuple(aims_of(short, (TAIL,))))
    assert sentence(short, found, 0, 0).word == "met"


def test_months_count_and_not_their_mean() -> None:
    monthly = replace(URGENT, periods=(19, 20))
    bad_months = invented({}, lambda _, r: (0.99 if r % 4 else 0.90, 100.0), replications=40)
    found = judged(bad_months, tuple(aims_of(bad_months, (monthly,))))
    assert sentence(bad_months, found, 0, 0).word == "missed"
    assert "30 of 40 kept it" in report(given(bad_months, targets=(monthly,)))


def test_the_page_is_the_same_bytes_and_small_with_four_inputs_of_five_levels() -> None:
    made = given(invented(FOUR_BY_FIVE, values, policies=("rwoa", "manual")), targets=(URGENT, TAIL))
    text = report(made)
    assert text == report(made)
    assert len(text.encode()) < LARGEST_BYTES
    rows = _data(text, "runs")["rows"]
    assert len(rows) == 2 * 5**4
    assert all(len(row[0]) == 5 for row in rows)


def test_a_study_too_large_for_all_policies_keeps_that_of_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    study = invented({"a.b": ["1", "2"]}, values, policies=("rwoa", "manual"))
    assert len(_data(report(given(study, targets=(URGENT, TAIL))), "runs")["rows"]) == 4
    monkeypatch.setattr(sliders, "MOST_BYTES", 300)
    data = _data(report(given(study, targets=(URGENT, TAIL))), "runs")
    assert [row[2][0] for row in data["rows"]] == ["rwoa", "rwoa"]


def test_every_sentence_under_the_sliders_is_that_of_its_cell() -> None:
    study = invented({"a.b": ["1", "2", "3"], "c.d": ["x", "y"]}, values)
    text = report(given(study, targets=(URGENT,)))
    data = _data(text, "runs")
    found = judged(study, tuple(aims_of(study, (URGENT,))))
    for cell, row in enumerate(data["rows"]):
        assert data["templates"][row[1]].format(*row[2]) == sentence(study, found, cell, 0).text


def test_a_tornado_has_only_cells_that_differ_in_one_input_and_says_where_the_answer_flips() -> None:
    places = {"units.main.link.bandwidth": ["1 Mbit/s", "4 Mbit/s", "16 Mbit/s"], "c.d": ["1", "2", "3"]}
    study = invented(places, lambda at, r: (0.93 + 0.03 * at[0] + noise(r), 1.0), replications=120)
    aims = tuple(aims_of(study, (URGENT,)))
    found = judged(study, aims)
    inputs = inputs_of(study)
    base = base_cell(study, inputs, None)
    assert study.design.points[base] == ("4 Mbit/s", "2")
    assert [study.design.points[cell] for cell in star(inputs, base, inputs[0]).values()] == [
        ("1 Mbit/s", "2"), ("4 Mbit/s", "2"), ("16 Mbit/s", "2"),
    ]  # fmt: skip
    said = flips(aims[0], arms(found, 0, 0, inputs, base))
    assert said[0].startswith("bandwidth, main: missed at 1 Mbit/s, cannot be told at 4 Mbit/s; ")
    assert "does not change" in said[-1].lower()
    assert "c d (1 to 3)" in said[-1]


def test_of_more_than_five_steps_the_ends_and_the_base_are_drawn() -> None:
    study = invented({"a.b": [str(k) for k in range(12)]}, lambda at, r: (0.9 + noise(r) + at[0] / 200, 1.0))
    found = judged(study, tuple(aims_of(study, (URGENT,))))
    (arm,) = arms(found, 0, 0, inputs_of(study), 4)
    assert len(arm.steps) == 5
    assert (arm.steps[0][0], arm.steps[-1][0]) == ("0", "11")
    assert [text for text, _, base in arm.steps if base] == ["4"]


def test_without_targets_the_best_policy_is_named_by_the_corrected_comparison() -> None:
    columns = (Column("all", "response_time_success", "1"),)
    study = invented({}, lambda _, r: (0.9 + noise(r),), columns=columns, policies=("rwoa", "manual"))
    alike = judged(study, ())
    assert sentence(study, alike, 0, chosen_policy(study, alike, 0)).text.startswith(
        "rwoa and manual cannot be told"
    )
    study.values[0, 0] += 0.05 + 0.001 * np.arange(6)[:, None]
    apart = judged(study, ())
    assert sentence(study, apart, 0, 0).text.startswith(
        "rwoa is better than manual in response-time success: 9"
    )


def test_hours_stand_in_cells_with_their_intervals_and_an_hour_of_nothing_is_empty() -> None:
    columns = (Column("all", "target.urgent", "1"), Column("hour=09", "response_time_success", "1"))
    study = invented({"radiologists.evening.count": ["1", "2"]}, columns=columns,
                     value=lambda at, r: (0.9, 0.5 + at[0] / 4 + noise(r)))  # fmt: skip
    text = report(given(study, targets=(URGENT,)))
    cells = re.findall(r'<td class="(h\d|none)">([^<]*)', text)
    assert len(cells) == 48
    assert [one for one in cells if one[0] != "none"] == [("h7", "50"), ("h4", "75")]
    assert re.search(r'75<span class="half">±1</span>', text)


def test_an_hour_that_is_the_same_in_all_replications_says_in_how_many() -> None:
    columns = (Column("all", "target.urgent", "1"), Column("hour=09", "response_time_success", "1"))
    study = invented({"radiologists.evening.count": ["1", "2"]}, columns=columns, value=lambda *_: (0.9, 0.5))
    text = report(given(study, targets=(URGENT,)))
    assert '50<span class="half">±0 (6)</span>' in text
    assert "fares worst: 50.0 % in time on average (the same in all 6 replications)" in text


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text_and_nothing_else(name: str) -> None:
    target = Target(name, "all", "response_time_success", 0.95, "higher")
    columns = (Column("all", target.column, "1"), Column(f"link={name}/up", "link_utilisation", "1"))
    study = invented({f"radiologists.{name}.count": [name, "2"]}, lambda _, r: (0.9 + noise(r), 0.5),
                     columns=columns, policies=(name, "manual"), title=name)  # fmt: skip
    plain = invented({"radiologists.x.count": ["x", "2"]}, lambda _, r: (0.9 + noise(r), 0.5),
                     columns=(Column("all", "target.x", "1"), Column("link=x/up", "link_utilisation", "1")),
                     policies=("x", "manual"), title="x")  # fmt: skip
    hostile = _tags(report(given(study, targets=(target,), stress=_stress(name))))
    harmless = _tags(report(given(plain, targets=(replace(target, name="x"),), stress=_stress("x"))))
    assert hostile == harmless


def test_a_policy_of_the_page_allows_its_own_style_and_script_and_nothing_else() -> None:
    text = report(given(invented({"a.b": ["1", "2"]}, values), targets=(URGENT,)))
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "script-src 'sha256-" in policy
    assert "unsafe" not in policy
    assert "http:" not in text
    assert "https:" not in text


def test_what_is_absent_is_named_with_its_command() -> None:
    columns = (Column("all", "response_time_success", "1"), Column("all", "tat_p95_min", "min"))
    text = report(given(invented({}, values, columns=columns)))
    for command in (
        "simgrid stress FILE",
        "simgrid plan FILE",
        "groups: [urgency, hour]",
        "sweep:",
        "targets:",
    ):
        assert command in text


def test_a_folder_that_holds_nothing_and_a_damaged_plan_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotAStudy, match=r"holds no study\.json"):
        read_given([tmp_path])
    (tmp_path / "plan.json").write_text('{"schema": 1, "plan": {"a": "b"}', encoding="utf-8")
    with pytest.raises(NotAStudy, match="damaged"):
        read_given([tmp_path])
    (tmp_path / "plan.json").write_text('{"schema": 9}', encoding="utf-8")
    with pytest.raises(NotAStudy, match="schema 9, expected 1"):
        read_given([tmp_path])
    (tmp_path / "plan.json").write_text('{"schema": 1, "tried": 7, "targets": [1]}', encoding="utf-8")
    with pytest.raises(NotAStudy, match="damaged"):
        report(read_given([tmp_path]))
    with pytest.raises(NotAStudy, match="twice"):
        read_given([tmp_path, tmp_path])


def test_stress_tests_are_told_worst_first_with_intervals() -> None:
    text = report(given(stress=_stress("line")))
    assert "A target breaks without: line (link)." in text
    assert "91.0 % (90.0 to 92.0 %)" in text
    assert "✗ missed" in text


def test_parts_of_other_scenarios_are_named_and_headed(tmp_path: Path) -> None:
    for name, title in (("one", "The coast"), ("two", "The <b>hills")):
        (tmp_path / name).mkdir()
        text = json.dumps(_stress("line") | {"title": title, "scenario": name})
        (tmp_path / name / "stress.json").write_text(text, encoding="utf-8")
    alone = report(read_given([tmp_path / "one"]))
    assert "different scenarios" not in alone
    assert "The stress test of" not in alone
    both = report(read_given([tmp_path / "one", tmp_path / "two"]))
    assert "This report is of 2 different scenarios" in both
    assert (
        "the stress test is of “The coast” (one); a further stress test, told in its answer only, is of"
        in both
    )
    assert "“The &lt;b&gt;hills” (two)" in both
    assert "<h2>The stress test of “The coast” (one)</h2>" in both


def test_a_target_of_another_scenario_lends_its_name_only() -> None:
    """The study's target of the same name asks for a time, the test's is a share: nothing of it is in min."""
    tested = _stress("tail")
    tested["targets"] = [
        {"name": "tail", "mean": 0.97, "low": 0.96, "high": 0.98, "verdict": "met", "says": "x"}
    ]
    text = report(given(stress=tested, targets=(TAIL,)))
    assert "97.0 % (96.0 to 98.0 %)" in text


def _stress(name: str) -> dict[str, object]:
    held = {"name": name, "mean": 0.97, "low": 0.96, "high": 0.98, "verdict": "met"}
    broken = held | {"mean": 0.91, "low": 0.90, "high": 0.92, "verdict": "missed"}
    return {
        "schema": 1,
        "title": name,
        "targets": [held],
        "without": [{"kind": "link", "name": name, "targets": [broken], "breaks": [name]}],
        "load": [{"scale": 1.05, "targets": [held]}],
        "first_miss": None,
        "outage": {"says": name},
    }


def _data(text: str, identifier: str) -> dict[str, list]:  # type: ignore[type-arg]
    (found,) = re.findall(f'<script type="application/json" id="{identifier}">(.*?)</script>', text)
    return json.loads(found)


def _tags(text: str) -> list[tuple[str, list[str]]]:
    """Every element that a reader of HTML finds, with the names of its attributes."""
    seen: list[tuple[str, list[str]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            seen.append((tag, [name for name, _ in attrs]))

    Reader().feed(text)
    return seen
