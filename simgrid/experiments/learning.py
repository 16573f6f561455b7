"""How reviews of reports change what a policy believes: the rating's formula and the policy, introduced."""

from __future__ import annotations

from dataclasses import replace

from simgrid import rating
from simgrid.domain.decision import Policy
from simgrid.domain.scenario import PolicyChoice, Scenario
from simgrid.domain.units import FloatArray
from simgrid.experiments.setting import Setting, fit_of
from simgrid.policies import registry
from simgrid.randomness import stream
from simgrid.simulation import Believed, Learning


def learning_of(
    scenario: Scenario, setting: Setting, choice: PolicyChoice, policy: Policy, replication: int
) -> Learning | None:
    """None where the scenario has no feedback. Every draw belongs to its inspection, whoever reads it."""
    rule, rates = scenario.grid.feedback, scenario.discrepancy
    if rule is None:
        return None
    demand = rating.demand_matrix(setting.ontology, setting.team.kinds)
    slope = rates.worst - rates.best

    def refresh(reports: FloatArray, surplus: FloatArray) -> Believed:
        nonlocal policy
        belief = rating.refreshed(
            setting.ontology,
            setting.team.belief,
            demand,
            reports,
            surplus,
            weight=rule.weight,
            slope=slope,
        )
        team = replace(setting.team, belief=belief)
        policy = registry.refreshed(choice, team, setting.ontology, policy)
        return Believed(policy, fit_of(setting.ontology, team, belief))

    return Learning(
        every_s=rule.every_s,
        believed=setting.fit.estimated,
        chance=rates.best + (1.0 - setting.fit.true) * slope,
        expected=rates.best + (1.0 - setting.fit.estimated) * slope,
        luck=stream(scenario.seed, replication, "discrepancy").random(len(setting.inspections)),
        refresh=refresh,
    )
