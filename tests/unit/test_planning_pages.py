"""The pages that plan a link or a cache: their commands run one after the other, with fewer replications."""

from __future__ import annotations

import csv
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from simgrid.cli.main import cli
from simgrid.presentation.wording import title
from simgrid.scenario import load

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (?P<variant>[\w-]+) \| (?P<bandwidth>[\d.]+ Mbit/s) \|", re.MULTILINE)


@pytest.mark.parametrize(("page", "variants"), [("delivery", 2), ("cache", 3), ("outage", 1)])
def test_the_page_can_be_followed(
    page: str, variants: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs/how-to" / f"{page}.md").read_text(encoding="utf-8")
    scenario = (ROOT / "scenarios/planning" / f"{page}.yaml").read_text(encoding="utf-8")
    # What stands before the commands is the scenario's; what stands after them is a reader's own.
    for block in re.findall(r"```yaml\n(.*?)```", text.partition("```sh\n")[0], re.DOTALL):
        assert block in scenario
    printed = ""
    for line in "".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL)).splitlines():
        program, *arguments = shlex.split(line)
        assert program == "simgrid"
        arguments = [str(next(Path().glob(one))) if "*" in one else one for one in arguments]
        few = ["--replications", "2", "-j", "1"] if arguments[0] == "run" else []
        result = CliRunner().invoke(cli, [*arguments, *few])
        assert result.exit_code == 0, result.output
        printed = result.output
    assert title("tat_p95_min") in printed.lower()
    assert (tmp_path / "comparison.png").stat().st_size > 10_000
    assert f"`extends: planning/{page}`" in text
    (tmp_path / "mine.yaml").write_text(f"extends: planning/{page}\nhorizon: 1 d\n", encoding="utf-8")
    assert CliRunner().invoke(cli, ["validate", "mine.yaml"]).exit_code == 0
    (own,) = re.findall(r"```yaml\n(extends: .*?)```", text, re.DOTALL)
    (tmp_path / "own.yaml").write_text(own, encoding="utf-8")
    for cell in load("own.yaml").cells:
        assert [site.name for site in cell.sites] == ["north", "south"]
        assert [unit.name for unit in cell.units if unit.workstations == 3] == ["main"]
    (folder,) = (tmp_path / "results").iterdir()
    with (folder / "summary.csv").open(newline="", encoding="utf-8") as file:
        cells = {(row["variant"], row["units.main.link.bandwidth"]) for row in csv.DictReader(file)}
    told = set(ROW.findall(text))
    assert told == {cell for cell in cells if cell[0] != "base"}
    assert len({variant for variant, _ in told}) == variants
