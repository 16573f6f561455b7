"""What this installation offers to scenarios: policies and gates, for checks before anything runs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from simgrid.domain.demand import LogSource
    from simgrid.domain.imaging import ImagePool
    from simgrid.domain.plug_in import PlugIn
    from simgrid.domain.scenario import GateChoice, PolicyChoice
    from simgrid.scenario import Installed, Loaded
    from simgrid.scenario.installed import LogSeen


def installed() -> Installed:
    """The checks that ``simgrid.scenario.load`` takes as ``installed``."""
    from simgrid.scenario import Installed

    return Installed(
        taken=_taken, plug_in=_plug_in, policy=_policy, gate=_gate, log=_log, seen=_seen, images=_images
    )


def load_stored(file: Path) -> Loaded:
    """A scenario that a results folder holds, with everything that is installed."""
    from simgrid.scenario import load

    return load(file, (), installed())


def _taken(name: str) -> str:
    if any(name == policy for policy, _ in _policy_modules()):
        return "a policy"
    from simgrid.quality.gates import available

    return "a gate" if name in available() else ""


def _plug_in(named: PlugIn, method: str) -> str:
    from simgrid.plug_ins import PlugInError, lacks_method, load

    try:
        found = load(named)
    except PlugInError as error:
        return str(error)
    return (lacks_method(found, method) if isinstance(found, type) else None) or ""


def _policy(choice: PolicyChoice) -> Sequence[str]:
    if _plain_and_ours(choice):
        return ()
    from simgrid.policies.registry import check

    try:
        return check(choice)
    except ImportError as error:
        return (f"the policy '{choice.name}' cannot be loaded: {error}",)


def _plain_and_ours(choice: PolicyChoice) -> bool:
    """A policy that travels with simgrid, without options: right by its name alone, so not imported.

    Importing the solver takes longer than all the rest of validating a scenario.
    """
    if choice.plug_in is not None or choice.options or choice.variant not in ("", "online", "batched"):
        return False
    modules = [module for name, module in _policy_modules() if name == choice.name]
    return bool(modules) and all(module.startswith("simgrid.policies.") for module in modules)


@cache
def _policy_modules() -> tuple[tuple[str, str], ...]:
    """Every installed policy with the module that it is in; none is imported."""
    from importlib.metadata import entry_points

    return tuple((one.name, one.module) for one in entry_points(group="simgrid.policies"))


def _gate(choice: GateChoice) -> Sequence[str]:
    from simgrid.quality.gates import check

    return check(choice)


def _images(rules: ImagePool) -> Sequence[str]:
    from simgrid.quality.defect_names import DEFECTS
    from simgrid.quality.pool import PoolError, pool

    strange = [name for name in rules.weights if name not in DEFECTS]
    if strange:
        return (f"'{strange[0]}' is no defect: the defects are {', '.join(DEFECTS)}",)
    if rules.weights and not sum(rules.weights.values()):
        return ("every defect has weight 0: give one of them more",)
    try:
        pool(rules.source, rules.folder)
    except PoolError as error:
        return (str(error),)
    return ()


def _log(source: LogSource) -> Sequence[str]:
    from simgrid.workload.replay.log_files import LogError
    from simgrid.workload.replay.rules import Rules

    try:
        Rules.of(source)
    except LogError as error:
        return error.problems
    return ()


def _seen(source: LogSource, codes_folder: str | None) -> LogSeen | Sequence[str]:
    from simgrid.experiments.workloads import seen
    from simgrid.workload.errors import WorkloadError

    try:
        return seen(source, codes_folder)
    except WorkloadError as error:
        return error.problems
