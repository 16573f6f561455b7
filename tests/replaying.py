"""``simgrid replay`` called as people call it."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from simgrid.cli.main import cli
from tests.hospital_logs import MAPPING


def simgrid(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(one) for one in arguments])


def replayed(log: Path, folder: Path, *options: str, name: str = "night") -> tuple[Result, Path]:
    """The command in a folder of its own; a mapping and a zone, which only the CSV needs, do no harm."""
    folder.mkdir(exist_ok=True)
    mapping = folder.parent / "names.yaml"
    mapping.write_text(MAPPING, encoding="utf-8")
    scenario = folder / f"{name}.yaml"
    plain = "" if any(one == "--map" for one in options) else "--map"
    given = [plain, str(mapping)] if plain else []
    return simgrid("replay", log, "-o", scenario, "--zone", "Europe/Dublin", *given, *options), scenario
