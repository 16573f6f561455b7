"""Serve the page until Ctrl-C: ``python -m simgrid.app PORT [FILE]``, which ``simgrid app`` runs.

To this machine only, whatever configuration files and the environment say; and nothing is asked of or told to
any other machine.
"""

from __future__ import annotations

import sys
from pathlib import Path

from streamlit import net_util
from streamlit.web import cli

LOOPBACK = "127.0.0.1"
OPTIONS = {
    "server.address": LOOPBACK,
    "server.allowedHosts": LOOPBACK,
    "server.enableCORS": "true",
    "server.enableXsrfProtection": "true",
    "server.enableStaticServing": "false",
    "server.enableAgentApi": "false",
    "server.headless": "true",
    "server.showEmailPrompt": "false",
    "server.fileWatcherType": "none",
    "server.runOnSave": "false",
    "server.maxUploadSize": "1",
    "browser.serverAddress": LOOPBACK,
    "browser.gatherUsageStats": "false",
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "client.showErrorLinks": "false",
    "logger.level": "error",
}
"""On the command line they win over configuration files and the environment."""


def main(port: str, *file: str) -> None:
    """Serve; ends the process."""
    # Asked of a server elsewhere when a page of another origin knocks, to refuse that page.
    net_util.get_external_ip = lambda: None
    page = Path(__file__).with_name("page.py")
    options = [f"--{name}={value}" for name, value in {**OPTIONS, "server.port": port}.items()]
    cli.main(["run", *options, str(page), *(["--", *file] if file else [])], prog_name="streamlit")


if __name__ == "__main__":
    main(*sys.argv[1:])
