"""WHO READS WHAT: arrays in, arrays out; knows no hospital. Needs numpy and highspy only.

Read ``problem`` first (the arrays), then ``answer`` (what comes back and what is better than what), then
``solving``. Behind the door: ``greedy`` (the gate most batches pass), ``relax`` (the stages when limits
cannot hold), ``search`` (one stage to proof) with ``sweep`` (small ones, without a solver) and
``decomposition`` (middling ones: ``desks`` has every radiologist's own knapsack, ``branching`` the search
over them), ``formulation`` (pairs, knapsacks, programmes), ``bound`` (Lagrangian bounds), ``highs`` (the only
module that imports highspy), ``exchange`` (better assignments from one), ``large`` with ``dual`` and
``repair`` (a hundred thousand rows), ``allowance`` (how much work is left). Beside it: ``certificate``
(checks any answer without a solver) and ``pulp_reference`` (the same problem for PuLP's solvers, imported by
those who want it: ``simgrid.assignment.pulp_reference``).
"""

from simgrid.assignment.answer import Answer, Relaxation, Strain, relaxations
from simgrid.assignment.certificate import Certificate, certify
from simgrid.assignment.problem import TOLERANCE, AssignmentProblem, InvalidProblem
from simgrid.assignment.solving import solve, solve_in_chunks

__all__ = [
    "TOLERANCE",
    "Answer",
    "AssignmentProblem",
    "Certificate",
    "InvalidProblem",
    "Relaxation",
    "Strain",
    "certify",
    "relaxations",
    "solve",
    "solve_in_chunks",
]
