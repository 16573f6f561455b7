"""The editor in a real browser, begun by its documented command: edit a value, run, download the report."""

from __future__ import annotations

import io
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest
from click.testing import CliRunner

from simgrid.cli.main import cli
from simgrid.experiments.sealed import is_as_written

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
LISTENING = "0A"
HOSTILE = "<img src=http://evil/x onerror=alert(1)> ![](//evil) **bold**"
SCENARIO = f"""# comments stay
extends: tiny/one-unit
title: "{HOSTILE}"
policies: [rwoa, manual]
primary: [tat_mean_min]
targets: {{"{HOSTILE[:60]}": {{of: all, within: 60 min, share: 50 %}}}}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def editor(folder: Path) -> Iterator[int]:
    """The page's own command in a folder, under an environment that would have it served to everybody."""
    port = free_port()
    text = (ROOT / "docs" / "how-to" / "app.md").read_text(encoding="utf-8")
    (documented,) = re.findall(r"```sh\n(simgrid app .*)\n```", text)
    arguments = shlex.split(documented)[1:]
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "STREAMLIT_SERVER_ADDRESS": "0.0.0.0",  # noqa: S104 - what must be withstood
        "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "true",
        "STREAMLIT_SERVER_ENABLE_CORS": "false",
        "STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION": "false",
    }
    command = [sys.executable, "-m", "simgrid_telerad", *arguments, "--port", str(port), "--no-browser"]
    with (folder / "app.log").open("wb") as log:
        server = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        _answers(port, server, folder / "app.log")
        yield port
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(20)


def _answers(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(900):
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())


def shipped_text(name: str) -> str:
    return (ROOT / "scenarios" / f"{name}.yaml").read_text(encoding="utf-8")


def _becomes(visit: Page, words: str) -> None:
    """Wait until the scenario's text has these words."""
    visit.wait_for_function(
        "words => [...document.querySelectorAll('textarea')].some(one => one.value.includes(words))",
        arg=words,
    )


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int]]:
    folder = tmp_path_factory.mktemp("editor")
    (folder / "mine.yaml").write_text(SCENARIO)
    with editor(folder) as port:
        yield folder, port


@pytest.fixture
def page(served: tuple[Path, int], chromium: Browser) -> Iterator[Page]:
    """A visit; afterwards nothing was asked of any other machine and no script of a name has run."""
    asked: list[str] = []
    context = chromium.new_context(viewport={"width": 1300, "height": 1000}, accept_downloads=True)
    visit = context.new_page()
    visit.on("request", lambda one: asked.append(one.url))
    visit.on("websocket", lambda one: asked.append(one.url))
    visit.on("dialog", lambda one: asked.append(f"dialog: {one.message}"))
    visit.set_default_timeout(60_000)
    visit.goto(f"http://127.0.0.1:{served[1]}/")
    text = visit.get_by_label("The whole scenario (YAML)")
    text.wait_for()
    assert text.input_value() == shipped_text("templates/study-unit")
    choice = visit.get_by_role("combobox", name="Open a scenario")
    choice.fill("mine.yaml")
    choice.press("Enter")
    _becomes(visit, "# comments stay")
    yield visit
    context.close()
    own = re.compile(rf"(https?|ws)://127\.0\.0\.1:{served[1]}/|data:|blob:http://127\.0\.0\.1:{served[1]}/")
    assert [one for one in asked if not own.match(one)] == []


def test_a_value_is_edited_the_scenario_run_and_the_report_downloaded(
    served: tuple[Path, int], page: Page, tmp_path: Path
) -> None:
    folder, _ = served
    text = page.get_by_label("The whole scenario (YAML)")
    assert text.input_value() == SCENARIO
    line = page.get_by_label("units.desk.link.bandwidth")
    line.fill("50 Mbit/s")
    line.press("Enter")
    _becomes(page, "50 Mbit/s")
    assert text.input_value().startswith(SCENARIO)
    page.get_by_role("button", name="Run this scenario").click()
    page.get_by_role("button", name="Download the report (HTML)").wait_for(timeout=240_000)
    assert page.locator("img[src*='evil']").count() == 0
    assert page.locator("strong", has_text="bold").count() == 0
    for name, role in (
        ("report.html", "report (HTML)"),
        ("report.xlsx", "tables (XLSX)"),
        ("mine.yaml", "YAML"),
    ):
        with page.expect_download() as download:
            page.get_by_role("button", name=f"Download the {role}").click()
        download.value.save_as(tmp_path / name)
        assert download.value.suggested_filename == name
    assert is_as_written((tmp_path / "report.html").read_text(encoding="utf-8"))
    verified = CliRunner().invoke(cli, ["verify", str(tmp_path / "report.html"), "-j", "1"])
    assert verified.exit_code == 0, verified.output
    assert "same to the last digit" in verified.stdout
    book = openpyxl.load_workbook(io.BytesIO((tmp_path / "report.xlsx").read_bytes()))
    assert "answer" in book.sheetnames
    assert "50 Mbit/s" in (tmp_path / "mine.yaml").read_text()
    assert (folder / "mine.yaml").read_text() == SCENARIO
    (results,) = (folder / "results").iterdir()
    assert (results / "report.html").read_bytes() == (tmp_path / "report.html").read_bytes()


def test_a_mistake_is_told_in_the_page_and_nothing_can_be_run(page: Page) -> None:
    line = page.get_by_label("units.desk.link.bandwidth")
    line.fill("50 mbit/s")
    line.press("Enter")
    page.get_by_text("did you mean '50 Mbit/s'?").wait_for()
    assert page.get_by_role("button", name="Run this scenario").is_disabled()


def test_the_editor_listens_on_this_machine_only(served: tuple[Path, int]) -> None:
    _, port = served
    listening = [
        fields[1]
        for name in ("tcp", "tcp6")
        if (table := Path("/proc/net") / name).exists()
        for fields in (line.split() for line in table.read_text().splitlines()[1:])
        if fields[3] == LISTENING and fields[1].endswith(f":{port:04X}")
    ]
    assert set(listening) == {f"0100007F:{port:04X}"}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: asks which address would be used
            other = probe.getsockname()[0]
        except OSError:
            return  # this machine has no other interface
    with pytest.raises(OSError), socket.create_connection((other, port), timeout=3):
        pass


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://evil.example", "127.0.0.1"),
        ("http://evil.example:{port}", "evil.example:{port}"),
        ("http://127.0.0.1:{port}", "evil.example:{port}"),
    ],
)
def test_pages_of_other_origins_are_refused(served: tuple[Path, int], origin: str, host: str) -> None:
    """Also by a name that an attacker has pointed at this machine (DNS rebinding)."""
    port = served[1]
    assert _knock(port, f"http://127.0.0.1:{port}", f"127.0.0.1:{port}") == "101"
    assert _knock(port, origin.format(port=port), host.format(port=port)) == "403"


def _knock(port: int, origin: str, host: str) -> str:
    """The status that the page's connection is answered with."""
    lines = [
        "GET /_stcore/stream HTTP/1.1",
        f"Host: {host}",
        f"Origin: {origin}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
    ]
    with socket.create_connection(("127.0.0.1", port), timeout=10) as knocking:
        knocking.sendall("\r\n".join([*lines, "", ""]).encode())
        return knocking.recv(100).split()[1].decode()


def test_a_port_in_use_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = CliRunner().invoke(cli, ["app", "--port", str(taken.getsockname()[1])])
    assert done.exit_code == 4
    assert "in use: give another with --port" in done.stderr
