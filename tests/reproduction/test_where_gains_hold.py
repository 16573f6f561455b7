"""The page on where the gains hold: its commands can be given, its sentences are those of the reference runs.

``python -m tests.reproduction.test_where_gains_hold`` writes the sentences and the picture anew.
"""

from __future__ import annotations

import csv
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from simgrid.cli.main import cli
from simgrid.reproduction.maps import MAPS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/explanation/where-the-gains-hold.md"
KEPT = ROOT / "results/reference/tables/regions.csv"
PICTURE = "map-chief.png"
_PART = re.compile(r"(?<=<!-- regions -->\n).*?(?=<!-- end -->)", re.DOTALL)


def commands() -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def told() -> str:
    """The part of the page that is made of the reference runs."""
    with KEPT.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    picture = f"![The gains over the chief's habit and memory](../images/{PICTURE})"
    return "\n" + "\n".join([*(f"- {row['sentence']}" for row in rows), "", picture]) + "\n\n"


def test_the_page_tells_what_the_reference_runs_say() -> None:
    found = _PART.search(PAGE.read_text(encoding="utf-8"))
    assert found is not None
    assert found[0] == told(), "python -m tests.reproduction.test_where_gains_hold"


@pytest.mark.parametrize("command", commands())
def test_its_commands_can_be_given(command: str, tmp_path: Path) -> None:
    name, *arguments = shlex.split(command)
    assert name == "simgrid"
    if arguments[0] == "reproduce":
        arguments = ["--cached" if one == "--full" else one for one in arguments]
    else:
        fewer = ["--trajectories", "2"] if arguments[0] == "sensitivity" else []
        arguments = [*arguments, *fewer, "--dry-run"]
    done = CliRunner().invoke(cli, [*arguments, "-o", str(tmp_path)])
    assert done.exit_code == 0, done.output


def test_it_names_every_map() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert re.findall(r"^\| `(paper/map-[a-z]+)` \|", text, re.MULTILINE) == [
        one.worlds.scenario for one in MAPS
    ]


def main() -> None:
    """Write the sentences and the picture of the reference runs into the docs."""
    PAGE.write_text(_PART.sub(lambda _: told(), PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    picture = ROOT / "results/reference/figures" / PICTURE
    (ROOT / "docs/images" / PICTURE).write_bytes(picture.read_bytes())


if __name__ == "__main__":
    main()
