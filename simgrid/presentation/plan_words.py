"""A plan in a planner's words: what it is, what it costs, how its targets stand, what it cannot promise."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from simgrid.domain.scenario import Scenario
from simgrid.domain.targets import Target
from simgrid.planning.answer import Answer, Nearest
from simgrid.planning.busiest import clock
from simgrid.planning.findings import InTheWay, Rival
from simgrid.planning.prospects import RISK
from simgrid.planning.space import Plan
from simgrid.presentation.amounts import whole
from simgrid.presentation.target_words import bound, found, group, share, verdict
from simgrid.statistics.bounds import Bound

WEEK_S = 7 * 86_400.0


def answer_sentence(told: Answer) -> str:
    """The whole answer in one sentence."""
    count = len(told.plans)
    if told.found.plan is not None:
        plan = told.plans[told.found.plan]
        every = "every target" if len(told.asked.meet) > 1 else _targets(told)
        what, cost = plan_words(plan.values), money(plan)
        sure = f"with {share(told.asked.confidence)} confidence"
        return (
            f"Of {count} plans the cheapest shown to meet {every}, {sure}, is {what}, "
            f"at {cost}{_cheaper_ones(told)}."
        )
    if told.found.status == "cannot be told":
        return (
            f"Which of {count} plans meets {_targets(told)} cannot be told with up to "
            f"{told.found.test_runs} replications of each: {_way(told)}; {_more(told)}."
        )
    return f"None of {count} plans meets {_targets(told)}: {_way(told)}."


def more_by(told: Answer) -> str:
    """The key that lengthens a test: it is as long as the tolerance takes, and never above ``plan.runs``."""
    return "plan.runs" if told.found.test_runs >= told.asked.runs else "plan.tolerance"


def _more(told: Answer) -> str:
    if more_by(told) == "plan.runs":
        return "allow more of them (plan.runs)"
    return "ask for a smaller tolerance, which takes more of them (plan.tolerance)"


def _cheaper_ones(told: Answer) -> str:
    """What the plan's sentence must say of cheaper rivals: that it is the cheapest, nobody has shown."""
    cheaper = [told.plans[one.plan] for one in told.found.rivals if one.why != "costs the same"]
    if not cheaper:
        return ""
    ones = "1 cheaper one" if len(cheaper) == 1 else f"{len(cheaper)} cheaper ones"
    least = min(cheaper, key=lambda one: one.cost.total)
    at = "at" if len(cheaper) == 1 else "from"
    met = sum(1 for one in told.found.rivals if one.why != "costs the same" and one.later)
    later = f", and later replications show {met} of them to meet as well" if met else ""
    return f"; {ones}, {at} {money(least)}, cannot be told apart from it{later}: more runs may tell"


def binds_says(told: Answer) -> str:
    """Which targets cheaper plans were shown to miss."""
    names = [repr(told.asked.meet[one].name) for one in told.found.binds]
    return bound_by(names) if names else "No cheaper plan that was simulated was shown to miss a target."


def bound_by(names: Sequence[str]) -> str:
    """The sentence of the targets that bind, by their names."""
    return f"What binds: cheaper plans were shown to miss {_listed(names)}."


def runs_says(search: int, test: int, beside: int, exhaustive: int, *, found: bool = True) -> str:
    """What the answer took: all of it, and which part of it stands against looking at every plan."""
    looked_at = "the scenario as written, load and people" if found else "the scenario as written"
    return (
        f"{search + test + beside} runs: {search} in the search and {test} in the test, where every plan at "
        f"the test's length would have taken {exhaustive}; and {beside} more for "
        f"{looked_at}."
    )


def _targets(told: Answer) -> str:
    one = told.asked.meet[0].name
    return "the targets" if len(told.asked.meet) > 1 else f"the target '{one}'"


def _way(told: Answer) -> str:
    """What stands in the way, in half a sentence."""
    if told.nearest:
        return "; ".join(within_reach(told, one) for one in told.nearest)
    alone = [one for one in told.found.in_the_way if one.alone]
    if alone:
        return "; ".join(way(told, one) for one in alone)
    if told.found.in_the_way:
        parts = [reaches(told, one) for one in told.found.in_the_way]
        nearest = _named(told, told.found.in_the_way[0])
        return f"{_shown_of_all(told)}, the nearest ({nearest}) reaching {_listed(parts)}"
    names = sorted({told.asked.meet[one.target].name for one in told.excluded.values()})
    return f"{_listed([repr(name) for name in names])} is out of reach of the rostered hours"


def ways_out(told: Answer) -> str:
    """What may be asked instead where no plan meets the targets, by what stands in the way."""
    in_the_way = {
        *(one.target for one in told.nearest),
        *(one.target for one in told.found.in_the_way),
        *(one.target for one in told.excluded.values()),
    }
    names = [repr(told.asked.meet[one].name) for one in sorted(in_the_way)]
    promise = f"promise less for {_listed(names)} (targets)"
    if told.nearest:
        return f"Two ways out: other hours on duty (let plan.vary have more of them), or {promise}."
    more = "more radiologists, other hours or wider lines (let plan.vary reach further)"
    return f"Two ways out: {more}, or {promise}."


def _shown_of_all(told: Answer) -> str:
    """Either that each plan is shown to miss, or that none is shown to meet: never both."""
    several = len(told.asked.meet) > 1
    if told.found.status == "none meets":
        return f"each is shown to miss {'one of them' if several else 'it'}"
    return f"none is shown to meet {'all of them together' if several else 'it'}, nor each to miss"


def within_reach(told: Answer, one: Nearest) -> str:
    """Of a target that no plan's hours allow."""
    target = told.asked.meet[one.target]
    return (
        f"the calendar stands in the way of '{target.name}', since in no plan is more than "
        f"{share(one.share)} of {group(target.of)} requested when somebody is on duty in time (wanted: "
        f"{share(target.bound)}), so the hours on duty must change"
    )


def way(told: Answer, one: InTheWay) -> str:
    """Of a target in the way: how near the best plan came."""
    name = told.asked.meet[one.target].name
    if not one.alone:
        return f"the plan nearest to all targets together ({_named(told, one)}) reaches {reaches(told, one)}"
    return f"'{name}' stands in the way, the best plan ({_named(told, one)}) reaching {reaches(told, one)}"


def _named(told: Answer, one: InTheWay) -> str:
    """Which plan it is and what it costs."""
    plan = told.plans[one.plan]
    return f"{plan_words(plan.values)}, at {money(plan)}"


def reaches(told: Answer, one: InTheWay) -> str:
    """``91.2 % of 'urgent' (at most 92.4 %, wanted: at least 95 %)``; in doubt with both its bounds."""
    target = told.asked.meet[one.target]
    mean = found(one.bound.mean, target)
    low, high = found(one.bound.low, target, side=-1), found(one.bound.high, target, side=1)
    more = target.better == "higher" or target.periods is not None
    shown = (
        (f"at most {high}" if more else f"at least {low}")
        if one.bound.met == "missed"
        else f"{low} to {high}"
    )
    return f"{mean} of '{target.name}' ({shown}, wanted: {wanted(target)})"


def wanted(target: Target) -> str:
    """What a target asks for, as what is found is said."""
    if target.periods is not None:
        return f"{target.periods[0]} of {target.periods[1]} periods"
    more = "at least" if target.better == "higher" else "at most"
    return f"{more} {found(target.bound, target)}"


def side(target: Target) -> str:
    """Which bound is the unfavourable one, in words."""
    return "at least" if target.better == "higher" or target.periods is not None else "at most"


def plan_words(values: Sequence[tuple[str, str]]) -> str:
    """``7 radiologists on the evening roster (Mon-Fri 17:00-20:00) and 8 Mbit/s at main``."""
    given = dict(values)
    parts: list[str] = []
    for place, text in values:
        head, _, rest = place.partition(".")
        name, _, what = rest.partition(".")
        if head == "radiologists" and what == "count":
            hours = given.get(f"radiologists.{name}.hours")
            heads = {"0": "no radiologist", "1": "1 radiologist"}.get(text, f"{text} radiologists")
            parts.append(f"{heads} on {_roster(name)}" + (f" ({hours})" if hours and text != "0" else ""))
        elif head == "radiologists" and what == "hours":
            if f"radiologists.{name}.count" not in given:
                parts.append(f"{_roster(name)} on duty {text}")
        else:
            parts.append(_thing(place, head, name, what, text))
    return _listed(parts)


def _roster(name: str) -> str:
    return "every roster" if name == "*" else f"the {name} roster"


def _thing(place: str, head: str, name: str, what: str, text: str) -> str:
    where = f"every one of the {head}" if name == "*" else name if head in ("sites", "units") else head
    if place == "policy":
        return f"work dealt by {text}"
    if what == "link.bandwidth" or place == "data_centre.link.bandwidth":
        return f"{text} at {where.replace('_', ' ')}"
    if what == "workstations":
        return f"{text} workstation{'' if text == '1' else 's'} at {where}"
    if what == "cache.size":
        return f"a cache of {text} at {where}"
    return f"{place} {text}"


def money(plan: Plan) -> str:
    """``41,230 EUR a month``."""
    currency = plan.cost.unit.partition("/")[0]
    return f"{whole(plan.cost.total)} {currency} a month" if currency else "no cost"


def against_now(told: Answer) -> str:
    """The plan's cost against the scenario as written."""
    if told.found.plan is None:
        return ""
    more = told.plans[told.found.plan].cost.total - told.deployed.cost.total
    currency = told.deployed.cost.unit.partition("/")[0]
    if abs(more) < 0.5:
        return "as much as the scenario as written"
    return (
        f"{whole(abs(more))} {currency} a month {'more' if more > 0 else 'less'} than the scenario as written"
    )


def rival_says(told: Answer, one: Rival) -> str:
    """Why a rival cannot be told from the plan."""
    if not one.later:
        return _why_rival(one)
    return f"{_why_rival(one)}; {one.later} later replications show that it meets every target"


def _why_rival(one: Rival) -> str:
    if one.why == "costs the same":
        return "costs the same, and it is not shown that it misses a target"
    if one.why == "cheaper, failed its test":
        return "cheaper; its test shows neither that it meets the targets nor that it misses one"
    risk = share(RISK)
    return f"cheaper; its runs do not show, at the search's risk of {risk}, that it misses a target"


def tolerance_says(told: Answer) -> str:
    """What the answer cannot promise: which cheaper plans these runs may have missed."""
    if told.found.plan is None:
        return f"Nothing is promised of plans within {_within(told)} of a target, to either side."
    shown = "The plan above is shown to meet its targets"
    if not any(one.cost.total < told.plans[told.found.plan].cost.total for one in told.plans):
        return f"{shown}, and none of the plans that plan.vary allows costs less."
    missed = [_escapes(told, place, one) for place, one in enumerate(told.asked.meet)]
    if not all(missed):
        return f"{shown}. These runs are too few to be sure to find a cheaper one, however good it is."
    reaches = " or ".join(missed)
    return f"{shown}. A cheaper one that meets them too may have been overlooked if it reaches {reaches}."


def _escapes(told: Answer, place: int, one: Target) -> str:
    """``less than 94.4 % for 'urgent'``: what does better is found almost surely; empty where nothing can."""
    distance = max(told.found.resolves[place], _allowed(one, told.asked.tolerance))
    more = one.better == "higher" or one.periods is not None
    goal = one.goal + (distance if more else -distance)
    if not math.isfinite(goal) or goal <= 0.0 or (_in_shares(one) and goal >= 1.0):
        return ""
    return f"{'less' if more else 'more'} than {found(goal, one, side=1 if more else -1)} for '{one.name}'"


def _within(told: Answer) -> str:
    """The tolerance: percentage points of a share, a part of any other target."""
    part = share(told.asked.tolerance)
    points = _points(part)
    in_shares = {_in_shares(one) for one in told.asked.meet}
    if in_shares == {True, False}:
        return f"{points} of a share or {part}"
    return points if True in in_shares else part


def _points(percent: str) -> str:
    number = percent.removesuffix(" %")
    return f"{number} {'point' if number == '1' else 'points'}"


def _in_shares(target: Target) -> bool:
    """Whether the tolerance counts in points: a share in time, or one of periods."""
    return target.kind == "share" or target.periods is not None


def _allowed(target: Target, tolerance: float) -> float:
    return tolerance if _in_shares(target) else tolerance * abs(target.bound)


def screened_says(told: Answer) -> Iterator[str]:
    """How many plans theory excludes, and why."""
    reasons = [one.why for one in told.excluded.values()]
    if count := reasons.count("calendar"):
        yield f"{count} of {len(told.plans)} plans are excluded by the calendar: nobody is on duty in time."
    if count := reasons.count("capacity"):
        yield (
            f"{count} of {len(told.plans)} plans are excluded by capacity: their hours do not hold the "
            "reading that the targets ask for, whoever does it."
        )


def stands(one: Bound, target: Target) -> str:
    """``met: 97.1 %, at least 96.2 %``."""
    return f"{verdict(one.met)}: {found(one.mean, target)}, {side(target)} {bound(one.bound, target)}"


def days_tested(cell: Scenario) -> str:
    """Which days were tested, where they are fewer than the week whose rosters are paid; else nothing."""
    if cell.horizon_s >= WEEK_S or not any(one.weekly_h for one in cell.costs):
        return ""
    first, last = (clock(cell, at_s).rpartition(" ")[0] for at_s in (0.0, max(cell.horizon_s - 1.0, 0.0)))
    days = f"one day ({first})" if first == last else f"the days from {first} to {last}"
    return f"Tested on {days}; the cost is that of the whole weekly roster. No other day was tested."


def unpriced(told: Answer) -> list[str]:
    """Varied places on which no price is put."""
    priced: Mapping[str, float] = told.plans[0].cost.parts
    return [
        place
        for place in told.asked.vary
        if place != "policy" and not any(_covers(item, place) for item in priced)
    ]


def _covers(item: str, place: str) -> bool:
    wanted, given = item.split("."), place.split(".")
    if wanted[0] == given[0] == "radiologists":
        return wanted[1] == given[1] or given[1] == "*"
    return len(wanted) == len(given) and all(b in (a, "*") for a, b in zip(wanted, given, strict=True))


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
