"""A cell as it is in one world: its uncertain values drawn, and everything checked and built again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from simgrid.domain.scenario import Scenario, Source
from simgrid.scenario.build import Cell, Surroundings, build_cell
from simgrid.scenario.marks import Located, NoSuchEntry, addressed
from simgrid.scenario.problems import Problem, ScenarioInvalid
from simgrid.scenario.uncertain import CODE, Place

OUT_OF_RANGE = "E107"


@dataclass(frozen=True, slots=True)
class Redraw:
    """The cell's tree and what it was built in; called with a seed and a replication it is built anew.

    The draws belong to seed, replication and place: all cells and policies have the same. ``sources`` is the
    cell's ledger, which no draw changes; to check it again would take as long as half of all the rest.
    """

    tree: Located
    around: Surroundings
    swept: tuple[tuple[str, str], ...]
    places: tuple[Place, ...]
    sources: tuple[Source, ...] = ()

    def __call__(self, seed: int, replication: int) -> Scenario:
        """The cell of this replication.

        :raises ScenarioInvalid: where these values do not make a scenario together.
        """
        from simgrid.statistics.draws import draws_of  # numpy: who only validates waits for none of it

        draws = draws_of(tuple(one.of for one in self.places), seed, replication)
        built = self._built(draws)
        if built.scenario is None:
            told = f"replication {replication} draws what is no scenario: "
            wrong = [one for one in built.problems if one.severity == "error"]
            raise ScenarioInvalid([replace(one, message=told + one.message) for one in wrong])
        return replace(built.scenario, seed=seed, draws=draws, sources=self.sources)

    def lowest(self) -> Scenario | None:
        """The cell with all that is drawn at its lower end; None where that is no scenario."""
        return self._built([one.of.low for one in self.places]).scenario

    def _built(self, numbers: Sequence[float]) -> Cell:
        tree = with_values(self.tree.put(("sources",), None), self.places, numbers)
        return build_cell(tree, self.around, self.swept, warned=False)


def with_values(tree: Located, places: Sequence[Place], numbers: Sequence[float]) -> Located:
    """The tree with a number at each place.

    :raises ScenarioInvalid: where a place leads into a list that has no such entry.
    """
    for place, number in zip(places, numbers, strict=True):
        try:
            path = addressed(tree, place.of.place.split("."))
        except NoSuchEntry as wrong:
            _, message, way_out = wrong.args
            problem = Problem.at(CODE, place.column.mark, place.column.path, message, way_out)
            raise ScenarioInvalid([problem]) from None
        tree = tree.put(path, place.scalar(number))
    return tree


def reaching(problem: Problem, places: Sequence[Place]) -> Problem:
    """What is wrong with an end of what is drawn, with the way out of that.

    An unknown key or a wrong unit has its own; elsewhere in the file it is said where the trouble comes from.
    """
    where = (problem.file, problem.line, problem.column)
    for place in places:
        value, key = place.mark, place.column.mark
        if where == (value.source.name, value.line, value.column):
            if problem.code != OUT_OF_RANGE:
                return problem
            way_out = f"draws lie {place.reach}: bound them by 'within', or narrow the distribution"
            return replace(problem, help=way_out)
        if where == (key.source.name, key.line, key.column):
            return problem
    names = ", ".join(place.of.place for place in places)
    way_out = f"{problem.help}, with whatever is drawn: change what is uncertain ({names})"
    return replace(problem, message=f"at an end of what is drawn, {problem.message}", help=way_out)
