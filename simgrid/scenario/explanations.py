"""What each number means at length, from ``explanations.md``: cause, an example wrong and the same right."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import resources

from simgrid.scenario.problems import CATALOGUE

_SECTION = re.compile(
    r"^## (?P<code>[EW]\d{3})\n\n(?P<cause>.*?)\n\n"
    r"Wrong:\n\n```(?P<kind>[a-z ]+)\n(?P<wrong>.*?)\n```\n\nRight:\n\n```[a-z ]+\n(?P<right>.*?)\n```",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """``kind`` of the examples: ``yaml`` (a change of tiny/one-unit), ``yaml whole`` or ``sh``."""

    code: str
    cause: str
    kind: str
    wrong: str
    right: str

    def render(self) -> str:
        """The text as ``simgrid explain`` prints it."""
        examples = [
            f"{word}:\n\n" + "\n".join(f"    {line}" for line in text.split("\n"))
            for word, text in (("Wrong", self.wrong), ("Right", self.right))
        ]
        return "\n\n".join([f"{self.code}: {CATALOGUE[self.code]}", self.cause, *examples])


def explanations() -> dict[str, Explanation]:
    """Every explanation by its number, in order."""
    text = resources.files("simgrid.scenario").joinpath("explanations.md").read_text(encoding="utf-8")
    return {
        found["code"]: Explanation(
            found["code"], found["cause"], found["kind"], found["wrong"], found["right"]
        )
        for found in _SECTION.finditer(text)
    }
