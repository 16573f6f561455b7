"""What a stress test's scenario has otherwise than the plan beside it: places and values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simgrid.presentation.board import saying
from simgrid.presentation.board.plain import without_folders
from simgrid.scenario.build import NOT_IN_A_RUN
from simgrid.scenario.differences import Difference, differences
from simgrid.scenario.marks import Located
from simgrid.scenario.plan_axes import planned

MOST_TOLD = 8
_ASKED = (NOT_IN_A_RUN | {"sweep", "sample", "sensitivity", "exclude", "variants"}) - {"targets"}
"""What is not of the deployment; what the test judges by is."""


def differ_from_plan(
    plan: Mapping[str, Any], planned_of: Located, stress: Mapping[str, Any], tested: Located
) -> Iterator[str]:
    """A sentence of what differs; nothing where no plan is named, or the test is of it.

    ``planned_of``: the scenario of the plan as written; ``tested``: that of the stress test.
    """
    values = plan.get("plan")
    if not values or plan.get("first_run") == stress.get("first_run"):
        return
    made = planned(planned_of, {str(place): str(value) for place, value in values.items()})
    found = [] if made is None else [*_told(made, tested)]
    if plan.get("policy") != stress.get("policy"):
        found.append(f"who deals out the work: {plan.get('policy')} in the plan, {stress.get('policy')} here")
    if found:
        more = f"; and {len(found) - MOST_TOLD} more" if len(found) > MOST_TOLD else ""
        yield f"Other than in the plan that is named above: {'; '.join(found[:MOST_TOLD])}{more}."


def _told(plan: Located, tested: Located) -> Iterator[str]:
    for one in differences(plan, tested):
        if one.place.partition(".")[0] not in _ASKED and not _same_file(one):
            before, after = (_value(text) for text in (one.before, one.after))
            yield f"{saying.place(one.place)}: {before} in the plan, {after} here"


def _same_file(one: Difference) -> bool:
    """Whether both name the file of one name: from where it is told differs with the results folder."""
    texts = [text.strip('"') for text in (one.before or "", one.after or "")]
    bare = [without_folders(text) for text in texts]
    return bare[0] == bare[1] and bare != texts


def _value(text: str | None) -> str:
    return "not there" if text is None else without_folders(text.strip('"').removesuffix(" by default"))
