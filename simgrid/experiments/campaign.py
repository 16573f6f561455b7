"""What is asked: cells x policies x replications, and which stored run answers which part of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from simgrid.dicom.errors import DicomFolderError
from simgrid.domain.scenario import PolicyChoice, Scenario
from simgrid.experiments.identity import RunKeys, cell_digest, policy_source_hash
from simgrid.experiments.workloads import identified, logged_digest
from simgrid.policies.registry import check
from simgrid.workload.errors import WorkloadError


class CannotBeAsked(ValueError):
    """A scenario whose comparison makes no sense; one problem a line."""


@dataclass(frozen=True, slots=True)
class Task:
    """One run to be answered: a cell (by index), a policy, a replication, and the key it is stored under."""

    cell: int
    policy: PolicyChoice
    replication: int
    key: str


class Keys:
    """The keys of one cell's runs, each made once; where values are drawn each world has its own."""

    def __init__(self, cell: Scenario, sources: Mapping[str, str]) -> None:
        self.cell = cell
        self._sources = sources
        self._digests: dict[int, str] = {}
        self._runs: dict[str, RunKeys] = {}

    def of(self, choice: PolicyChoice, replication: int) -> str:
        """The key of a run; raises as ``Scenario.of``."""
        if self.cell.realise is not None:
            return self._keys(choice, self._digest(replication)).of(replication)
        if choice.label not in self._runs:
            self._runs[choice.label] = self._keys(choice, self._digest(0))
        return self._runs[choice.label].of(replication)

    def _digest(self, world: int) -> str:
        if world not in self._digests:
            self._digests[world] = cell_digest(self.cell.of(world))
        return self._digests[world]

    def _keys(self, choice: PolicyChoice, digest: str) -> RunKeys:
        """Who was given what in a replayed log enters the runs of ``logged`` alone: no other is shown it."""
        source = self._sources[choice.name] + (logged_digest(self.cell) if choice.replays else "")
        return RunKeys(digest, choice, source)


def first_run(cell: Scenario, choice: PolicyChoice) -> str:
    """The key of a cell's first run: the same where two results are of the same deployment and seed."""
    return Keys(cell, {choice.name: policy_source_hash(choice)}).of(choice, 0)


@dataclass(frozen=True, slots=True)
class Campaign:
    """A study's cells with everything needed to identify its runs.

    All cells declare the same policies, in the same order; ``sources`` holds a source hash by policy name.
    """

    cells: tuple[Scenario, ...]
    sweep_columns: tuple[str, ...]
    replications: int
    sources: tuple[tuple[str, str], ...]
    _keys: dict[int, Keys] = field(init=False, default_factory=dict, compare=False, repr=False)

    @property
    def policies(self) -> tuple[str, ...]:
        """The policies' labels in the scenario's order."""
        return tuple(choice.label for choice in self.cells[0].policies)

    @property
    def baseline(self) -> str:
        """The label every other policy is compared with."""
        return self.cells[0].baseline

    def tasks(self) -> Iterator[Task]:
        """Every run, ordered by cell, then replication, then policy, so that neighbours share a world."""
        for index, cell in enumerate(self.cells):
            for replication in range(self.replications):
                for choice in cell.policies:
                    yield Task(index, choice, replication, self.key(index, choice, replication))

    def key(self, cell: int, choice: PolicyChoice, replication: int) -> str:
        """The key under which a run is stored."""
        known = self._keys.get(cell)
        if known is None or known.cell is not self.cells[cell]:
            known = self._keys[cell] = Keys(self.cells[cell], dict(self.sources))
        return known.of(choice, replication)


def campaign(cells: tuple[Scenario, ...], sweep_columns: tuple[str, ...] = ()) -> Campaign:
    """Check a scenario's cells and find its policies' sources.

    Raises CannotBeAsked with every inconsistency at once, unknown policies and variants included, or with
    what is wrong with the files that the workload is read from.
    """
    problems = [problem for cell in cells[:1] for problem in _problems(cell)]
    labels = tuple(choice.label for choice in cells[0].policies)
    for cell in cells[1:]:
        if tuple(choice.label for choice in cell.policies) != labels:
            problems.append("policies: every cell of a sweep must declare the same policies")
            break
    if problems:
        raise CannotBeAsked("\n".join(problems))
    named = {choice.name: choice for choice in cells[0].policies}
    sources = tuple((name, policy_source_hash(choice)) for name, choice in named.items())
    try:
        read = tuple(identified(cell) for cell in cells)
    except (DicomFolderError, WorkloadError) as error:
        raise CannotBeAsked(f"the workload cannot be read:\n{error}") from error
    return Campaign(read, sweep_columns, cells[0].replications, sources)


def _problems(cell: Scenario) -> Iterator[str]:
    labels = [choice.label for choice in cell.policies]
    known = ", ".join(labels)
    for choice in cell.policies:
        yield from (f"policies: {choice.label}: {problem}" for problem in check(choice))
        if choice.replays and cell.demand.log is None:
            yield f"policies: {choice.label}: the scenario replays no log; give demand.log, or leave it out"
    if cell.replications < 1:
        yield f"replications: {cell.replications} is too few; ask for 1 or more"
    for label in dict.fromkeys(label for label in labels if labels.count(label) > 1):
        yield f"policies: '{label}' is declared {labels.count(label)} times; each label may stand once"
    if cell.baseline not in labels:
        yield f"baseline: '{cell.baseline}' is not among the policies ({known})"
    for claim in cell.claims:
        for label in (claim.policy, *claim.against):
            if label not in labels:
                yield f"claims: '{label}' is not among the policies ({known})"
