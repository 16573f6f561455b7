"""The ratings r_ij of a worklist's pairs (eq. 2), for the policies that match by rating."""

from typing import cast

import numpy as np

from simgrid.domain.decision import Team, Worklist
from simgrid.domain.units import BoolArray, FloatArray
from simgrid.policies.quantities import quantities
from simgrid.rating import Normalisation, Ontology, demand_matrix, rating_matrix, rbsm


class Ratings:
    """What is believed of everybody's fit, by kind and urgency.

    ``node``: ``Subspecialty`` or ``root`` (the whole tree). ``reading``: which reading of eq. 2, see
    ``simgrid.rating.rbsm``. ``urgent_weights``: rate urgent rows by the urgent weights. ``eligible``
    (K, R): others are no candidates and rate 0.

    As long as no quantitative leaf enters, the ratings depend on kind and urgency alone and are computed
    once. :raises RatingError: where node, reading and ontology do not fit together.
    """

    def __init__(
        self,
        team: Team,
        ontology: Ontology,
        eligible: BoolArray,
        *,
        node: str = "Subspecialty",
        reading: str = "absolute",
        urgent_weights: bool = True,
    ) -> None:
        self._team = team
        self._ontology = ontology
        self._eligible = eligible
        self._node = node
        self._reading = cast("Normalisation", reading)
        self._urgent_weights = urgent_weights
        self._demand = demand_matrix(ontology, team.kinds)
        self._offer = rating_matrix(ontology, team.belief)
        leaves = [one.name for one in ontology.node(node).walk() if one.quantitative]
        self._table = None if leaves or reading == "literal" else self._by_kind()

    def of(self, worklist: Worklist) -> FloatArray:
        """Ratings (S, R), 0 for ineligible pairs."""
        urgent = worklist.urgent & self._urgent_weights
        if self._table is not None:
            return self._table[urgent.astype(np.int64), worklist.kind]
        known = quantities(self._team, worklist)
        return rbsm(
            self._demand[worklist.kind],
            self._offer,
            ontology=self._ontology,
            urgent=urgent,
            quantitative={name: known[name] for name in self._ontology.quantities if name in known},
            candidates=self._eligible[worklist.kind],
            normalisation=self._reading,
            node=self._node,
        )

    def _by_kind(self) -> FloatArray:
        """Shape (2, K, R): normal, then urgent."""
        both = [
            rbsm(
                self._demand,
                self._offer,
                ontology=self._ontology,
                urgent=np.full(len(self._demand), urgent),
                candidates=self._eligible,
                normalisation=self._reading,
                node=self._node,
            )
            for urgent in (False, True)
        ]
        return np.stack(both)
