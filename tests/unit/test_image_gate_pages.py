"""The page on image-quality gates: its commands and programmes run, with fewer and shorter worlds."""

from __future__ import annotations

import csv
import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from simgrid.cli.main import cli
from tests.unit.test_planting import folder  # noqa: F401 - a fixture

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/how-to/image-quality-gates.md").read_text(encoding="utf-8")
FEW = ["--replications", "2", "-j", "1", "--set", "horizon=12 h", "--set", "give_up_after=6 d"]


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def summary(of: Path) -> dict[tuple[str, str], float]:
    with (of / "summary.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["group"] == "all"]
    return {(row.get("variant", ""), row["metric"]): float(row["mean"]) for row in rows}


def test_the_page_can_be_followed(
    tmp_path: Path,
    folder: str,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SIMGRID_DATA", str(tmp_path / "cache"))
    (quoted,) = blocks("yaml")
    assert quoted in (ROOT / "scenarios/quality/gates.yaml").read_text(encoding="utf-8")
    for line in "".join(blocks("sh")).splitlines():
        program, *arguments = shlex.split(line)
        assert program == "simgrid"
        if arguments[0] == "qa":
            continue  # hundreds of images: tests/unit/test_image_gates.py counts a few
        arguments = [str(next(Path().glob(one))) if "*" in one else one for one in arguments]
        few = FEW if arguments[0] == "run" else []
        if "quality/gates" in arguments:
            few = [*few, "--set", f"images.folder={folder}"]  # sinograms of small images are quick
        result = CliRunner().invoke(cli, [*arguments, *few])
        assert result.exit_code == 0, result.output
    for programme in blocks("py"):
        exec(compile(programme, "image-quality-gates.md", "exec"), {"__name__": "page"})  # noqa: S102
    assert all((tmp_path / name).stat().st_size > 10_000 for name in ("gates.png", "gate-sensitivity.png"))
    folders = {one.name.rpartition("-")[0]: one for one in Path("results").iterdir()}
    gates, office = summary(folders["gates"]), summary(folders["office-on-off"])
    assert gates["base", "repeats"] == 0 < gates["rules-and-cnn", "repeats"]
    assert gates["rules-and-cnn", "missed_defects"] < gates["base", "missed_defects"]
    said = json.loads((folders["gates"] / "manifest.json").read_text(encoding="utf-8"))["quality_gates"]
    assert set(said) == {"rules", "cnn", "rules+cnn", "surrogate"}
    assert said["surrogate"].startswith("looks at no pixels: stands for rules+cnn, counted from")
    assert said["cnn"].startswith("the real module on real pixels")
    for variant in ("slots-by-bot", "bills-by-bot", "stock-by-bot"):
        assert office["all-by-bot", "staff_min"] < office[variant, "staff_min"] < office["base", "staff_min"]
