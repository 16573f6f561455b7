"""RWOA constraint by constraint: each one moves an inspection, and its switch moves it back."""

from dataclasses import replace

import pytest

from simgrid.domain.decision import Relaxed
from simgrid.domain.scenario import PolicyChoice
from simgrid.policies.registry import make
from simgrid.rating import Ontology, Weighting
from tests.worklists import radiologist, team, worklist

ONTOLOGY = Ontology.default()
CT, MR, MG = 0, 1, 2
# b is always the better one, in another unit
PAIR = team(radiologist("a", 0.5), radiologist("b", 0.9, unit="south"))


def decide(label, rows, of=PAIR, ontology=ONTOLOGY, options=None, **state):
    return make(PolicyChoice.parse(label, options or {}), of, ontology).assign(worklist(of, rows, **state))


def chosen(*args, **state):
    return decide(*args, **state).radiologist.tolist()


def test_with_everything_loose_it_is_rbsm_and_relaxes_nothing():
    answer = decide("rwoa", [CT, MR, MG])
    assert answer.radiologist.tolist() == [1, 1, 1]
    assert answer.relaxed == ()


BINDING = {
    "effort": {"effort_limit": [100.0, 25.0], "effort_done": [0.0, 20.0]},
    "storage": {"storage_free_bytes": [1e15, 0.5e6]},
    "deadline": {"available_in_s": [0.0, 3500.0], "required_s": 3600.0},
}


@pytest.mark.parametrize("name", BINDING)
def test_each_constraint_moves_the_inspection_and_its_switch_moves_it_back(name):
    assert chosen("rwoa", [CT], **BINDING[name]) == [0]
    assert decide("rwoa", [CT], **BINDING[name]).relaxed == ()
    assert chosen(f"rwoa@no-{name}", [CT], **BINDING[name]) == [1]
    for other in BINDING.keys() - {name}:
        assert chosen(f"rwoa@no-{other}", [CT], **BINDING[name]) == [0]


def test_bandwidth_moves_the_inspection_and_its_switch_moves_it_back():
    limited = team(*PAIR.radiologists, transfer_limit_s=10.0)
    state = {"bandwidth_bps": [1e6, 0.5e6]}  # 1 MB takes 8 s and 16 s
    assert chosen("rwoa", [CT], limited, **state) == [0]
    assert chosen("rwoa@no-bandwidth", [CT], limited, **state) == [1]


@pytest.mark.parametrize(
    ("name", "change"), [("monitor", {"monitor": 1.0}), ("credentials", {"reads": ("CT", "MR")})]
)
def test_one_monitor_and_one_credential_decide(name, change):
    short = team(radiologist("a", 0.5), radiologist("b", 0.9, unit="south", **change))
    assert chosen("rwoa", [CT, MG], short) == [1, 0]
    assert chosen(f"rwoa@no-{name}", [CT, MG], short) == [1, 1]


def test_c1_scales_the_storage_that_an_inspection_takes():
    state = {"storage_free_bytes": [1e15, 1.5e6]}
    assert chosen("rwoa", [CT], **state) == [1]
    assert chosen("rwoa", [CT], team(*PAIR.radiologists, storage_factor=2.0), **state) == [0]


def test_radiologists_of_a_unit_share_its_storage():
    three = team(radiologist("a", 0.9), radiologist("b", 0.8), radiologist("c", 0.1, unit="south"))
    assert chosen("rwoa", [CT, CT], three, storage_free_bytes=[1.5e6, 1e15]) in ([0, 2], [2, 0])


def test_points_are_counted_instead_of_minutes():
    state = {"effort_limit": [1e3, 1e3], "points_limit": [1e3, 10.0]}
    assert chosen("rwoa", [CT], **state) == [1]
    assert chosen("rwoa@points", [CT], **state) == [0]


def test_the_time_already_waited_counts_towards_the_deadline():
    state = {"available_in_s": [0.0, 1000.0], "required_s": 3600.0}
    assert chosen("rwoa", [CT], age_s=1900.0, **state) == [1]
    assert chosen("rwoa", [CT], age_s=2100.0, **state) == [0]


def test_late_for_everybody_goes_where_the_fewest_seconds_are_missing():
    # eq. 8: reading 600 s plus 1 MB at 1 Gbit/s (8 ms) on top of the backlog, 3600 s allowed
    state = {"available_in_s": [3700.0, 9000.0], "required_s": 3600.0, "inspection": [41]}
    answer = decide("rwoa", [CT], **state)
    assert answer.radiologist.tolist() == [0]
    (only,) = answer.relaxed
    assert (only.condition, only.inspection, only.radiologist) == ("deadline", 41, 0)
    assert only.excess == pytest.approx(3700 + 600 + 0.008 - 3600)


def test_transfer_and_deadline_seconds_are_added_pair_by_pair():
    limited = team(*PAIR.radiologists, transfer_limit_s=4.0)
    state = {"bandwidth_bps": [1e6, 2e6], "available_in_s": [0.0, 3010.0], "required_s": 3600.0}
    # a: 8 s of transfer, 4 too many, in time; b: 4 s, and 3010 + 600 + 4 is 14 late
    answer = decide("rwoa", [CT], limited, **state)
    assert answer.relaxed == (Relaxed("transfer", 0, 0, 4.0),)
    later = decide("rwoa", [CT], limited, **{**state, "bandwidth_bps": [0.4e6, 2e6]})
    assert later.relaxed == (Relaxed("deadline", 0, 1, 14.0),)


def test_the_sum_of_both_decides_and_not_the_larger():
    """a misses eq. 7 by 4 s and eq. 8 by 4 s, b eq. 8 alone by 6 s: b misses fewer."""
    limited = team(*PAIR.radiologists, transfer_limit_s=4.0)
    busy = {"available_in_s": [2996.0, 3002.0], "required_s": 3600.0}
    answer = decide("rwoa", [CT], limited, bandwidth_bps=[1e6, 2e6], **busy)
    assert answer.relaxed == (Relaxed("deadline", 0, 1, 6.0),)


def test_nobody_ever_comes_back_on_duty_and_yet_somebody_gets_it():
    never = float("inf")
    answer = decide("rwoa", [CT], available_in_s=[never, never], required_s=3600.0)
    assert answer.radiologist.tolist() == [1]
    assert answer.relaxed == (Relaxed("deadline", 0, 1, never),)


def test_no_deadline_at_all_is_never_missed():
    never = float("inf")
    assert decide("rwoa", [CT], available_in_s=[never, never], required_s=never).relaxed == ()


def test_a_row_that_nobody_may_read_waits_and_is_reported():
    only_mr = team(radiologist("a", reads=("MR",)), radiologist("b", reads=("MR",)))
    answer = decide("rwoa", [MR, CT, MR], only_mr, inspection=[7, 8, 9])
    assert answer.radiologist.tolist() == [0, -1, 0]
    assert answer.relaxed == (Relaxed("unassigned", 8, -1, 1.0),)


def test_effort_gives_way_by_the_smallest_relative_excess_and_says_by_how_much():
    state = {"effort_limit": [40.0, 30.0], "effort_done": [35.0, 10.0]}  # 5 and 20 minutes left
    answer = decide("rwoa", [CT, MR], **state)
    # MR (20 min) fits b exactly; CT (10 min) exceeds a by 5 of 5, or b by 10 of 20: b
    assert answer.radiologist.tolist() == [1, 1]
    assert answer.relaxed == (Relaxed("effort", -1, 1, 10.0),)


def test_an_overdrawn_limit_is_a_limit_of_zero():
    state = {"effort_limit": [40.0, 30.0], "effort_done": [0.0, 50.0]}
    assert chosen("rwoa", [CT, CT], **state) == [0, 0]


def test_a_full_disk_names_its_unit():
    answer = decide("rwoa", [CT], storage_free_bytes=[4e5, 5e5])
    # 1 MB exceeds 0.4 MB by 1.5 of it and 0.5 MB by once
    assert answer.radiologist.tolist() == [1]
    assert answer.relaxed == (Relaxed("storage", -1, -1, 5e5, unit=1),)


def test_urgent_weights_decide_who_gets_the_better_radiologist():
    """One place is left with b: urgent rows gain less from fit, so the routine one gets it."""
    state = {"effort_limit": [1e3, 10.0]}
    assert chosen("rwoa", [CT, CT], urgent=[True, False], **state) == [0, 1]
    assert chosen("rwoa", [CT, CT], urgent=[False, True], **state) == [1, 0]
    # by normal weights both rows are alike: what urgency did to one of the two cases is undone
    normal = [
        chosen("rwoa@normal-weights", [CT, CT], urgent=u, **state) for u in ([True, False], [False, True])
    ]
    assert normal[0] == normal[1]


def test_one_ahp_judgement_decides():
    """a knows the modality, b the disease: the judgement between the two dimensions picks one of them."""
    split = team(radiologist("a", {"CT": 1.0}), radiologist("b", {"Nervous system neoplasm": 0.8}))

    def tree(modality_over_disease):
        m = modality_over_disease
        rows = [[1, 1, 1, m], [1, 1, 1, 1], [1, 1, 1, 1], [1 / m, 1, 1, 1]]
        changed = Weighting.from_judgements(rows, ("Modality", "Body part", "Anatomy", "Disease"))
        children = tuple(
            replace(node, weightings=(("normal", changed),)) if node.name == "Subspecialty" else node
            for node in ONTOLOGY.root.children
        )
        return Ontology(replace(ONTOLOGY.root, children=children))

    assert chosen("rwoa", [CT], split, tree(1)) == [0]
    assert chosen("rwoa", [CT], split, tree(1 / 3)) == [1]


def test_shares_move_the_optimum_that_absolute_ratings_have():
    """b is better at both; the absolute gain is larger for MR, the gain in share for CT."""
    ratings_a = {"CT": 0.1, "Knee": 0.6, "MR": 0.6}
    ratings_b = {"CT": 0.3, "Knee": 0.8, "MR": 0.8}
    two = team(radiologist("a", ratings_a), radiologist("b", ratings_b, unit="south"))
    state = {"effort_limit": [1e3, 20.0]}
    assert chosen("rwoa", [CT, MR], two, **state) == [0, 1]
    assert chosen("rwoa@share", [CT, MR], two, **state) == [1, 0]
    assert chosen("rwoa@relative", [CT, MR], two, **state) == [1, 0]


def test_the_whole_tree_counts_the_backlog_in_the_rating():
    state = {"available_in_s": [0.0, 3000.0], "required_s": 1e4}
    close = team(radiologist("a", 0.85), radiologist("b", 0.9))
    assert chosen("rwoa", [CT], close, **state) == [1]
    assert chosen("rwoa@whole-tree", [CT], close, **state) == [0]


def test_chunks_spend_the_limit_on_the_first_rows():
    """Jointly the MR gets b's last 20 minutes; a chunk of one row gives them to the CT before it."""
    two = team(
        radiologist("a", {"CT": 0.5, "MR": 0.0}), radiologist("b", {"CT": 0.6, "MR": 1.0}, unit="south")
    )
    state = {"effort_limit": [1e3, 20.0]}
    assert chosen("rwoa", [CT, MR], two, **state) == [0, 1]
    assert chosen("rwoa", [CT, MR], two, options={"chunk": 1}, **state) == [1, 0]


def test_an_overloaded_batch_cut_short_is_still_answered_in_full():
    """Proving the least excess of 60 studies on 5 full desks may take for ever; deciding may not."""
    people = [radiologist(f"r{j}", 0.3 + 0.1 * j) for j in range(5)]
    crowd = team(*people)
    rows = [CT, MR, MG] * 20
    state = {"effort_limit": [101.0, 103.0, 107.0, 109.0, 113.0]}
    answer = decide("rwoa", rows, crowd, options={"node_limit": 3}, **state)
    assert (answer.radiologist >= 0).all()
    over = {one.radiologist: one.excess for one in answer.relaxed}
    for j, limit in enumerate(state["effort_limit"]):
        load = sum(
            crowd.kinds[k].effort_min for k, who in zip(rows, answer.radiologist, strict=True) if who == j
        )
        assert over.get(j, 0.0) == pytest.approx(max(load - limit, 0.0))
