"""``simgrid verify``: a report's runs computed again from nothing but the page."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simgrid.cli.main import cli
from simgrid.experiments import verifying
from simgrid.experiments.sealed import (
    NotSealed,
    is_as_written,
    seal_of,
    sealed_block,
    sealed_page,
    seals_in,
)
from simgrid.experiments.verifying import choose, same_model
from simgrid.planning.sealing import planned_blocks
from simgrid.presentation.board.given import read_given
from simgrid.presentation.board.making import report as made

HOSTILE = "</script><script>alert(1)</script> & שלום"


def page(*folders: Path) -> str:
    return made(read_given(folders), 0)


def ran(scenario: str, output: Path, *more: str) -> Path:
    done = CliRunner().invoke(cli, ["run", scenario, "-o", str(output), "-j", "1", *more])
    assert done.exit_code == 0, done.output
    return Path(done.stdout.splitlines()[-1])


def verified(report: Path, *more: str) -> Result:
    return CliRunner().invoke(cli, ["verify", str(report), "-j", "1", *more])


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of two cells and two policies, with a hostile title, run cut short."""
    folder = tmp_path_factory.mktemp("study")
    file = folder / "swept.yaml"
    file.write_text(
        f"extends: tiny/one-unit\ntitle: {json.dumps(HOSTILE)}\nseed: 11\n"
        "policies: [rwoa, manual]\nprimary: [tat_mean_min]\n"
        "sweep: {sites.clinic.link.bandwidth: [2 Mbit/s, 10 Mbit/s]}\n"
    )
    return ran(str(file), folder / "results", "--smoke")


@pytest.fixture
def report(swept: Path, tmp_path: Path) -> Path:
    """The report alone in an empty folder."""
    made = tmp_path / "mailed" / "report.html"
    made.parent.mkdir()
    made.write_text(page(swept), encoding="utf-8")
    return made


def test_a_report_alone_in_a_folder_comes_out_the_same(report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(report.parent)
    done = verified(Path("report.html"))
    assert done.exit_code == 0, done.output
    assert "nothing was changed by accident (it is no signature)" in done.stdout
    assert "made again, all as shown" in done.stdout
    assert "3 of the 8 runs, drawn with --seed 0: computed again, the same to the last digit" in done.stdout
    assert [one.name for one in report.parent.iterdir()] == ["report.html"]


def test_which_runs_are_drawn_is_the_seed_s_and_is_told(report: Path) -> None:
    seals = seals_in(report.read_text(encoding="utf-8"))
    drawn = {seed: [one.run for one in choose(seals, 3, seed)] for seed in range(6)}
    assert drawn[0] == [one.run for one in choose(seals, 3, 0)]
    assert len({tuple(one.key for one in runs) for runs in drawn.values()}) > 3
    assert all(len({one.key for one in runs}) == 3 for runs in drawn.values())
    assert len(choose(seals, 99, 0)) == 8
    lines = [json.loads(line) for line in verified(report, "--seed", "4", "--json").stdout.splitlines()]
    assert [line["key"] for line in lines[2:-1]] == [one.key for one in drawn[4]]
    assert lines[0]["as_written"] is True
    assert lines[-1] == {"runs": 3, "of": 8, "seed": 4, "same": 3}


def test_a_changed_digit_of_a_run_is_found_though_the_check_sum_was_made_anew(report: Path) -> None:
    text = report.read_text(encoding="utf-8")
    run = seals_in(text)[0].runs[5]
    value = next(one for one in run.values if isinstance(one, float) and len(repr(one)) > 6)
    forged = sealed_page(
        text.replace(repr(value), repr(value)[:-1] + ("1" if repr(value)[-1] != "1" else "2"))
    )
    assert forged != text
    assert is_as_written(forged)
    report.write_text(forged, encoding="utf-8")
    done = verified(report, "--runs", "8")
    assert done.exit_code == 1
    assert f"in the report, {value!r} computed again" in done.stdout
    assert "only" in done.stdout


@pytest.mark.parametrize("part", ["key", "fingerprint"])
def test_a_changed_key_or_fingerprint_is_found(report: Path, part: str) -> None:
    text = report.read_text(encoding="utf-8")
    was = getattr(seals_in(text)[0].runs[0], part)
    report.write_text(sealed_page(text.replace(was, was[::-1])), encoding="utf-8")
    done = verified(report, "--runs", "8", "--json")
    assert done.exit_code == 1
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [len(line["differs"]) for line in lines[2:-1]].count(1) == 1


def test_the_check_sum_finds_any_change_of_the_page(report: Path) -> None:
    text = report.read_text(encoding="utf-8")
    assert is_as_written(text)
    for place in range(0, len(text), 97):
        other = text[:place] + ("0" if text[place] != "0" else "1") + text[place + 1 :]
        assert not is_as_written(other), text[place - 20 : place + 20]
    assert not is_as_written(text + "\n")
    report.write_text(text.replace("What this was made from", "What it was made from"), encoding="utf-8")
    done = verified(report, "--runs", "1")
    assert done.exit_code == 1
    assert "CHANGED since it was written" in done.stdout


def test_another_scenario_under_the_same_numbers_is_found(report: Path) -> None:
    """Half the load would make the promise easy."""
    text = report.read_text(encoding="utf-8")
    report.write_text(sealed_page(text.replace("count: 12", "count: 6 ")), encoding="utf-8")
    done = verified(report)
    assert done.exit_code == 1
    assert done.stdout.count("DIFFERS") == 3


def test_another_model_is_said_and_nothing_compared(report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made_by = seals_in(report.read_text(encoding="utf-8"))[0].model_version
    assert made_by is not None
    monkeypatch.setattr(verifying, "MODEL_VERSION", made_by + 1)
    done = verified(report)
    assert done.exit_code == 4
    assert f"made by model {made_by}, this is {made_by + 1}: cannot be compared" in done.stderr
    assert "same" not in done.stdout
    same_model([])


def test_names_in_a_scenario_are_inert_in_the_page(swept: Path) -> None:
    block = sealed_block(swept)
    assert block.count("<") == block.count(">") == 2
    assert block.isascii()
    assert "alert(1)" in block
    assert re.fullmatch(
        r'<script type="application/json" class="simgrid-seal" [^<>]*>[^<>&]*</script>', block
    )
    assert seals_in(sealed_page(block))[0].title == seal_of(swept).title == HOSTILE


def test_of_many_runs_a_sample_is_sealed_and_it_is_the_same_each_time(swept: Path) -> None:
    few = seal_of(swept, most_bytes=600)
    assert few.total == 8
    assert 1 < len(few.runs) < 8
    assert few.runs == seal_of(swept, most_bytes=600).runs
    assert set(few.runs) < set(seal_of(swept).runs)
    columns = [one.metric for one in few.columns]
    assert "tat_mean_min" in columns
    assert len(sealed_block(swept, 600)) < len(sealed_block(swept))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("<html></html>", "no seal"),
        (
            '<script type="application/json" class="simgrid-seal" data-page-check="'
            + "0" * 64
            + '">{}</script>',
            "damaged",
        ),
        (
            '<script type="application/json" class="simgrid-seal" data-page-check="'
            + "0" * 64
            + '">[1</script>',
            "damaged",
        ),
        (
            '<script type="application/json" class="simgrid-seal" data-page-check="'
            + "0" * 64
            + '">{"schema": 9}</script>',
            "schema 9",
        ),
    ],
)
def test_what_is_no_report_is_refused(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "page.html"
    file.write_text(content)
    done = verified(file)
    assert done.exit_code == 2
    assert said in done.stderr
    assert "Traceback" not in done.output


def test_files_that_are_none_are_refused(tmp_path: Path) -> None:
    assert verified(tmp_path).exit_code == 2
    assert verified(tmp_path / "none.html").exit_code == 2
    (tmp_path / "bytes.html").write_bytes(b"\xff\xfe\x00")
    done = verified(tmp_path / "bytes.html")
    assert done.exit_code == 2
    assert "UTF-8" in done.stderr


@pytest.mark.parametrize("name", ["/etc/passwd", "../other.csv", "a/b.csv", "C:\\x", "..", "", "."])
def test_a_seal_names_no_file_elsewhere(report: Path, name: str) -> None:
    text = report.read_text(encoding="utf-8")
    for parts in ({"name": name}, {"shipped": f"/{name}"}, {"shipped": f"../{name}"}):
        needed = {"name": "plain.csv", "what": "incidents", "shipped": "", "sha256": ""} | parts
        with pytest.raises(NotSealed):
            seals_in(text.replace('"needed":[]', f'"needed":{json.dumps([needed])}'))


def test_a_scenario_names_only_the_files_that_the_seal_lists(report: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a secret")
    text = report.read_text(encoding="utf-8")
    report.write_text(text.replace('"scenario":"', f'"scenario":"incidents: {secret}\\n'), encoding="utf-8")
    done = verified(report)
    assert done.exit_code == 2
    assert "not among its files" in done.stderr
    assert "a secret" not in done.output


def replaying(folder: Path, *, plug_in: str = "") -> Path:
    """The replayed log of the template, in a folder of somebody's, with a policy of her own."""
    folder.mkdir()
    for ending in ("csv", "yaml"):
        shutil.copy(Path("scenarios/templates") / f"your-own-log.{ending}", folder)
    policies = "[first-free, manual]" if plug_in else "[manual]"
    extra = f"plug_ins: {{first-free: {plug_in}}}\n" if plug_in else ""
    file = folder / "mine.yaml"
    file.write_text(
        f"extends: your-own-log.yaml\n{extra}policies: {policies}\nbaseline: manual\nreplications: 2\n"
    )
    return file


def test_a_replayed_log_must_lie_beside_the_report(tmp_path: Path) -> None:
    folder = ran(str(replaying(tmp_path / "hers")), tmp_path / "results", "--smoke")
    report = tmp_path / "his" / "report.html"
    report.parent.mkdir()
    report.write_text(page(folder), encoding="utf-8")
    assert str(tmp_path) not in report.read_text(encoding="utf-8")
    done = verified(report)
    assert done.exit_code == 2
    assert "your-own-log.csv is not there (named by demand.log.file)" in done.stderr
    log = tmp_path / "hers" / "your-own-log.csv"
    (report.parent / log.name).write_text(log.read_text() + "\n")
    done = verified(report)
    assert done.exit_code == 2
    assert "is another file than the report was made with" in done.stderr
    shutil.copy(log, report.parent)
    done = verified(report)
    assert done.exit_code == 0, done.output


def test_a_plug_in_is_executed_only_where_it_is_trusted(tmp_path: Path) -> None:
    hers = tmp_path / "hers"
    file = replaying(hers, plug_in="first_free.py:FirstFree")
    text = Path("docs/how-to/own-policy.md").read_text(encoding="utf-8")
    found = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert found is not None
    (hers / "first_free.py").write_text(found.group(1))
    folder = ran(str(file), tmp_path / "results", "--smoke")
    report = tmp_path / "his" / "report.html"
    report.parent.mkdir()
    report.write_text(page(folder), encoding="utf-8")
    shutil.copy(hers / "your-own-log.csv", report.parent)
    (report.parent / "first_free.py").write_text("from pathlib import Path\nPath('ran').touch()\n")
    done = verified(report)
    assert done.exit_code == 2
    assert "its runs execute first_free.py" in done.stderr
    done = verified(report, "--plug-ins")
    assert done.exit_code == 2
    assert "first_free.py is another file" in done.stderr
    shutil.copy(hers / "first_free.py", report.parent)
    done = verified(report, "--plug-ins", "--runs", "4")
    assert done.exit_code == 0, done.output
    assert "first-free" in done.stdout
    assert not Path("ran").exists()
    assert not (report.parent / "ran").exists()


def test_the_runs_of_a_stress_test_and_of_a_plan_come_out_the_same_too(tmp_path: Path) -> None:
    file = tmp_path / "asked.yaml"
    file.write_text(
        "extends: tiny/one-unit\npolicies: [shortest-queue]\nhorizon: 1 h\n"
        "demand: {count: 6}\ntargets: {quick: {of: all, within: 60 min, share: 30 %}}\n"
        "costs: {radiologists: 85 EUR/h}\nstress: {load_to: 1.1}\n"
        "plan: {vary: {radiologists.ada.count: 1..2}, meet: targets, minimise: cost, runs: 20}\n"
    )
    folders = []
    for command in (["stress", "-r", "2"], ["plan"]):
        output = tmp_path / command[0]
        done = CliRunner().invoke(cli, [*command, str(file), "-o", str(output), "-j", "1"])
        assert done.exit_code in (0, 1), done.output
        folders.append(Path(done.stdout.splitlines()[-1]))
    report = tmp_path / "sent" / "report.html"
    report.parent.mkdir()
    report.write_text(page(*folders), encoding="utf-8")
    stress, plan = seals_in(report.read_text(encoding="utf-8"))
    assert {"", "without unit desk", "load x 1.05"} <= {label for (label,) in stress.points}
    assert {point[-1] for point in plan.points} == {"of the search", "of the test"}
    lines = [json.loads(line) for line in verified(report, "--runs", "12", "--json").stdout.splitlines()]
    assert {line["verdict"] for line in lines[2:-1]} == {"same"}
    assert {line["study"] for line in lines[2:-1]} == {one.name for one in folders}
    told = verified(report, "--runs", "1").stdout
    assert "(not among them: the runs of a plan with more load or other people, of an outage" in told
    forged = "".join(planned_blocks(folders[0])).replace("load x 1.05", "load x 1.95")
    report.write_text(sealed_page(forged), encoding="utf-8")
    assert verified(report, "--runs", "999").exit_code == 1
    report.write_text(sealed_page(forged.replace("without unit desk", "without a reason")), encoding="utf-8")
    done = verified(report, "--runs", "999")
    assert done.exit_code == 4
    assert "no state 'without a reason': it was changed" in done.stderr
    for folder in folders:
        shutil.rmtree(folder / "runs")
        assert list(planned_blocks(folder)) == []
