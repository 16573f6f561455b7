"""``simgrid qa feedback``: what radiologists found later, held against what the bot had said."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgrid.cli import options
from simgrid.cli.exits import CHECK_SAID_NO, USAGE, leave, told
from simgrid.scenario.counts import many

if TYPE_CHECKING:
    from simgrid.quality.feedback.drift import Agreement
    from simgrid.quality.feedback.proposal import Proposal


@click.command()
@click.argument("table", metavar="CSV", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--log", type=click.Path(path_type=Path), required=True, help="The bot's output folder or results.jsonl."
)
@options.as_json
@click.pass_context
def feedback(context: click.Context, table: Path, log: Path, as_json: bool) -> None:
    """Show agreement by month and site, and propose thresholds where they are shown to help.

    CSV has the columns file, defect, present, reader, date, and site if there are several. Exit code 1 if a
    month or a site agrees less than it should, or the judge has to be trained anew.
    """
    with told():
        from simgrid.quality.feedback.drift import by_month, by_site
        from simgrid.quality.feedback.proposal import propose
        from simgrid.quality.feedback.table import NotFeedback, read_feedback, read_said

        try:
            read = read_feedback(table, read_said(log))
        except NotFeedback as error:
            leave(USAGE, str(error))
        for line, why in read.rejected:
            click.echo(f"{table}:{line}: not used: {why}", err=True)
        months, sites, proposals = by_month(read.rows), by_site(read.rows), propose(read.rows)
        readers = len({row.reader for row in read.rows})
        if as_json:
            for kind, found in (("month", months), ("site", sites), ("proposal", proposals)):
                for one in found:
                    click.echo(json.dumps({"kind": kind, **asdict(one)}))
        else:
            click.echo(
                f"{many(len(read.rows), 'look')} of {many(readers, 'reader')}, {len(read.rejected)} not used"
            )
            for one in (*months, *(sites if len(sites) > 1 else ())):
                click.echo(_agreement(one))
            for proposal in proposals:
                click.echo(_proposal(proposal))
        drifted = any(one.worse for one in (*months, *sites))
        context.exit(CHECK_SAID_NO if drifted or any(one.advice == "retrain" for one in proposals) else 0)


def _agreement(one: Agreement) -> str:
    agrees = one.agrees
    said = f"{one.group:<12} agrees {agrees.share:.0%} [{agrees.low:.0%}, {agrees.high:.0%}] of {agrees.n}"
    if one.change is None:
        return said
    change, low, high = (100 * part for part in one.change)
    return f"{said}, {change:+.0f} points [{low:+.0f}, {high:+.0f}]{'  WORSE' if one.worse else ''}"


def _proposal(one: Proposal) -> str:
    said = f"{one.defect:<12} {one.advice}: {many(one.looks, 'look')}, {one.present} with it"
    if one.advice == "too few":
        return said
    changed = (
        f"log loss {one.loss_before:.3f} to {one.loss_after:.3f}, "
        f"calibration error {one.error_before:.3f} to {one.error_after:.3f} on rows left out"
    )
    wanted = f"; threshold {one.threshold:.3f}" if one.advice == "recalibrate" else ""
    return f"{said}; AUC {one.auc:.2f}; {changed}{wanted}"
