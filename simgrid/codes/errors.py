"""What the code tables refuse: every problem at once, each with file, line, column, value and way out."""

from collections.abc import Sequence
from dataclasses import dataclass

SHOWN = 30
"""At most this many problems are written out; ``problems`` always holds all of them."""


@dataclass(frozen=True, slots=True)
class TableProblem:
    """One thing wrong in a table; line 0 is the file as a whole, line 1 its header."""

    file: str
    line: int
    column: str
    value: str
    message: str

    def __str__(self) -> str:
        place = (
            self.file + (f":{self.line}" if self.line else "") + (f" {self.column}" if self.column else "")
        )
        shown = f" is {self.value!r}" if self.value or self.column else ""
        return f"{place}{shown}: {self.message}"


class CodeTableError(ValueError):
    """Code tables that cannot be used; ``problems`` lists everything that is wrong."""

    def __init__(self, problems: Sequence[TableProblem]) -> None:
        self.problems = tuple(problems)
        lines = [str(problem) for problem in self.problems[:SHOWN]]
        if len(self.problems) > SHOWN:
            lines.append(f"and {len(self.problems) - SHOWN} more")
        super().__init__("\n".join(lines))


class UnknownCodeError(LookupError):
    """A code that the tables do not hold; the message names near ones."""
