"""``simgrid app``: the editor, on this machine alone."""

from __future__ import annotations

import os
import runpy
import socket
import sys
import threading
import webbrowser
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import click

from simgrid.cli.exits import ENVIRONMENT, USAGE, leave, told
from simgrid.cli.interrupts import interruption_ends_it

LOOPBACK = "127.0.0.1"
STOPPED = "The editor has stopped. Runs that were finished are kept."


@click.command()
@click.argument("file", required=False)
@click.option("--port", type=click.IntRange(1024, 65535), default=8501, show_default=True)
@click.option("--no-browser", is_flag=True, help="Do not open a browser; so it is without a display.")
def app(file: str | None, port: int, no_browser: bool) -> None:
    """Edit FILE (a scenario of this folder, or a shipped one) in the browser, run it and save its report.

    The page is served to this machine only, opens files of this folder only, and sends nothing anywhere.
    Needs Streamlit: python -m pip install "simgrid-telerad[app]"
    """
    with told():
        _possible(file, port)
        interruption_ends_it(STOPPED)
        address = f"http://{LOOPBACK}:{port}"
        click.echo(f"The editor is served to this machine only, at {address}; Ctrl-C ends it.")
        if not no_browser and _has_display():
            threading.Timer(2.0, webbrowser.open, (address,)).start()
        _serve(file, port)


def _possible(file: str | None, port: int) -> None:
    """Leave with the reason where the editor cannot start."""
    if find_spec("streamlit") is None:
        leave(ENVIRONMENT, 'the editor needs Streamlit: python -m pip install "simgrid-telerad[app]"')
    from simgrid.scenario.confined import inside
    from simgrid.scenario.files import find

    if file is not None and find(file).is_dir():
        leave(USAGE, f"{file} is a folder: name a YAML file in it")
    if file is not None and Path(file).is_file() and not inside(Path(file), Path.cwd()):
        leave(USAGE, f"{file} lies outside this folder, and the editor opens no such file: start it there")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            leave(ENVIRONMENT, f"port {port} is in use: give another with --port")


def _has_display() -> bool:
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY"))


def _serve(file: str | None, port: int) -> NoReturn:
    """Until Ctrl-C, in this process. The room of the page is called by name: commands know nothing of it."""
    sys.argv = ["simgrid.app", str(port), *([file] if file else [])]
    sys.stdout.flush()
    runpy.run_module("simgrid.app", run_name="__main__")
    sys.exit()
