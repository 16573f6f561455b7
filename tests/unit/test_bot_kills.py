"""A bot that is killed and started again leaves what an undisturbed one leaves, and does nothing twice."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from simgrid.quality.bot import audit, machine
from simgrid.quality.bot.audit import verify
from simgrid.quality.bot.machine import bot
from simgrid.quality.bot.replay import replay
from simgrid.quality.bot.steps import STEPS
from simgrid.randomness import stream
from tests.bots import SALT, content, noisy_ct, run, tools


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    noisy_ct(tmp_path / "in" / "noisy.dcm")
    (tmp_path / "in" / "notes.txt").write_text("Jane Doe called at nine")
    return tmp_path / "in"


def in_a_child(work: Callable[[], object], after_s: float | None = None) -> int:
    """Do the work in a process of its own; its exit code, negative for the signal that ended it."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    if after_s is not None:
        time.sleep(after_s)
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killing_once_at_each_point(done: Path) -> None:
    """Have this process kill itself at the first point, of all that it comes to, at which none was yet."""
    seen = set(done.read_text().splitlines()) if done.exists() else set()
    counts: Counter[str] = Counter()

    def point(name: str) -> None:
        counts[name] += 1
        named = f"{name} {counts[name]}" if name.startswith("overview") else name
        if named not in seen:
            with done.open("a") as file:
                file.write(f"{named}\n")
            os.kill(os.getpid(), signal.SIGKILL)

    def around(call: Callable[..., object], name: Callable[..., str]) -> Callable[..., object]:
        def wrapped(*given: object, **named: object) -> object:
            point(name(*given))  # what comes after one effect comes before the next
            return call(*given, **named)

        return wrapped

    machine.write = around(machine.write, lambda path, _: f"write {'/'.join(path.parts[-3:])}")  # type: ignore[assignment]
    append = audit.append_line
    audit.append_line = around(append, lambda _, line: f"line {line[:60]!r}")  # type: ignore[assignment]
    Path.replace = around(Path.replace, lambda a, b: f"move {a.name} {b.parent.name}")  # type: ignore[method-assign,assignment]


def steps_in(output: Path) -> Counter[tuple[str, str]]:
    found = verify((output / "audit.jsonl").read_bytes())
    assert not found.broken
    return Counter((one.file, one.step) for one in found.entries)


def test_killed_once_before_every_effect(folder: Path, tmp_path: Path) -> None:
    (folder / "notes.txt").unlink()
    run(folder, tmp_path / "peace")
    output, points = tmp_path / "out", tmp_path / "points"

    def until_killed() -> None:
        killing_once_at_each_point(points)
        run(folder, output)

    kills = 0
    while (ended := in_a_child(until_killed)) == -signal.SIGKILL:
        kills += 1
        for name, piece in content(output).items():
            assert name == "audit.jsonl" or name.endswith(".half") or piece == expected(name, tmp_path), name
    assert ended == 0
    assert kills == len(points.read_text().splitlines()) > 2 * len(STEPS)
    assert content(output) == content(tmp_path / "peace")
    assert set(steps_in(output).values()) == {1}


def expected(name: str, tmp_path: Path) -> bytes:
    """What the undisturbed folder holds under this name, or under the one it will be filed as."""
    peace = content(tmp_path / "peace")
    if name.startswith("work/"):
        (name,) = (one for one in peace if one.endswith(name.removeprefix("work/")))
    return peace[name]


def test_killed_at_random_moments(folder: Path, tmp_path: Path) -> None:
    began = time.monotonic()
    assert in_a_child(lambda: run(folder, tmp_path / "peace")) == 0
    took = time.monotonic() - began
    draw, killed = stream(20260105, 0, "bot kills"), 0
    for _ in range(12):
        ended = in_a_child(lambda: run(folder, tmp_path / "out"), after_s=draw.uniform(0, 0.5 * took))
        killed += ended == -signal.SIGKILL
        if ended == 0:
            break
    else:
        run(folder, tmp_path / "out")
    assert killed >= 1
    assert content(tmp_path / "out") == content(tmp_path / "peace")
    assert set(steps_in(tmp_path / "out").values()) == {1}


def test_a_line_torn_by_a_power_cut_is_cut_off_and_written_down(folder: Path, tmp_path: Path) -> None:
    run(folder, tmp_path / "peace")
    output = tmp_path / "out"
    run(folder, output)
    log = output / "audit.jsonl"
    whole = log.read_bytes()
    last = whole.rstrip(b"\n").rfind(b"\n") + 1
    log.write_bytes(whole[: last + 40])
    found = verify(log.read_bytes())
    assert (found.torn, found.broken) == (True, whole.count(b"\n"))
    run(folder, output)  # the step whose line was lost had made its files already
    after, peace = content(output), content(tmp_path / "peace")
    assert verify(after.pop("audit.jsonl")).broken == 0
    assert peace.pop("audit.jsonl") != b""
    assert after == peace
    assert steps_in(output)["", "recovered"] == 1


def test_a_second_pass_does_nothing_and_a_new_file_is_met(folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    run(folder, output)
    before = content(output)
    run(folder, output)
    assert content(output) == before
    (folder / "late.txt").write_text("later")
    made = run(folder, output)
    assert sum("file" in steps for steps in made.finished.values()) == 3
    assert content(output)["audit.jsonl"].startswith(before["audit.jsonl"])


def test_a_replay_finds_what_came_out_otherwise(folder: Path, tmp_path: Path) -> None:
    made, before = run(folder, tmp_path / "out"), content(tmp_path / "out")
    assert [one.otherwise for one in replay(made, folder)] == [(), ()]
    other = bot(tmp_path / "out", tools(denoise=lambda image: image))
    found = {name for one in replay(other, folder) for name in one.otherwise}
    assert {"denoise: steps/4-denoise.json", "report: derived.dcm"} <= found
    assert not any(name.startswith(("ingest", "header", "normalise")) for name in found)
    assert content(tmp_path / "out") == before


def test_a_file_that_went_away_half_way_goes_on_when_it_is_back(folder: Path, tmp_path: Path) -> None:
    output, points = tmp_path / "out", tmp_path / "points"
    run(folder, tmp_path / "peace")
    names = sorted(path for path in folder.rglob("*") if path.is_file())

    def half() -> None:
        killing_once_at_each_point(points)
        run(folder, output)

    for _ in range(9):
        in_a_child(half)
    away = [(path, path.read_bytes()) for path in names]
    for path, _ in away:
        path.unlink()
    assert len(bot(output, tools()).run(folder).waiting) == 1
    for path, piece in away:
        path.write_bytes(piece)
    run(folder, output)
    assert content(output) == content(tmp_path / "peace")
    assert SALT.name("inbox", b"") not in str(content(output))
