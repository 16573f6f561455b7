"""``simgrid replay``: logs of a hospital become a scenario that replays them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgrid.cli.exits import USAGE, leave, told
from simgrid.cli.interrupts import leave_interrupted

if TYPE_CHECKING:
    from simgrid.experiments.replaying.conversion import Asked
    from simgrid.workload.replay.pseudonyms import Pseudonyms

_FILE = click.Path(dir_okay=False, path_type=Path)
_MAPPING = """
  = help: write the log's names into a file, one a line, and give it with --map, such as
      Ordered: requested_at
      Accession: inspection_id"""


@click.command()
@click.argument("logs", metavar="LOG...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--output", type=_FILE, default="replay.yaml", show_default=True, help="The scenario.")
@click.option("--zone", help="Zone of times without an offset, such as Europe/Dublin.")
@click.option("--map", "mapping", type=_FILE, help="YAML or JSON: own column names to ours.")
@click.option("--missing", metavar="FIELD=RULE", multiple=True, help="sample, drop, or a constant.")
@click.option("--sample", metavar="FIELD", multiple=True, help="Draw this field, do not replay it.")
@click.option("--lenient", metavar="FIELD", multiple=True, help="Unknown values count as missing.")
@click.option("--keep", default="", metavar="sites,radiologists", help="Names to keep as they are.")
@click.option("--key-file", type=_FILE, help="Secret of 16 to 64 bytes for equal pseudonyms next time.")
@click.option("--shift-weeks", type=click.IntRange(0, 520), default=0, help="Move patients' dates by weeks.")
@click.option("--force", is_flag=True, help="Write over files that exist.")
def replay(
    logs: tuple[Path, ...],
    output: Path,
    zone: str | None,
    mapping: Path | None,
    missing: tuple[str, ...],
    sample: tuple[str, ...],
    lenient: tuple[str, ...],
    keep: str,
    key_file: Path | None,
    shift_weeks: int,
    force: bool,
) -> None:
    """Turn LOG (CSV, XES, HL7 v2, or a folder of DICOM files) into a scenario that replays it.

    Nobody is recognisable in what is written; rows that cannot be used are listed beside the scenario.
    """
    with told():
        from simgrid.experiments.replaying.conversion import Asked, Targets
        from simgrid.experiments.replaying.mapping import read_mapping
        from simgrid.workload.replay.log_files import LogError
        from simgrid.workload.replay.rules import Rules

        try:
            rules = Rules(
                zone=zone,
                missing=_missing(missing),
                lenient=frozenset(lenient),
                sampled=frozenset(sample),
                shift_weeks=shift_weeks,
            )
            naming = _naming(key_file, keep)
            _convert(Asked(logs, Targets(output), rules, naming, read_mapping(mapping), force))
        except LogError as error:
            hint = _MAPPING if mapping is None and "no column" in str(error) else ""
            leave(USAGE, "\nerror: ".join(error.problems) + hint)
        except KeyboardInterrupt:
            leave_interrupted("error: interrupted; nothing was written")


def _convert(asked: Asked) -> None:
    from simgrid.cli.progress import progress
    from simgrid.experiments.replaying.conversion import amount, check_targets, convert, kinds_of

    check_targets(asked)
    kinds = kinds_of(asked.logs)
    much = amount(asked.logs, kinds)
    with progress(much.total, much.unit) as advance:
        lines = convert(asked, kinds, lambda more: advance(more * much.each))
    click.echo("\n".join(lines))
    written = [path for path in asked.targets if path.exists() and path != asked.targets.scenario]
    click.echo(f"written: {', '.join(map(str, written))}, and this scenario ('simgrid run' it next):")
    click.echo(asked.targets.scenario)


def _missing(given: tuple[str, ...]) -> dict[str, str]:
    from simgrid.workload.replay.log_files import LogError

    wrong = [one for one in given if not all(one.partition("=")[::2])]
    if wrong:
        raise LogError([f"--missing {one!r}: write FIELD=RULE, such as priority=routine" for one in wrong])
    return {name.strip(): rule.strip() for name, _, rule in (one.partition("=") for one in given)}


def _naming(key_file: Path | None, keep: str) -> Pseudonyms:
    from simgrid.workload.replay.pseudonyms import Pseudonyms, new_key

    key = new_key() if key_file is None else _key(key_file)
    return Pseudonyms(key, frozenset(one.strip() for one in keep.split(",") if one.strip()))


def _key(path: Path) -> bytes:
    from simgrid.workload.replay.log_files import LogError, open_log

    try:
        with open_log(path) as file:
            return file.read(1000).strip()
    except LogError:
        way_out = f"make one with: head -c 32 /dev/urandom > {path}"
        raise LogError([f"key file '{path}' cannot be read; {way_out}"]) from None
