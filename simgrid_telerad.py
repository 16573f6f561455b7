"""The command's own door: it stands outside the package, so that it works where another simgrid shadows ours.

INRIA's SimGrid is imported by the same name. Whatever comes first on the module path is what
``import simgrid`` gives, and a check inside our package would not be found then.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import PathFinder
from typing import Any

ENVIRONMENT = 4
"""The exit code of ``simgrid.cli.exits``, which cannot be imported here."""


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line; exit code 4 where ``import simgrid`` would give something else."""
    other = shadow()
    if other is not None:
        print(told(other), file=sys.stderr)
        return ENVIRONMENT
    from simgrid.cli.main import main as command_line

    return command_line(arguments)


def shadow() -> str | None:
    """The file or folder that ``import simgrid`` would take instead of this package; None where it is ours.

    It is looked for and not imported: what stands there may do anything. A package that has our command line
    is ours, be it another checkout.
    """
    found = PathFinder.find_spec("simgrid")
    if found is None or found.origin is None:  # nothing, or folders without a package: the import tells
        return None
    folder = os.path.dirname(found.origin)  # noqa: PTH120
    beside = os.path.join(os.path.dirname(os.path.abspath(__file__)), "simgrid")  # noqa: PTH100, PTH118, PTH120
    ours = os.path.join(folder, "cli", "main.py")  # noqa: PTH118
    return None if folder == beside or os.path.isfile(ours) else os.path.abspath(found.origin)  # noqa: PTH100, PTH113


def told(other: str) -> str:
    """What shadows the package, why that may be, and the ways out."""
    return f"""error: {other}
  shadows this program: 'import simgrid' gives that file and not simgrid-telerad's package.
  INRIA's SimGrid, another simulator, is imported by the same name, simgrid.
  = help: install simgrid-telerad in a virtual environment of its own: python3 -m venv .venv
  = help: unset PYTHONPATH, if it names that folder
  = help: leave that folder, if the command was given in it as 'python -m simgrid_telerad'"""


if __name__ == "__main__":
    sys.exit(main())
