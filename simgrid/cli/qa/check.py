"""``simgrid qa check``: is what the scanner sent fit to be read?"""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgrid.cli import options
from simgrid.cli.exits import CHECK_SAID_NO, ENVIRONMENT, USAGE, leave, told
from simgrid.scenario.counts import many

if TYPE_CHECKING:
    from simgrid.quality.check import Checked

LISTED = "listed"
_WIDTH = len("accept-with-note")


@click.command()
@click.argument("path", metavar="PATH", type=click.Path(path_type=Path))
@options.as_json
@click.pass_context
def check(context: click.Context, path: Path, as_json: bool) -> None:
    """Judge a DICOM file, or every file below a folder: header, pixels, defects.

    One line a file, and a summary. Exit code 1 if a file is to be rejected or repeated.
    """
    with told():
        from simgrid.cli.progress import progress
        from simgrid.quality.check import check_below, files_below
        from simgrid.quality.classifier.classifier import Classifier, WeightsError

        if not path.exists():
            leave(USAGE, f"'{path}' does not exist: give a DICOM file or a folder of them")
        try:
            Classifier.shipped()
        except WeightsError as error:
            leave(ENVIRONMENT, str(error))
        counts: Counter[str] = Counter()
        listed: Counter[str] = Counter()
        with progress(len(files_below(path)), "files") as advance:
            for checked in check_below(path):
                click.echo(_json(checked) if as_json else _line(checked, path))
                counts[_shown(checked)] += 1
                if _shown(checked) == LISTED:
                    listed[checked.reason.partition(":")[0]] += 1
                advance(1)
        if not as_json:
            click.echo(_summary(counts, listed))
        context.exit(CHECK_SAID_NO if counts["reject"] or counts["repeat"] else 0)


def _json(checked: Checked) -> str:
    return json.dumps(
        {
            "path": checked.path,
            "status": checked.status,
            "reason": checked.reason,
            "verdict": checked.verdict,
            "defects": {
                name: {"probability": _rounded(one.probability), "severity": _rounded(one.severity)}
                for name, one in checked.defects.items()
            },
            "findings": [
                {
                    "rule": one.rule,
                    "tag": one.tag,
                    "place": one.place,
                    "severity": one.severity,
                    "message": one.message,
                }
                for one in checked.findings
            ],
        }
    )


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 4)


def _shown(checked: Checked) -> str:
    from simgrid.quality.check import word

    return word(checked.status, checked.verdict)


def _line(checked: Checked, below: Path) -> str:
    """``reject  scan/17.dcm  the pixel data end ...``; the path is below the folder that was given."""
    folder = f"{below}{os.sep}"
    more = f"  ({many(len(checked.findings), 'finding')})" if len(checked.findings) > 1 else ""
    return (
        f"{_shown(checked):<{_WIDTH}}  {checked.path.removeprefix(folder)}  {checked.reason}{more}".rstrip()
    )


def _summary(counts: Counter[str], listed: Counter[str]) -> str:
    from simgrid.quality.opinion import WORST_FIRST

    order = (*reversed(WORST_FIRST), LISTED)
    parts = [f"{counts[name]} {name}" for name in order if counts[name]]
    why = ", ".join(f"{number} {reason}" for reason, number in listed.most_common())
    said = f"{many(counts.total(), 'file')}: {', '.join(parts) or 'none'}"
    return f"{said} ({why})" if why else said
