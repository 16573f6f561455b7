"""A headless Chromium of the machine, driven by Playwright: absent, the tests are skipped, but not in CI."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for a module, since two drivers cannot be open at once."""
    program = next((found for name in NAMES if (found := which(name))), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        program = None
    if program is None:
        message = "no Chromium, or no playwright: apt-get install chromium; pip install '.[test]'"
        pytest.fail(f"{message}: CI promises both") if os.environ.get("CI") == "true" else pytest.skip(
            message
        )
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Opened:
    """A page that is open, with every request it made and every line of its console."""

    page: Page
    requests: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Any]:
    """Open a file in a page of its own, watched from before its first byte."""
    contexts = []

    def opened(file: Path, *, width: int = 1280, height: int = 900) -> Opened:
        context = chromium.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        one = Opened(context.new_page())
        one.page.on("request", lambda request: one.requests.append(request.url))
        one.page.on("console", lambda said: one.console.append(f"{said.type}: {said.text}"))
        one.page.on("pageerror", lambda error: one.console.append(f"error: {error}"))
        one.page.on("dialog", lambda shown: one.console.append(f"dialog: {shown.message}"))
        one.page.goto(file.as_uri())
        return one

    yield opened
    for context in contexts:
        context.close()
