"""``simgrid qa explain``: why the classifier says what it says of an image, as pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgrid.cli.exits import CHECK_SAID_NO, USAGE, leave, told

if TYPE_CHECKING:
    from simgrid.quality.classifier.classifier import Classifier
    from simgrid.quality.defect_names import Defect
    from simgrid.quality.image import Image

LISTED = 12  # measures in the JSON file


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), required=True)
@click.option("--defect", help="Explain this one (default: those more likely than not, or the likeliest).")
@click.option("--frame", type=click.IntRange(1), default=1, show_default=True)
@click.pass_context
def explain(context: click.Context, file: Path, output: Path, defect: str | None, frame: int) -> None:
    """Draw where in an image the network's score for a defect comes from, and which measures spoke for it.

    Writes explanation-DEFECT.png and explanation.json, which hold nothing of the header. The picture shows
    where the network looked; it is no proof that the defect is there.
    """
    with told():
        from simgrid.dicom.apart import read_apart
        from simgrid.quality.check import images_of
        from simgrid.quality.classifier.abstention import cannot_be_judged
        from simgrid.quality.classifier.classifier import Classifier
        from simgrid.quality.defect_names import possible

        if not file.is_file():
            state = "is a folder" if file.is_dir() else "does not exist"
            leave(USAGE, f"'{file}' {state}: give a DICOM file")
        read = read_apart(file)
        images = images_of(read)
        if not images:
            leave(CHECK_SAID_NO, f"'{file}' holds no image that can be read: {read.reason}: {read.detail}")
        image = next((one for one in images if one.frame == frame - 1), None)
        if image is None:
            there = ", ".join(str(one.frame + 1) for one in images)
            leave(USAGE, f"--frame {frame}: of '{file}', these were read: {there}")
        known = possible(image.modality)
        if defect is not None and defect not in known:
            leave(USAGE, f"--defect {defect}: {image.modality} can have {', '.join(known) or 'none'}")
        if not known:
            leave(CHECK_SAID_NO, f"'{file}' is {image.modality}: the classifier judges CT, MR, radiographs")
        unable = cannot_be_judged(image)
        if unable:
            leave(CHECK_SAID_NO, f"'{file}' is not judged, there is nothing to explain: {unable}")
        chosen = [one for one in known if one == defect]
        _write(output, Classifier.shipped(), image, chosen)
    click.echo(output)


def _write(output: Path, classifier: Classifier, image: Image, chosen: list[Defect]) -> None:
    from simgrid.experiments.atomic import write_bytes, write_text
    from simgrid.presentation.quality_explanation import explanation_figure
    from simgrid.quality.explanation.attribution import contributions
    from simgrid.quality.explanation.heat import PLACED, UNPLACED, heat

    judged = classifier.judge([image])[0]
    likeliest = sorted(judged.probability, key=lambda name: (-judged.probability[name], name))
    chosen = chosen or [one for one in likeliest if judged.probability[one] >= 0.5] or likeliest[:1]
    output.mkdir(parents=True, exist_ok=True)
    told = []
    for name in chosen:
        found = contributions(classifier, image, name)
        title = f"{name}: probability {judged.probability[name]:.0%}, severity {judged.severity[name]:.2f}"
        where = heat(classifier, image, name)
        for file, content in explanation_figure(f"explanation-{name}", image, where, found, title).items():
            write_bytes(output / file, content)
        told.append(
            {
                "defect": name,
                "probability": round(judged.probability[name], 4),
                "severity": round(judged.severity[name], 4),
                "heat": "tells the place" if name in PLACED else UNPLACED,
                "measures": [
                    {"measure": one.measure, "value": one.value, "raises_log_odds": round(one.raises, 4)}
                    for one in found[:LISTED]
                ],
            }
        )
        click.echo(title)
        if name not in PLACED:
            click.echo(f"{name}: {UNPLACED}")
    click.echo(f"{judged.verdict}: {judged.why}")
    said = {"verdict": judged.verdict, "why": judged.why, "abstains": judged.abstains, "explained": told}
    write_text(output / "explanation.json", json.dumps(said, indent=1) + "\n")
