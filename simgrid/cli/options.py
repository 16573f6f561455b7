"""Options that several commands have, each worded once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

jobs = click.option(
    "-j", "--jobs", type=click.IntRange(min=1), help="Worker processes (default: one a processor)."
)
cluster = click.option(
    "--cluster", metavar="ADDRESS", help="Compute on the workers of the Dask scheduler at tcp://HOST:PORT."
)
overrides = click.option(
    "--set", "overrides", metavar="KEY=VALUE", multiple=True, help="Another value at a place."
)
seed = click.option("--seed", type=click.IntRange(min=0), help="Instead of the scenario's seed.")
dry_run = click.option("--dry-run", is_flag=True, help="Say what would be computed, and stop.")
as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object per line on stdout.")
smoke = click.option("--smoke", is_flag=True, help="Cut short: 2 replications of at most 12 inspections.")


def output(help_text: str = "Parent of the results folder.") -> Callable[[Command], Command]:
    """``-o``: the folder in which results folders are made."""
    return click.option(
        "-o",
        "--output",
        default="results",
        type=click.Path(file_okay=False, path_type=Path),
        help=help_text,
        show_default=True,
    )
