"""What the rating room refuses and warns about: every problem at once, each with its place."""

from dataclasses import dataclass

SHOWN = 20
"""At most this many problems are written out; ``problems`` always holds all of them."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: ``path`` leads to it (names and indices), ``message`` says value and way out."""

    path: tuple[str | int, ...]
    message: str

    @property
    def place(self) -> str:
        """The path as a reader writes it: ``children.Workload.weights.normal.judgements[2][1]``."""
        written = ""
        for step in self.path:
            written += f"[{step}]" if isinstance(step, int) else f".{step}" if written else step
        return written

    def under(self, *prefix: str | int) -> "Problem":
        """The same problem seen from further up."""
        return Problem((*prefix, *self.path), self.message)

    def __str__(self) -> str:
        return f"{self.place} {self.message}" if self.path else self.message


class RatingError(ValueError):
    """Input of the rating room that cannot be used; ``problems`` lists everything that is wrong."""

    def __init__(self, problems: list[Problem] | tuple[Problem, ...]) -> None:
        self.problems = tuple(problems)
        lines = [str(problem) for problem in self.problems[:SHOWN]]
        if len(self.problems) > SHOWN:
            lines.append(f"and {len(self.problems) - SHOWN} more")
        super().__init__("\n".join(lines))


class JudgementError(RatingError):
    """A judgement matrix is not square, positive, finite or reciprocal."""


class OntologyError(RatingError):
    """A tree, or a mapping meant to become one, is not an ontology."""


class InconsistentJudgementsWarning(UserWarning):
    """Judgements contradict each other: consistency ratio at or above 0.10 (Saaty 1980)."""
