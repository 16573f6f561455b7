"""``simgrid qa train``: every weight of the image-quality networks again, by one command."""

from __future__ import annotations

import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgrid.cli.exits import ENVIRONMENT, USAGE, leave, told

if TYPE_CHECKING:
    from simgrid.quality.training.steps import Context


@click.command()
@click.argument("steps", nargs=-1, metavar="[STEP]...")
@click.option("--smoke", is_flag=True, help="The same code on few images, within two minutes.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("trained"),
    show_default=True,
    help="Folder for weights, model cards and scores.",
)
@click.option("--threads", type=click.IntRange(1, 8), default=2, show_default=True)
@click.option("--cache", type=click.Path(path_type=Path, file_okay=False), help="Where the images are.")
def train(steps: tuple[str, ...], smoke: bool, output: Path, threads: int, cache: Path | None) -> None:
    """Train all networks and trees of the image-quality bot, or the named STEPs.

    'denoiser-adversarial' is trained only where it is named: it may invent what is not there.

    Needs 'pip install simgrid-telerad[train]' and 'simgrid qa fetch-data'. The same seed on the same machine
    with the same number of threads gives the same bytes.
    """
    from simgrid.quality.training import steps as training

    missing = [name for name in ("torch", "sklearn", "onnx", "onnxscript") if find_spec(name) is None]
    if missing:
        leave(ENVIRONMENT, f"not installed: {', '.join(missing)}; pip install 'simgrid-telerad[train]'")
    known = {**training.STEPS, **training.ON_REQUEST}
    unknown = [name for name in steps if name not in known]
    if unknown:
        leave(USAGE, f"no such step: {', '.join(unknown)}; there are: {', '.join(known)}")
    with told():
        _train(training.Context(smoke=smoke, tell=_tell, cache=cache, threads=threads), steps, output)
    click.echo(output)


def _train(context: Context, steps: tuple[str, ...], output: Path) -> None:
    from simgrid.experiments.atomic import write_bytes
    from simgrid.quality.sources.images import NotFetched
    from simgrid.quality.training.steps import run

    began = time.monotonic()
    try:
        for name, files in run(context, steps):
            for file, content in files.items():
                path = output / file
                path.parent.mkdir(parents=True, exist_ok=True)
                write_bytes(path, content)
            size = sum(len(content) for content in files.values()) / 1024
            _tell(f"{name}: {len(files)} files, {size:.0f} KiB, after {time.monotonic() - began:.0f} s")
    except NotFetched as error:
        leave(ENVIRONMENT, str(error))


def _tell(line: str) -> None:
    click.echo(line, err=True)
