"""Campaigns on a real small cluster that loses workers and scheduler, and machines that would differ."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from simgrid.cli.main import cli
from simgrid.domain.demand import LogSource
from simgrid.domain.plug_in import PlugIn
from simgrid.domain.scenario import PolicyChoice
from simgrid.experiments import cluster as on_dask
from simgrid.experiments import equipment, parallel
from simgrid.experiments.campaign import campaign
from simgrid.experiments.parallel import Cluster, ClusterFailed, RunFailed
from simgrid.experiments.receipts import Receipt, computed_again, read_receipts
from simgrid.experiments.replicate import replicate
from simgrid.plug_ins import PlugInError, load
from tests.campaigns import asked, failing_run, invented_run, scenario, slow_run
from tests.clusters import ROOT, SmallCluster, continued, small_cluster, until

PAGE = ROOT / "docs/how-to/cluster.md"
CAMPAIGN = asked(scenario(replications=8))


def runs_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "runs").iterdir()}


def under_way(folder: Path) -> list[Receipt]:
    receipts = read_receipts(folder / "receipts")
    stored = {one.run for one in receipts if one.event == "stored"}
    return [one for one in receipts if one.event == "began" and one.run not in stored]


def killed_holding_runs(folder: Path, cluster: SmallCluster) -> tuple[int, set[str]]:
    """Kill a worker that is computing, stopped first to be sure; its number and the runs that it held."""
    until(lambda: {one.pid for one in under_way(folder)} == set(cluster.workers), "both workers compute")
    (doomed, _) = sorted(cluster.workers)
    for _ in range(20):
        os.kill(doomed, signal.SIGSTOP)
        time.sleep(0.3)  # what it had sent has arrived
        held = {one.run for one in under_way(folder) if one.pid == doomed}
        if held:
            cluster.kill(cluster.workers.pop(doomed))
            return doomed, held
        continued(doomed)
        time.sleep(0.05)
    raise AssertionError("the worker was never met computing")


def test_a_campaign_outlives_workers_and_scheduler(tmp_path: Path) -> None:
    replicate(CAMPAIGN, tmp_path / "here", invented_run)
    folder = tmp_path / "there"
    heard: list[str] = []
    with small_cluster(tmp_path / "cluster", workers=2) as cluster, ThreadPoolExecutor() as threads:
        where = Cluster(cluster.address, tell=heard.append)

        running = threads.submit(replicate, CAMPAIGN, folder, slow_run, jobs=where)
        doomed, held = killed_holding_runs(folder, cluster)
        running.result(timeout=60)
        (other,) = cluster.workers
        receipts = read_receipts(folder / "receipts")
        for run in held:
            life = [(one.event, one.pid) for one in receipts if one.run == run]
            assert life == [("began", doomed), ("began", other), ("stored", other)]
        assert Counter(one.run for one in receipts if one.event == "stored") == Counter(
            path.removesuffix(".json") for path in runs_in(folder)
        )
        assert computed_again(receipts) == ()
        assert runs_in(folder) == runs_in(tmp_path / "here")
        assert any("is gone; what it had begun is given to another" in line for line in heard)

        with pytest.raises(RunFailed, match="policy rbsm, replication 2: ZeroDivisionError") as failed:
            replicate(CAMPAIGN, tmp_path / "failed", failing_run, jobs=where)
        assert "in failing_run" in failed.value.details

        cut = tmp_path / "cut"
        running = threads.submit(replicate, CAMPAIGN, cut, slow_run, jobs=replace(where, patience_s=1.0))
        until(lambda: len(list((cut / "runs").glob("*.json"))) >= 2, "two runs are stored")
        cluster.kill(cluster.workers.pop(other))
        with pytest.raises(ClusterFailed, match=r"has had no worker for 1 s.*finished runs are kept"):
            running.result(timeout=60)
        before = runs_in(cut)
        assert 2 <= len(before) < 24

        heard.clear()
        running = threads.submit(replicate, CAMPAIGN, cut, slow_run, jobs=where)
        until(lambda: any("has no worker yet" in line for line in heard), "it waits for workers")
        cluster.kill(cluster.scheduler)
        with pytest.raises(ClusterFailed, match=r"scheduler at \S+ is gone"):
            running.result(timeout=60)

    replicate(CAMPAIGN, cut, invented_run)
    assert runs_in(cut) == runs_in(tmp_path / "here")
    assert computed_again(read_receipts(cut / "receipts")) == ()


def simgrid(*arguments: str, cwd: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "simgrid_telerad", *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, cwd=cwd, env=environment, stderr=subprocess.PIPE, text=True)


@contextmanager
def dask_started(folder: Path, *commands: list[str]) -> Iterator[tuple[subprocess.Popen[bytes], ...]]:
    """Commands that stay, ``dask`` being this environment's; killed in the end with all that they start."""
    processes = []
    with (folder / "dask.log").open("wb") as log:
        try:
            for _, *arguments in commands:
                processes.append(
                    subprocess.Popen(
                        [sys.executable, "-m", "dask", *arguments],
                        env=os.environ | {"PYTHONPATH": str(ROOT)},
                        stdout=log,
                        stderr=log,
                        start_new_session=True,
                    )
                )
            yield tuple(processes)
        finally:
            for process in processes:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def assert_same_results(here: list[str]) -> None:
    """The second command finds every run stored by the first, and computing them gives the same bytes."""
    found = CliRunner().invoke(cli, here[1:])
    assert "0 runs to compute, 40 stored" in found.stderr
    computed = CliRunner().invoke(cli, [*here[1:], "-j", "1", "-o", "afresh"])
    assert "40 runs to compute with 1 worker" in computed.stderr
    one, other = (
        {file.relative_to(root): file.read_bytes() for file in root.rglob("*") if file.is_file()}
        for root in (Path("results"), Path("afresh"))
    )
    (receipts,) = (file for file in one if file.parent.name == "receipts")
    assert one.pop(receipts).count(b'"worker": "tcp://127.0.0.1:') == 80
    assert one == {file: content for file, content in other.items() if file.parent.name != "receipts"}
    assert len(one) > 40


def some_stored(folder: Path) -> bool:
    return len(list(folder.glob("*/runs/*.json"))) >= 2


def reached(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def test_the_page_can_be_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its commands, on a port that is free; then the same with the scheduler dying, and with Ctrl-C."""
    monkeypatch.chdir(tmp_path)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    text = PAGE.read_text(encoding="utf-8").replace("127.0.0.1:8786", f"127.0.0.1:{port}")
    lines = "".join(re.findall(r"```sh\n(.*?)```", text.replace("--port 8786", f"--port {port}"), re.DOTALL))
    scheduler, worker, there, here = map(shlex.split, lines.splitlines())
    assert [scheduler[:2], worker[:2], there[:-2]] == [["dask", "scheduler"], ["dask", "worker"], here]
    address = f"tcp://127.0.0.1:{port}"
    with dask_started(tmp_path, scheduler, worker) as (dask_scheduler, _):
        until(lambda: reached(int(port)), "the scheduler listens")
        done = CliRunner().invoke(cli, there[1:])
        assert done.exit_code == 0, done.output
        assert done.stderr.splitlines()[0].endswith(f": 40 runs to compute at {address}, 0 stored")
        assert "distributed" not in done.stderr
        assert_same_results(here)

        command = simgrid("run", "tiny/one-unit", "-r", "300", "-o", "b", "--cluster", address, cwd=tmp_path)
        until(lambda: some_stored(tmp_path / "b"), "two runs are stored")
        interrupted = time.monotonic()
        command.send_signal(signal.SIGINT)
        said = command.communicate(timeout=60)[1]
        assert command.returncode == 130, said
        assert time.monotonic() - interrupted < 15  # below a second where nobody else computes
        assert "interrupted; finished runs are kept" in said
        assert "Traceback" not in said

        command = simgrid("run", "tiny/one-unit", "-r", "300", "-o", "c", "--cluster", address, cwd=tmp_path)
        until(lambda: some_stored(tmp_path / "c"), "two runs are stored")
        dask_scheduler.kill()
        said = command.communicate(timeout=60)[1]
        assert command.returncode == 4, said
        assert re.search(r"error: the scheduler at \S+ is gone.*finished runs are kept", said)
        assert "Traceback" not in said
        assert "distributed" not in said


def test_what_cannot_be_asked_is_a_usage_error() -> None:
    for wrong in ("10.0.0.5:8786", "http://a:1", "tcp://a", "tcp://a:0", "tcp://a:99999", "tcp://a:x", ""):
        refused = CliRunner().invoke(cli, ["run", "tiny/one-unit", "--cluster", wrong])
        assert refused.exit_code == 2
        assert "expected tcp://HOST:PORT" in " ".join(refused.output.split())
    both = CliRunner().invoke(cli, ["run", "tiny/one-unit", "-j", "2", "--cluster", "tcp://a:1"])
    assert both.exit_code == 2
    assert "exclude each other" in both.output


def test_no_scheduler_and_no_dask_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_dask, "CONNECT_S", 0.3)
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        asked_for = ["run", "tiny/one-unit", "-o", str(tmp_path), "--cluster", address]
        nobody = CliRunner().invoke(cli, asked_for)
    assert nobody.exit_code == 4
    assert f"error: no Dask scheduler answers at {address}" in nobody.stderr
    assert "start one with 'dask scheduler'" in nobody.stderr

    secret = CliRunner().invoke(cli, [*asked_for[:-1], address.replace("tcp", "tls")])
    assert secret.exit_code == 4
    assert "needs a certificate" in secret.stderr

    monkeypatch.setattr(parallel, "find_spec", lambda _: None)
    missing = CliRunner().invoke(cli, asked_for)
    assert missing.exit_code == 4
    assert "python -m pip install 'simgrid-telerad[cluster]'" in missing.stderr


def test_what_a_machine_has_otherwise_is_named_with_the_way_out() -> None:
    here = equipment.equipment([scenario()])
    assert equipment.lacking(here) == ()

    older = dict(here.packages) | {"numpy": "1.0", "simgrid-telerad": "0.0.1"}
    software = replace(here, digest="1", python="3.99", packages=tuple(older.items()))
    python, ours, packages = equipment.lacking(software)
    assert re.search(r"it has Python 3\.\d+, here is 3.99: use the same", python)
    assert "here is simgrid-telerad 0.0.1 with MODEL_VERSION" in ours
    assert re.search(r"numpy \S+ instead of 1.0: install the same versions there", packages)

    (edited,) = equipment.lacking(replace(here, digest="2", source="another"))
    assert "the same version and other files" in edited

    changed, gone = equipment.lacking(
        replace(here, digest="3", installed=(("policy rwoa", "another"), ("policy mine", "any")))
    )
    assert "its 'policy rwoa' is another than the one here" in changed
    assert "'policy mine' cannot be loaded there" in gone


def test_files_that_a_workload_is_read_from_must_be_there_and_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    log = Path("log.csv")
    rows = [
        "accession,modality,requested_at,site",
        *(f"{n},CT,2026-01-05 {8 + n:02}:00,main" for n in range(4)),
    ]
    log.write_text("\n".join(rows) + "\n", encoding="utf-8")
    demand = replace(scenario().demand, log=LogSource("log.csv", "UTC"))
    (cell,) = campaign((scenario(demand=demand),)).cells
    needed = equipment.equipment([cell])
    there = equipment.anywhere(cell)
    monkeypatch.chdir("/")  # a worker is somewhere else
    assert equipment.lacking(needed) == ()
    assert equipment.changed_inputs(there) == ""
    (tmp_path / log).write_text("\n".join(rows[:-1]) + "\n", encoding="utf-8")
    assert "log.csv is not the same as here: copy it" in equipment.changed_inputs(there)
    (tmp_path / log).unlink()
    assert "put its files at the same path" in equipment.changed_inputs(there)
    (told,) = equipment.lacking(replace(needed, digest="another"))
    assert "the workload cannot be read there" in told


def test_a_plug_in_needs_no_file_where_its_bytes_were_sent() -> None:
    written = b"class Sent:\n    def assign(self, worklist): ...\n"
    named = PlugIn("/nowhere/policy.py", "Sent", hashlib.sha256(written).hexdigest())
    with pytest.raises(PlugInError, match="no such file"):
        load(named)
    plain = equipment.equipment([scenario()])
    assert equipment.lacking(replace(plain, plug_ins=(written,), digest="with a plug-in")) == ()
    assert load(named).__name__ == "Sent"
    sent = equipment.equipment([scenario(policies=(PolicyChoice("sent", plug_in=named),))])
    assert sent.plug_ins == (written,)
    assert sent.digest != plain.digest
