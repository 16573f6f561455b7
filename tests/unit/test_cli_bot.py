"""The bot's commands: what they print, what they leave, and how they say no."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pydicom
import pytest
from click.testing import CliRunner, Result

from simgrid.cli.main import cli
from tests.bots import content, deadly_decoder, inbox, named_ct, noisy_ct, run


@pytest.fixture
def salt(tmp_path: Path) -> Path:
    made = tmp_path / "salt"
    made.write_bytes(b"the salt of this test")
    return made


def qa(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["qa", *map(str, arguments)], catch_exceptions=False)


def test_the_bot_files_every_file_and_says_so(tmp_path: Path, salt: Path) -> None:
    folder, output = inbox(tmp_path / "in", ("CT_small.dcm", "MR_truncated.dcm")), tmp_path / "out"
    noisy_ct(folder / "noisy.dcm")
    made = qa("bot", folder, "-o", output, "--salt", salt)
    assert made.exit_code == 0
    assert made.stdout.splitlines()[0] == "5 files: 4 new, 0 done before, 1 with the bytes of another"
    assert made.stdout.splitlines()[-1] == str(output / "index.html")
    assert made.stdout.splitlines()[2] == "filed: 1 reject, 1 abstain, 1 accept, 1 listed"
    told = [line.split("  ") for line in made.stderr.splitlines()]
    assert sorted(verdict for _, verdict in told) == ["abstain", "accept", "listed", "reject"]
    assert all((output / "filed" / verdict / file / "report.html").is_file() for file, verdict in told)
    index = (output / "index.html").read_text()
    first = next(file for file, verdict in told if verdict == "reject")
    assert all(index.index(f">{first}<") <= index.index(f">{file}<") for file, _ in told)
    lines = [json.loads(line) for line in (output / "results.jsonl").read_text().splitlines()]
    assert [one["status"] for one in lines].count("judged") == 2
    assert "2 new" not in qa("bot", folder, "-o", output, "--salt", salt).stdout
    named = dict(
        line.split("  ")
        for line in qa("bot", folder, "-o", output, "--salt", salt, "--names").stdout.splitlines()
    )
    assert {one["path"] for one in lines} == set(named)
    judged = qa("check", folder / "CT_small.dcm", "--json")
    ours = next(one for one in lines if named[one["path"]].endswith(("CT_small.dcm", "first")))
    assert {**json.loads(judged.stdout), "path": ""} == {**ours, "path": ""}


def test_audit_holds_names_the_broken_line_and_the_changed_file(tmp_path: Path, salt: Path) -> None:
    folder, output = inbox(tmp_path / "in", ("CT_small.dcm",)), tmp_path / "out"
    qa("bot", folder, "-o", output, "--salt", salt)
    good = qa("audit", output, "--files")
    assert good.exit_code == 0
    head = good.stdout.split()[-1]
    assert qa("audit", output / "audit.jsonl", "--expect", head).exit_code == 0
    assert qa("audit", output, "--expect", "0" * 64).exit_code == 1
    (report,) = output.glob("filed/accept*/*/report.json")
    report.write_text("{}\n")
    assert f"{report}: is not what line" in qa("audit", output, "--files").stdout
    log = output / "audit.jsonl"
    lines = log.read_bytes().splitlines(keepends=True)
    for broken, why in (
        (lines[:3] + lines[4:], "numbered"),
        ([*lines[:3], lines[3].replace(b'"n":4', b'"n":4 '), *lines[4:]], "hash"),
        ([*lines[:3], lines[3][:30]], "no end"),
        ([*lines[:3], b"{}\n", *lines[4:]], "keys"),
        ([*lines[:3], b"\xff\n", *lines[4:]], "no JSON"),
    ):
        log.write_bytes(b"".join(broken))
        said = qa("audit", log)
        assert said.exit_code == 1
        assert said.stdout.startswith(f"{log}:4: ")
        assert why in said.stdout
    refused = qa("bot", folder, "-o", output, "--salt", salt)
    assert (refused.exit_code, refused.stderr.count("line 4")) == (4, 1)


def test_what_cannot_be_asked_is_refused_in_a_sentence(tmp_path: Path, salt: Path) -> None:
    folder = inbox(tmp_path / "in", ("CT_small.dcm",))
    short = tmp_path / "short"
    short.write_bytes(b"x")
    for arguments, said in (
        (("bot", tmp_path / "none", "-o", tmp_path / "out"), "is no folder"),
        (("bot", folder, "-o", folder / "out"), "lies in the inbox"),
        (("bot", folder, "-o", tmp_path / "out", "--salt", short), "at least 16"),
        (("bot", folder, "-o", tmp_path / "o", "--listen", 0, "--address", "0.0.0.0"), "--remote"),  # noqa: S104
        (("bot", folder, "-o", tmp_path / "o", "--listen", 0, "--reply", "X"), "TITLE=HOST:PORT"),
        (("audit", tmp_path / "none"), "does not exist"),
        (("deidentify", tmp_path / "none", "-o", tmp_path / "out"), "does not exist"),
        (("deidentify", folder, "-o", folder / "out"), "lies in"),
        (("deidentify", folder, "-o", tmp_path, "--salt", salt), "would undo it"),
    ):
        salted = arguments if "--salt" in arguments or arguments[0] != "bot" else (*arguments, "--salt", salt)
        refused = qa(*salted)
        assert (refused.exit_code, said in refused.stderr) == (2, True), refused.stderr


def test_deidentify_writes_new_names_and_lists_the_rest(tmp_path: Path) -> None:
    folder, output = (
        inbox(tmp_path / "in", ("CT_small.dcm", "MR_truncated.dcm", "SC_rgb_small_odd.dcm")),
        tmp_path / "out",
    )
    made = qa("deidentify", folder, "-o", output)
    assert made.exit_code == 1
    assert made.stdout.splitlines()[-2:] == ["2 files written, 3 not, 1 the same as another", str(output)]
    assert "MR_truncated.dcm: not written: truncated" in made.stdout
    assert "SC_rgb_small_odd.dcm: written; look at its pixels" in made.stdout
    assert len(list(output.iterdir())) == 2
    assert not any("small" in path.name for path in output.iterdir())
    other = pydicom.dcmread(folder / "CT_small.dcm")
    other.Rows, other.PixelData = 64, other.PixelData[: 64 * 128 * 2]
    other.save_as(folder / "another image of the same name.dcm")
    qa("deidentify", folder, "-o", output)
    assert sum(path.name.endswith("-again.dcm") for path in output.iterdir()) == 1


def test_a_watching_bot_meets_what_comes_later_and_ends_with_ctrl_c(tmp_path: Path, salt: Path) -> None:
    folder, output = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    command = [
        sys.executable,
        "-m",
        "simgrid_telerad",
        "qa",
        "bot",
        folder,
        "-o",
        output,
        "--watch",
        "--every",
        "0.1",
    ]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1767600000"}
    with subprocess.Popen(
        [*command, "--salt", salt], stderr=subprocess.PIPE, env=environment, text=True
    ) as watching:
        until((output / "index.html").exists)
        (folder / "late.txt").write_text("no image")
        until(lambda: any(output.glob("filed/listed/*/report.html")))
        second = qa("bot", folder, "-o", output, "--salt", salt)
        assert (second.exit_code, "another bot" in second.stderr) == (4, True)
        watching.send_signal(signal.SIGINT)
        assert watching.wait(20) == 130
    assert json.loads(content(output)["audit.jsonl"].splitlines()[0])["at"] == "2026-01-05T08:00:00Z"


def test_what_cannot_be_opened_in_the_inbox_is_counted_and_ends_nothing(
    tmp_path: Path, salt: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, output = inbox(tmp_path / "in", ("CT_small.dcm",)), tmp_path / "out"
    (folder / "a circle").symlink_to("a circle")
    (folder / "leads nowhere").symlink_to("nowhere")
    (folder / "back").symlink_to("..")
    os.mkfifo(folder / "pipe")
    (folder / "closed").mkdir()
    real = os.scandir

    def closed(path: Path) -> object:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr("simgrid.quality.bot.inbox.os.scandir", closed)
    made = qa("bot", folder, "-o", output, "--salt", salt)
    assert made.exit_code == 0
    counted = "8 files: 2 new, 0 done before, 1 with the bytes of another, 5 that cannot be opened"
    assert made.stdout.splitlines()[0] == counted
    assert (output / "index.html").exists()


@pytest.mark.parametrize("shape", [(1, 512), (512, 1), (1, 1), (3, 2000)])
def test_a_strip_of_pixels_ends_no_run(shape: tuple[int, int], tmp_path: Path, salt: Path) -> None:
    folder, output = inbox(tmp_path / "in", ("CT_small.dcm",)), tmp_path / "out"
    strip = pydicom.dcmread(folder / "CT_small.dcm")
    strip.Rows, strip.Columns = shape
    strip.PixelData = np.arange(shape[0] * shape[1], dtype="<i2").tobytes().ljust(2, b"\0")
    strip.save_as(folder / "a strip.dcm")
    made = qa("bot", folder, "-o", output, "--salt", salt)
    assert made.exit_code == 0
    assert made.stdout.splitlines()[2] == "filed: 1 abstain, 1 accept, 1 listed"
    assert len(list(output.glob("filed/abstain/*/thumbnail.png"))) == 1


def until(there: object, within_s: float = 30.0) -> None:
    deadline = time.monotonic() + within_s
    while not there():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_file_that_kills_its_decoder_is_not_written_and_the_others_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = inbox(tmp_path / "in", ("CT_small.dcm",))
    (folder / "sub" / "copy of the first").unlink()
    (folder / "deadly.dcm").write_bytes((folder / "CT_small.dcm").read_bytes())
    monkeypatch.syspath_prepend(deadly_decoder(tmp_path / "path"))
    made = qa("deidentify", folder, "-o", tmp_path / "out")
    assert "deadly.dcm: not written: decoder died: the decoding process ended with SIGABRT" in made.stdout
    assert "1 file written, 3 not" in made.stdout


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An output folder with three files, none of which is to be changed here."""
    made = tmp_path_factory.mktemp("judged")
    run(inbox(made / "in", ("CT_small.dcm", "MR_small.dcm")), made / "out")
    return made / "out"


def test_audit_names_folders_that_the_log_does_not_tell_of(judged: Path, tmp_path: Path) -> None:
    output = Path(shutil.copytree(judged, tmp_path / "out"))
    assert qa("audit", output).exit_code == qa("audit", output / "audit.jsonl", "--files").exit_code == 0
    log = output / "audit.jsonl"
    lines = log.read_bytes().splitlines(keepends=True)
    assert len(lines) == 24
    last, second = (json.loads(lines[number])["file"] for number in (-1, -9))
    for kept, said in (
        (20, {f"{last}: the log has no line of its repair, judge, report, file"}),
        (23, {f"{last}: the log has no line of its file"}),
        (8, {f"{last}: the log has no line about it", f"{second}: the log has no line about it"}),
    ):
        log.write_bytes(b"".join(lines[:kept]))
        for asked in ((output,), (output, "--files"), (log, "--files")):
            found = qa("audit", *asked)
            assert found.exit_code == 1
            problems = found.stdout.splitlines()[:-1]
            assert {one.split("/")[-1].split(": lines")[0] for one in problems} == {
                one.split("/")[-1] for one in said
            }
    log.write_bytes(b"")
    assert qa("audit", output).stdout.count("the log has no line about it") == 3
    log.write_bytes(b"".join(lines))
    (folder,) = output.glob(f"filed/*/{last}")
    (output / "filed" / "reject").mkdir()
    folder.rename(output / "filed" / "reject" / last)
    assert f"reject/{last}: line 24 filed it under '{folder.parent.name}'" in qa("audit", output).stdout


def test_audit_names_results_that_are_not_those_of_the_reports(judged: Path, tmp_path: Path) -> None:
    output = Path(shutil.copytree(judged, tmp_path / "out"))
    results = output / "results.jsonl"
    lines = results.read_bytes().splitlines(keepends=True)
    for changed, said in (
        (
            [lines[0].replace(b"accept", b"reject").replace(b"listed", b"judged"), *lines[1:]],
            ":1: is not what",
        ),
        (lines[1:], ": has no line for filed/"),
        ([*lines, lines[0]], ":4: tells of"),
        ([*lines, b'{"path": "0123"}\n'], ":4: is about no file"),
        ([*lines, b"[\n"], ":4: is about no file"),
        (None, ": is gone"),
    ):
        results.unlink() if changed is None else results.write_bytes(b"".join(changed))
        found = qa("audit", output, "--files")
        assert (found.exit_code, found.stdout.count("\n")) == (1, 2), found.stdout
        assert found.stdout.startswith(f"{results}{said}")


def test_deidentify_warns_of_text_that_it_leaves(tmp_path: Path) -> None:
    named_ct(tmp_path / "in" / "a.dcm")
    usual = qa("deidentify", tmp_path / "in", "-o", tmp_path / "usual")
    assert usual.exit_code == 0
    assert usual.stderr.startswith(f"warning: {tmp_path / 'in' / 'a.dcm'}: 1 text-like area left readable")
    assert "--blank-text all" in usual.stderr
    assert "1 file written, 0 not, 1 with text-like areas not blanked\n" in usual.stdout
    blanked = qa("deidentify", tmp_path / "in", "-o", tmp_path / "all", "--blank-text", "all")
    assert (blanked.stderr, "not blanked" in blanked.stdout) == ("", False)
