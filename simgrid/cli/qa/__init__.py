"""``simgrid qa``: the image-quality module from the command line; one module a command."""

from __future__ import annotations

import click

from simgrid.cli.lazy import LazyGroup

# name: (module, one line of help)
COMMANDS = {
    "check": ("simgrid.cli.qa.check", "Judge DICOM files and folders; every file is accounted for."),
    "rules": ("simgrid.cli.qa.rules", "What each finding means, and the way out."),
    "surrogate": ("simgrid.cli.qa.surrogate", "Count verdicts for runs too large for the real module."),
    "fetch-data": ("simgrid.cli.qa.fetch_data", "Bring the real images to train and test on."),
    "bot": ("simgrid.cli.qa.bot", "Judge every file of an inbox once, and file what was found."),
    "deidentify": ("simgrid.cli.qa.deidentify", "Write DICOM files without the person."),
    "audit": ("simgrid.cli.qa.audit", "Verify the audit log of the bot."),
    "feedback": ("simgrid.cli.qa.feedback", "Hold radiologists' findings against what the bot had said."),
    "evaluate": ("simgrid.cli.qa.evaluate", "Say how good the classifier is, with intervals."),
    "explain": ("simgrid.cli.qa.explain", "Draw why the classifier says what it says of an image."),
    "train": ("simgrid.cli.qa.train", "Train every network and tree again, by one command."),
}


@click.command(cls=LazyGroup, commands_by_name=COMMANDS)
def qa() -> None:
    """Judge the quality of DICOM images: begin with  simgrid qa check FOLDER"""
