"""``simgrid qa evaluate``: how good the image-quality classifier is, with intervals over sources."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgrid.cli.exits import ENVIRONMENT, leave, told

if TYPE_CHECKING:
    from simgrid.quality.evaluation.scores import Kept
    from simgrid.quality.evaluation.tables import Row


@click.command()
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("results/quality"),
    show_default=True,
    help="Folder for tables and figures.",
)
@click.option(
    "--trained",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="A folder of 'simgrid qa train'.  [default: what is shipped]",
)
@click.option("--untouched/--no-untouched", default=True, help="Judge the test set and what is outside too.")
@click.option("--gallery/--no-gallery", default=True, help="Show the surest errors as pictures.")
@click.option("--parts/--no-parts", default=True, help="Measure organs, denoiser, anomalies, explanation.")
@click.option("--count", type=click.IntRange(1), default=60, show_default=True, help="Images a test source.")
@click.option("--cache", type=click.Path(path_type=Path, file_okay=False), help="Where the images are.")
def evaluate(
    output: Path,
    trained: Path | None,
    untouched: bool,
    gallery: bool,
    parts: bool,
    count: int,
    cache: Path | None,
) -> None:
    """Write tables.csv, tables.md, calibration.png and failures.png; parts.csv, parts.md and part-NAME.png.

    Tables on sources left out of training are made of the scores that training kept; the test set and the
    pictures need 'simgrid qa fetch-data'. Neither needs torch or scikit-learn.
    """
    from simgrid.experiments.atomic import write_bytes
    from simgrid.presentation.quality_evaluation import calibration_figure, markdown
    from simgrid.quality.evaluation.goals import goals_table
    from simgrid.quality.evaluation.scores import KEPT, kept
    from simgrid.quality.evaluation.tables import all_rows, as_csv
    from simgrid.quality.evaluation.verdict_shares import left_out
    from simgrid.quality.sources.images import NotFetched

    with told():
        try:
            scores = kept(trained / "evaluation" / KEPT if trained else None)
        except FileNotFoundError as error:
            leave(ENVIRONMENT, f"{error.filename} is missing: run 'simgrid qa train' first")
        rows = all_rows(scores) + left_out(scores)
        files = calibration_figure(scores)
        try:
            if gallery:
                files |= _gallery(scores, cache)
            if untouched:
                rows += _untouched(trained, scores, cache, count)
            if parts:
                files |= _parts(trained, cache)
        except NotFetched as error:
            leave(ENVIRONMENT, f"{error}, or leave it out: --no-untouched --no-gallery --no-parts")
        files |= {"tables.csv": as_csv(rows).encode(), "tables.md": markdown(rows).encode()}
        output.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            write_bytes(output / name, content)
    click.echo(goals_table(rows))
    click.echo(output)


def _parts(trained: Path | None, cache: Path | None) -> dict[str, bytes]:
    from simgrid.presentation.quality_parts import parts_figures, parts_markdown
    from simgrid.quality.evaluation.parts.everything import measures
    from simgrid.quality.evaluation.parts.found import as_csv

    rows = []
    for part, measure in measures(trained, cache).items():
        click.echo(f"measuring {part}", err=True)
        rows += measure()
    tables = {"parts.csv": as_csv(rows).encode(), "parts.md": parts_markdown(rows).encode()}
    return parts_figures(rows) | tables


def _gallery(scores: Kept, cache: Path | None) -> dict[str, bytes]:
    from simgrid.presentation.quality_evaluation import gallery_figure
    from simgrid.quality.evaluation.gallery import failures
    from simgrid.quality.training.collection import image_again

    shown = [
        [(one, image_again(one.key, scores.seed, cache, smoke=scores.smoke)) for one in side]
        for side in failures(scores)
    ]
    return gallery_figure(shown[0], shown[1])


def _untouched(trained: Path | None, scores: Kept, cache: Path | None, count: int) -> list[Row]:
    from simgrid.quality.classifier.classifier import NETWORK, TREES, Classifier, load
    from simgrid.quality.evaluation.untouched import judged_test_role, outside_rows, rows_of
    from simgrid.quality.evaluation.verdict_shares import as_they_came

    classifier = Classifier.shipped()
    if trained:
        folder = trained / "weights"
        classifier = load((folder / NETWORK).read_bytes(), (folder / TREES).read_bytes())
    judged = rows_of(judged_test_role(classifier, scores, cache, count))
    return judged + outside_rows(classifier, cache) + as_they_came(classifier, cache)
