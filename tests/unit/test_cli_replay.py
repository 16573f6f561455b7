"""``simgrid replay``: every kind of log to a scenario that runs, nobody in it, nothing lost."""

from __future__ import annotations

import csv
import errno
import gzip
import os
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from click.testing import Result

from simgrid.cli import progress
from simgrid.experiments.replaying.load import load_of, usual_link, usual_storage
from simgrid.experiments.replaying.team import local_seconds, members
from simgrid.scenario import load
from simgrid.scenario.files import read_extended
from simgrid.scenario.ledger import unaccounted
from tests.hospital_logs import BAD, GOOD, LOGS, PLANTED, csv_log, xes_log
from tests.replay_logs import csv_text, row, take
from tests.replaying import replayed, simgrid


@pytest.fixture(scope="module", params=LOGS)
def converted(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Result, Path]:
    """Each kind of log, converted once: its kind, what was said, and the scenario."""
    folder = tmp_path_factory.mktemp(request.param)
    result, scenario = replayed(LOGS[request.param](folder), folder / "made")
    return request.param, result, scenario


def test_a_log_becomes_a_scenario_that_runs_at_once(
    converted: tuple[str, Result, Path], tmp_path: Path
) -> None:
    kind, result, scenario = converted
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[0] == f"log 1: {kind}"
    assert result.stdout.splitlines()[-1] == str(scenario)
    checked = simgrid("validate", scenario)
    assert (checked.exit_code, checked.stderr) == (0, "")
    ran = simgrid("run", scenario, "--smoke", "-j", "1", "-o", tmp_path)
    assert ran.exit_code == 0, ran.output
    (folder,) = tmp_path.iterdir()
    with (folder / "replications.csv").open(encoding="utf-8", newline="") as rows:
        assert {one["policy"] for one in csv.DictReader(rows)} >= {"rwoa", "manual"}


def test_a_run_says_in_two_lines_what_it_replays_and_keeps_the_whole_account(tmp_path: Path) -> None:
    result, scenario = replayed(csv_log(tmp_path), tmp_path / "made")
    assert result.exit_code == 0, result.output
    ledger = scenario.read_text(encoding="utf-8")
    assert (
        'radiologists.*.ratings: {assumed: "0.7 for all: a log does not say who is good at what"}' in ledger
    )
    ran = simgrid("run", scenario, "--smoke", "-j", "1", "-o", tmp_path / "results")
    requests, drawn, blank = ran.stdout.splitlines()[:3]
    assert requests == (
        f"night.log.csv: {GOOD} requests of 2 sites, 2026-01-05 08:00 UTC to 2026-01-05 09:15 UTC"
    )
    assert drawn.startswith(
        f"drawn: icd10 of {GOOD}, priority of {GOOD}, size_bytes of {GOOD}, images of {GOOD} ("
    )
    assert blank == ""
    (folder,) = (tmp_path / "results").iterdir()
    kept = (folder / "workload.txt").read_text(encoding="utf-8").splitlines()
    assert kept[0] == f"{GOOD} rows read: {GOOD} accepted, 0 rejected"
    assert f"images: {GOOD} missing: to be sampled" in kept
    shown = simgrid("validate", "-v", scenario).stdout.splitlines()
    assert [one.strip() for one in shown[1:]] == kept
    assert len(simgrid("validate", scenario).stdout.splitlines()) == 1


def test_every_row_is_accepted_or_listed_with_its_reason(converted: tuple[str, Result, Path]) -> None:
    kind, result, scenario = converted
    with scenario.with_name("night.rejected.csv").open(encoding="utf-8", newline="") as stream:
        refused = list(csv.DictReader(stream))
    assert len(refused) == BAD
    assert all(one["file"] == "1" and int(one["line"]) > 0 and one["reason"] for one in refused)
    if kind == "DICOM":
        assert f"{GOOD + BAD} files read: {GOOD} used in {GOOD} studies, {BAD} not used" in result.stdout
        return
    assert f"{GOOD + BAD} rows read: {GOOD} accepted, {BAD} rejected" in result.stdout
    with scenario.with_name("night.log.csv").open(encoding="utf-8", newline="") as stream:
        assert len(list(csv.DictReader(stream))) == GOOD


def test_nobody_is_in_anything_that_is_written_or_said(converted: tuple[str, Result, Path]) -> None:
    _, result, scenario = converted
    written = [path for path in scenario.parent.iterdir() if path.is_file()]
    assert len(written) >= 2
    everything = b"".join(path.read_bytes() for path in written) + result.output.encode()
    assert [plant for plant in PLANTED if plant.encode() in everything] == []


def test_every_number_of_the_scenario_has_its_line_in_the_ledger(converted: tuple[str, Result, Path]) -> None:
    loaded = load(converted[2])
    assert unaccounted(read_extended(converted[2]), loaded.cells[0].sources) == []


def test_what_is_a_log_is_told_by_its_content(tmp_path: Path) -> None:
    packed = tmp_path / "feed.hl7"
    packed.write_bytes(gzip.compress(xes_log(tmp_path).read_bytes()))
    marked = tmp_path / "report.txt"
    marked.write_bytes(b"\xef\xbb\xbf" + csv_log(tmp_path).read_bytes())
    result, _ = replayed(packed, tmp_path / "made", str(marked))
    assert result.stdout.startswith(f"log 1: XES\nlog 2: CSV\n{2 * (GOOD + BAD)} rows read")


def test_times_sites_and_the_window_are_the_logs(tmp_path: Path) -> None:
    _, scenario = replayed(csv_log(tmp_path), tmp_path / "made")
    (cell,) = load(scenario).cells
    assert cell.start == datetime(2026, 1, 5, tzinfo=ZoneInfo("Europe/Dublin"))
    assert cell.horizon_s == 86400
    assert [site.name for site in cell.sites] == ["site-01", "site-02"]
    assert sorted(one.name for one in cell.radiologists) == ["radiologist-01", "radiologist-02"]
    places = {line.place: line.provenance for line in cell.sources}
    assert (places["demand.log"], places["radiologists.*.hours"]) == ("stated", "assumed")


def test_names_are_kept_on_request_in_a_form_that_scenarios_take(tmp_path: Path) -> None:
    odd = ("St. Mary's", "St Mary s", "data-centre", "süd & <west>", "007", "no", "???")
    text = csv_text([row(n, site=site, assigned_to=f"Dr. {site}") for n, site in enumerate(odd, 1)])
    (tmp_path / "log.csv").write_text(text, encoding="utf-8")
    result, scenario = replayed(tmp_path / "log.csv", tmp_path / "made", "--keep", "sites,radiologists")
    assert result.exit_code == 0, result.output
    (cell,) = load(scenario).cells
    names = {site.name for site in cell.sites}
    assert names >= {"St-Mary-s", "St-Mary-s-2", "data-centre-2", "sud-west", "007", "no", "site"}
    assert {"Dr-St-Mary-s", "Dr-007"} <= {one.name for one in cell.radiologists}
    assert simgrid("validate", scenario).exit_code == 0


def test_the_same_key_gives_the_same_pseudonyms(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(bytes(range(65, 97)))
    log = csv_log(tmp_path)
    made = [replayed(log, tmp_path / "made", "--key-file", str(key), name=name)[1] for name in ("a", "b")]
    other = replayed(log, tmp_path / "made", name="c")[1]
    first, second, third = (path.with_suffix(".log.csv").read_bytes() for path in (*made, other))
    assert first == second != third


def test_own_words_are_mapped_and_gaps_filled_as_declared(tmp_path: Path) -> None:
    rows = [row(1, priority="P1"), row(2, priority="whatever"), row(3, priority="", modality="CTA")]
    (tmp_path / "log.csv").write_text(csv_text(rows), encoding="utf-8")
    mapping = tmp_path / "map.json"
    mapping.write_text(
        '{"values": {"priority": {"p1": "stat"}, "modality": {"CTA": "CT"}}}', encoding="utf-8"
    )
    options = (
        "--map",
        str(mapping),
        "--missing",
        "priority=routine",
        "--lenient",
        "priority",
        "--sample",
        "images",
    )
    result, scenario = replayed(tmp_path / "log.csv", tmp_path / "made", *options)
    assert result.exit_code == 0, result.output
    with scenario.with_suffix(".log.csv").open(encoding="utf-8", newline="") as stream:
        found = [(one["priority"], one["modality"], one["images"]) for one in csv.DictReader(stream)]
    assert found == [("stat", "CT", ""), ("routine", "CT", ""), ("routine", "CT", "")]


def test_times_in_the_logs_own_form_are_declared_and_the_way_out_is_said_until_then(tmp_path: Path) -> None:
    log, mapping = tmp_path / "log.csv", tmp_path / "map.yaml"
    log.write_text("Requested at;site\n5.1.2026 8:05;north\n46027.25;south\n", encoding="utf-8")
    mapping.write_text("columns: {}\n", encoding="utf-8")
    refused, _ = replayed(log, tmp_path / "made", "--map", str(mapping))
    assert refused.exit_code == 2
    assert "times:" in refused.stderr
    mapping.write_text("times: ['%d.%m.%Y %H:%M', excel]\n", encoding="utf-8")
    result, scenario = replayed(log, tmp_path / "made", "--map", str(mapping))
    assert result.exit_code == 0, result.output
    assert "other times" not in result.stdout
    written = scenario.with_name("night.log.csv").read_text(encoding="utf-8")
    assert [line.split(",")[2] for line in written.splitlines()[1:]] == [
        "2026-01-05T06:00:00+00:00",
        "2026-01-05T08:05:00+00:00",
    ]


def test_a_mapping_may_stand_either_way_round(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("Ordered,Where\n2026-01-05T08:00Z,north\n", encoding="utf-8")
    mapping = tmp_path / "map.yaml"
    mapping.write_text("requested_at: Ordered\nWhere: site\n", encoding="utf-8")
    result, _ = replayed(tmp_path / "log.csv", tmp_path / "made", "--map", str(mapping))
    assert "1 rows read: 1 accepted" in result.stdout
    assert "site: 1 from the log" in result.stdout


def test_nothing_is_written_over_without_being_asked(tmp_path: Path) -> None:
    log = csv_log(tmp_path)
    first, scenario = replayed(log, tmp_path / "made")
    before = {path: path.read_bytes() for path in scenario.parent.iterdir()}
    again, _ = replayed(log, tmp_path / "made")
    assert (first.exit_code, again.exit_code) == (0, 2)
    assert again.stderr.count("exists: give --force") == 3
    assert {path: path.read_bytes() for path in scenario.parent.iterdir()} == before
    forced, _ = replayed(log, tmp_path / "made", "--force")
    assert forced.exit_code == 0
    beside = scenario.with_name("own.log.csv")
    shutil.copy(log, beside)
    own, _ = replayed(beside, tmp_path / "made", "--force", name="own")
    assert own.exit_code == 2
    assert "is one of the logs" in own.stderr
    assert beside.read_bytes() == log.read_bytes()


def test_a_log_of_which_nothing_can_be_used_is_listed_and_may_be_tried_again(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("requested_at\nsoon\nlater\n", encoding="utf-8")
    for _ in range(2):
        result, scenario = replayed(log, tmp_path / "made")
        assert result.exit_code == 2
        assert "none of the 2 rows can be used" in result.stderr
        assert [path.name for path in scenario.parent.iterdir()] == ["night.rejected.csv"]
    log.write_text("requested_at\n2026-01-05T08:00Z\n", encoding="utf-8")
    assert replayed(log, tmp_path / "made")[0].exit_code == 0


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    log = csv_log(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        result, scenario = replayed(log, tmp_path / "made")
    assert result.exit_code == 4
    assert "disk is full" in result.stderr
    assert list(scenario.parent.iterdir()) == []


def test_an_interrupt_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("simgrid.experiments.replaying.conversion.write_log", interrupted)
    result, scenario = replayed(csv_log(tmp_path), tmp_path / "made")
    assert result.exit_code == 130
    assert "nothing was written" in result.stderr
    assert list(scenario.parent.iterdir()) == []


def test_progress_in_a_pipe_is_lines_with_the_time_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0.0)
    text = csv_text([row(n % 900, inspection_id=f"A{n}") for n in range(4000)])
    (tmp_path / "log.csv").write_text(text, encoding="utf-8")
    result, _ = replayed(tmp_path / "log.csv", tmp_path / "made")
    assert re.search(r"^0\.\d\d of 0\.\d\d MB, about \d+ s left$", result.stderr, re.MULTILINE)
    assert " MB, " not in result.stdout
    files, _ = replayed(LOGS["DICOM"](tmp_path), tmp_path / "dicom")
    assert re.search(rf"^\d of {GOOD + BAD} files, about \d+ s left$", files.stderr, re.MULTILINE)


@pytest.mark.parametrize("name", ["0123", "010", "7", "1e3", "true", "null", "NO", "R-1"])
def test_kept_names_that_look_like_numbers_stay_names(tmp_path: Path, name: str) -> None:
    (tmp_path / "log.csv").write_text(
        csv_text([row(n, site=f"0{n % 2}", assigned_to=name) for n in range(4)]), encoding="utf-8"
    )
    result, scenario = replayed(tmp_path / "log.csv", tmp_path / "made", "--keep", "sites,radiologists")
    assert result.exit_code == 0, result.output
    (cell,) = load(scenario).cells
    kept = "radiologist-01" if name == "null" else name  # which says that nobody is named
    assert {one.name for one in cell.radiologists} <= {kept, "reader-1", "reader-2", "reader-3", "reader"}
    assert [one.name for one in cell.sites] == ["00", "01"]


def test_the_team_is_what_the_log_shows(tmp_path: Path) -> None:
    """Four weeks of readings of 20 min, weekdays 9 to 12 h in Dublin; away in the second week."""
    rows = []
    for day in (day for week in (0, 2, 3) for day in range(7 * week, 7 * week + 5)):
        for number in range(9):
            at = np.datetime64("2026-06-01T07:50") + np.timedelta64(day * 1440 + 20 * number, "m")
            times = {"requested_at": str(at), "opened_at": str(at + np.timedelta64(15, "m"))}
            times["reported_at"] = str(at + np.timedelta64(35, "m"))
            rows.append(row(1, inspection_id=f"{day}-{number}", **{k: f"{v}Z" for k, v in times.items()}))
    rows.append(row(2, requested_at="2026-06-28T20:00Z", assigned_to="Dr Seldom", modality="MR", icd10=""))
    log, _ = take(tmp_path / "log.csv", csv_text(rows))
    regular, seldom = members(log, ZoneInfo("Europe/Dublin"), 28)
    assert (regular.inspections, regular.reads, regular.hours) == (135, ("CT",), "Mon-Fri 09:00-13:00")
    assert regular.absence == 0.25
    expected = log.patterns[0].kinds[0].effort_min
    assert regular.speed == pytest.approx(20 / expected)
    assert (seldom.reads, seldom.hours, seldom.absence, seldom.speed) == ((), None, 0.0, None)


@pytest.mark.parametrize(
    ("seldom", "regular_reads", "seldom_reads"), [(3, {"CT"}, {"CT", "US"}), (40, {"CT", "US"}, {"CT", "US"})]
)
def test_what_nobody_is_shown_to_read_has_its_reader(
    tmp_path: Path, seldom: int, regular_reads: set[str], seldom_reads: set[str]
) -> None:
    """Forty CT by one, some by another, and an ultrasound that nobody is named for."""
    rows = [row(n, assigned_to="A" if n < 40 else "B") for n in range(40 + seldom)]
    rows.append(row(90, modality="US", body_part="Upper Abdomen", icd10="", assigned_to=""))
    (tmp_path / "log.csv").write_text(csv_text(rows), encoding="utf-8")
    _, scenario = replayed(tmp_path / "log.csv", tmp_path / "made", "--keep", "radiologists")
    reads = {one.name: set(one.reads) for one in load(scenario).cells[0].radiologists}
    assert reads == {"A": regular_reads, "B": seldom_reads}


def test_local_seconds_follow_daylight_saving() -> None:
    times = [datetime(2026, 3, 29, hour, 30, tzinfo=UTC).timestamp() for hour in (0, 1, 2)]
    local = local_seconds(np.array(times), ZoneInfo("Europe/Dublin"))
    assert (local - np.array(times)).tolist() == [0, 3600, 3600]


def test_the_load_is_that_of_the_busiest_hour(tmp_path: Path) -> None:
    """9 MB twice within an hour at A and once after it, 27 MB at B, 4.5 MB nowhere; one of two is urgent."""
    given = (("A", "08:05", "9e6"), ("A", "08:55", "9e6"), ("A", "09:00", "9e6"), ("B", "10:00", "27e6"))
    rows = [
        row(
            n,
            site=site,
            requested_at=f"2026-01-05T{at}Z",
            size_bytes=size,
            priority=("stat", "routine", "", "")[n],
        )
        for n, (site, at, size) in enumerate(given)
    ]
    rows.append(row(9, site="", requested_at="2026-01-05T11:00Z", size_bytes="4.5e6", priority=""))
    log, _ = take(tmp_path / "log.csv", csv_text(rows))
    load = load_of(log)
    by_site = dict(zip(log.sites, load.site_bps[:-1], strict=True))
    assert sorted(by_site.values()) == pytest.approx([18e6 * 8 / 3600, 27e6 * 8 / 3600])
    assert load.site_bps[-1] == pytest.approx(4.5e6 * 8 / 3600)
    assert (load.all_bps, load.day_bytes, load.urgent) == pytest.approx((27e6 * 8 / 3600, 58.5e6, 0.5))
    assert load.work_min == pytest.approx(5 * log.patterns[0].kinds[0].effort_min)


def test_assumed_links_leave_room() -> None:
    assert [usual_link(one * 1e6) for one in (0, 7, 7.1, 650, 1e9)] == [
        *("10 Mbit/s", "10 Mbit/s", "20 Mbit/s", "1 Gbit/s", "100 Gbit/s")
    ]
    assert [usual_storage(one * 1e12) for one in (0.1, 2.1, 1e9)] == ["2 TB", "5 TB", "10000 TB"]
