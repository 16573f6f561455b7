"""``simgrid qa surrogate``: how often the real module repeats and refers, counted for large runs."""

from __future__ import annotations

from pathlib import Path

import click

from simgrid.cli.exits import USAGE, leave, told
from simgrid.scenario.counts import many

_GATES = ("rules", "cnn", "rules+cnn")
_SHARE = click.FloatRange(0, 1)
_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command("surrogate")
@click.option("-o", "--output", type=_FILE, required=True, help="CSV to write.")
@click.option("--source", default="pydicom", show_default=True, help="A source or role that was fetched.")
@click.option("--folder", type=_FOLDER, help="Or one's own DICOM files.")
@click.option("--gate", "gates", type=click.Choice(_GATES), multiple=True, help="Which (default: all).")
@click.option("--looks", type=click.IntRange(1, 100), default=2, show_default=True, help="Draws of a defect.")
@click.option(
    "--relevant", type=click.FloatRange(0, 1), default=0.35, show_default=True, help="Share spoiled."
)
def surrogate(
    output: Path, source: str, folder: Path | None, gates: tuple[str, ...], looks: int, relevant: float
) -> None:
    """Have the real module judge every image with every defect, and write how often it asked for a repeat.

    Of relevant defects the share repeated is its sensitivity, of the others one less its specificity. A
    scenario names the table with  quality_gate: {name: surrogate, options: {table: FILE}}
    """
    with told():
        from simgrid.domain.imaging import ImagePool
        from simgrid.experiments.atomic import write_text
        from simgrid.quality.pool import PoolError, pool
        from simgrid.quality.surrogate import count, table_text
        from simgrid.quality.verdicts import LOOKING

        rules = ImagePool(source, None if folder is None else str(folder), relevant=relevant, looks=looks)
        try:
            images = pool(rules.source, rules.folder).images
        except PoolError as error:
            leave(USAGE, str(error))
        rows = [row for gate in LOOKING if gate in (gates or LOOKING) for row in count(rules, gate)]
        write_text(output, table_text(rows))
        judged = many(sum(row.images for row in rows), "verdict")
        click.echo(f"{output}: {judged} on {many(len(images), 'image')}")
