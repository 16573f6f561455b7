"""The manual runs: every Python block of the docs, page by page, and reference pages that are complete."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from simgrid.metrics import METRICS
from simgrid.policies import registry

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


@pytest.mark.parametrize(
    "page", [page for page in PAGES if BLOCK.search(page.read_text())], ids=lambda p: p.stem
)
def test_python_blocks_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": page.stem}
    for block in BLOCK.findall(page.read_text()):
        exec(compile(block, str(page), "exec"), names)  # noqa: S102


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md"], ids=lambda p: p.stem)
def test_links_lead_somewhere(page: Path) -> None:
    targets = LINK.findall(page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_every_metric_has_its_line() -> None:
    page = (ROOT / "docs/reference/metrics.md").read_text()
    rows = [f"| `{name}` | {info.unit} | {info.better} | {info.meaning} |" for name, info in METRICS.items()]
    assert [row for row in rows if row not in page] == []


def test_every_policy_and_variant_is_described() -> None:
    page = (ROOT / "docs/reference/policies.md").read_text()
    wanted = {name for name in registry.available() if not name.startswith("example")}
    assert [name for name in wanted if f"## {name}\n" not in page] == []
    variants = {f"`@{one}`" for name in wanted for one in registry.available()[name]}
    assert sorted(variant for variant in variants if variant not in page) == []
