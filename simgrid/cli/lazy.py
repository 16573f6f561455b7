"""A group of commands that imports the one that is called, so that help is instant."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

import click


class LazyGroup(click.Group):
    """A group that knows its commands by name: ``{name: (module, one line of help)}``."""

    def __init__(self, *args: Any, commands_by_name: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._known = commands_by_name

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which they are used."""
        return list(self._known)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module, which has a command of the same name."""
        if cmd_name not in self._known:
            return None
        module = importlib.import_module(self._known[cmd_name][0])
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, naming the commands there are when there is none of this name."""
        if args and not args[0].startswith("-") and args[0] not in self._known:
            near = get_close_matches(args[0].casefold(), self._known, n=1)
            meant = f": did you mean '{near[0]}'?" if near else ""
            ctx.fail(f"there is no command '{args[0]}'{meant or ';'} there are: {', '.join(self._known)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list, without importing what it lists."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, said) for name, (_, said) in self._known.items()])
