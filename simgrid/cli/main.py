"""``simgrid``: the list of commands; each is imported when it is called, so that help is instant."""

from __future__ import annotations

import sys
from typing import Any

import click

from simgrid import __version__
from simgrid.cli.interrupts import interruptible
from simgrid.cli.lazy import LazyGroup

# name: (module, one line of help)
COMMANDS = {
    "run": ("simgrid.cli.run", "Simulate a scenario's policies and compare them."),
    "sensitivity": ("simgrid.cli.sensitivity", "Say which of a scenario's values its results hang on."),
    "compare": ("simgrid.cli.compare", "Compare finished runs again, or with another baseline."),
    "report": ("simgrid.cli.report", "Write finished runs as one HTML file that a board can read."),
    "select": ("simgrid.cli.select", "Select the best policy or cell by replications enough."),
    "plan": ("simgrid.cli.plan", "Find the cheapest plan that meets a scenario's targets."),
    "stress": ("simgrid.cli.stress", "Say what breaks first: links, units, shards, radiologists, load."),
    "reproduce": ("simgrid.cli.reproduce", "Hold the claims of the study against ours, one verdict each."),
    "department": ("simgrid.cli.department", "Hold a replayed log against the model, one verdict each."),
    "warm-up": ("simgrid.cli.warm_up", "Propose a warm-up, and show when runs have settled."),
    "new": ("simgrid.cli.new", "Start from a working example in a folder of your own."),
    "validate": ("simgrid.cli.validate", "Check scenarios; nothing runs, every problem at once."),
    "estimate": ("simgrid.cli.estimate", "Estimate load, backlog and links by the hour; nothing runs."),
    "show": ("simgrid.cli.show", "Print a scenario after extends, with the origin of each value."),
    "diff": ("simgrid.cli.diff", "Say what differs between two scenarios, or where two runs part."),
    "explain": ("simgrid.cli.explain", "Explain the number of an error or a warning."),
    "explain-study": (
        "simgrid.cli.explain_study",
        "Say where the time of one study went, and why it was late.",
    ),
    "snapshot": ("simgrid.cli.snapshot", "Write what there is in a run at one moment, to begin others from."),
    "replay": ("simgrid.cli.replay", "Turn a hospital's log into a scenario that replays it."),
    "qa": ("simgrid.cli.qa", "Judge the quality of DICOM images."),
    "verify": ("simgrid.cli.verify", "Compute random runs of a report again, and compare."),
    "export": ("simgrid.cli.export", "Write a stored run as an event log for other tools."),
    "app": ("simgrid.cli.app", "Edit a scenario in the browser, run it and save its report."),
    "schema": ("simgrid.cli.schema", "Print the JSON Schema of scenarios, for editors."),
    "doctor": ("simgrid.cli.doctor", "Check that this installation works."),
}


@click.command(
    cls=LazyGroup, commands_by_name=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, prog_name="simgrid")
def cli() -> None:
    """Simulate teleradiology: who should read what, and what that does to patients and radiologists.

    This is not INRIA's SimGrid. Begin with:  simgrid run paper/table-1
    """


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line; returns what click returns when it does not exit."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that cannot show ± must not end the command
            stream.reconfigure(errors="replace")
    with interruptible():
        return cli(arguments, prog_name="simgrid")
