"""Equation 2 by hand, its readings by name, and what the literal one does."""

import numpy as np
import pytest

from simgrid.rating import Ontology, RatingError, rbsm, subspecialty_fit

TWO_LEVELS = {
    "weights": {
        "normal": {"judgements": [[1, 3], ["1/3", 1]]},
        "urgent": {"judgements": [[1, "1/3"], [3, 1]]},
    },
    "children": {
        "Subspecialty": {
            "weights": {"normal": {"weights": {"Modality": 0.6, "Body part": 0.4}}},
            "children": {
                "Modality": {
                    "weights": {"normal": {"weights": {"CT": 0.8, "MR": 0.2}}},
                    "children": {"CT": {}, "MR": {}},
                },
                "Body part": {"children": {"Brain": {}, "Knee": {}}},
            },
        },
        "Response time": {"children": {"Delivery": {"quantitative": True}}},
    },
}


@pytest.fixture(scope="module")
def tree() -> Ontology:
    return Ontology.from_mapping(TWO_LEVELS)


@pytest.fixture(scope="module")
def ct_brain(tree: Ontology) -> np.ndarray:
    return tree.demand([{"Modality": "CT", "Body part": "Brain"}])


SKILLS = np.array([[1.0, 0.0, 0.5, 0.0], [0.5, 1.0, 0.0, 1.0]])


def test_absolute_by_hand(tree: Ontology, ct_brain: np.ndarray):
    # .6 * 1 + .4 * .5 and .6 * .5 + .4 * 0: each dimension poses one condition, so its weight cancels out.
    assert rbsm(ct_brain, SKILLS, ontology=tree) == pytest.approx(np.array([[0.8, 0.3]]))


def test_several_conditions_of_one_dimension_by_hand(tree: Ontology):
    both = tree.demand([{"Modality": ["CT", "MR"], "Body part": "Brain"}])
    # .6 * (.8 * 1 + .2 * 0) + .4 * .5 and .6 * (.8 * .5 + .2 * 1) + .4 * 0
    assert rbsm(both, SKILLS, ontology=tree) == pytest.approx(np.array([[0.68, 0.36]]))


def test_a_dimension_that_poses_nothing_does_not_count(tree: Ontology):
    ct_only = tree.demand([{"Modality": "CT"}, {}])
    assert rbsm(ct_only, SKILLS, ontology=tree) == pytest.approx(np.array([[1.0, 0.5], [0.0, 0.0]]))


def test_urgent_rows_are_smaller_by_the_ratio_of_the_root_edges(tree: Ontology, ct_brain: np.ndarray):
    twice = np.vstack([ct_brain, ct_brain])
    normal, urgent = rbsm(twice, SKILLS, ontology=tree, urgent=[False, True])
    assert urgent == pytest.approx(normal * (0.25 / 0.75))
    for reading in ("relative", "share", "literal"):
        normal, urgent = rbsm(twice, SKILLS, ontology=tree, urgent=[False, True], normalisation=reading)
        assert urgent == pytest.approx(normal)


def test_conditions_not_met_count_nothing(tree: Ontology, ct_brain: np.ndarray):
    met = np.array([[1, 1, 0, 1], [1, 1, 1, 1]], dtype=bool)
    assert rbsm(ct_brain, SKILLS, ontology=tree, met=met) == pytest.approx(np.array([[0.6, 0.3]]))


def test_relative_and_share_by_hand(tree: Ontology, ct_brain: np.ndarray):
    relative = rbsm(ct_brain, SKILLS, ontology=tree, normalisation="relative")
    share = rbsm(ct_brain, SKILLS, ontology=tree, normalisation="share")
    assert relative == pytest.approx(np.array([[1, 0.3 / 0.8]]))
    assert share == pytest.approx(np.array([[0.8 / 1.1, 0.3 / 1.1]]))


def test_whole_tree_by_hand(tree: Ontology, ct_brain: np.ndarray):
    twice = np.vstack([ct_brain, ct_brain])
    quick = {"Delivery": [[0.2, 0.9], [0.2, 0.9]]}
    value = rbsm(twice, SKILLS, ontology=tree, urgent=[0, 1], quantitative=quick, node="root")
    assert value[0] == pytest.approx([0.75 * 0.8 + 0.25 * 0.2, 0.75 * 0.3 + 0.25 * 0.9])
    assert value[1] == pytest.approx([(0.25 * 0.8) / 1 + 0.75 * 0.2, 0.25 * 0.3 + 0.75 * 0.9])
    assert value[0].argmax() != value[1].argmax()


def test_literal_root_is_one_for_everybody_and_entities_below_become_shares(
    tree: Ontology, ct_brain: np.ndarray
):
    quick = {"Delivery": [[0.2, 0.9]]}
    ask = {"ontology": tree, "quantitative": quick, "normalisation": "literal"}
    assert rbsm(ct_brain, SKILLS, node="root", **ask).tolist() == [[1, 1]]
    # Level 2: Modality .8 and .4, Body part .25 and 0, over the sum of the level: .8/1.05, .25/1.05; 1, 0.
    # Level 1: Subspecialty .6 * .8/1.05 + .4 * .25/1.05 = .58/1.05 and .6, Response time .2 and .9.
    sums = np.array([0.58 / 1.05, 0.6])
    fit = rbsm(ct_brain, SKILLS, **ask)
    assert fit == pytest.approx((sums / (sums + np.array([0.2, 0.9])))[np.newaxis])
    # The second radiologist, who cannot read brains at all, is absolutely worse by far; as a share of the
    # modality she beats the first, whose skill is spread over both dimensions.
    dimension = rbsm(ct_brain, SKILLS, node="Modality", **ask)
    assert dimension == pytest.approx(np.array([[0.8 / 1.05, 1.0]]))
    assert rbsm(ct_brain, SKILLS, ontology=tree, node="Modality") == pytest.approx(np.array([[1.0, 0.5]]))


def test_literal_subspecialty_alone_cannot_tell_anybody_apart(tree: Ontology, ct_brain: np.ndarray):
    skills = np.vstack([SKILLS, [0, 1, 0, 1]])
    value = rbsm(ct_brain, skills, ontology=tree, normalisation="literal")
    assert value.tolist() == [[1, 1, 0]]


@pytest.mark.parametrize("reading", ["absolute", "relative", "share", "literal"])
def test_nobody_fits(tree: Ontology, ct_brain: np.ndarray, reading: str):
    value = rbsm(ct_brain, np.zeros((3, 4)), ontology=tree, normalisation=reading)
    assert value.tolist() == [[0, 0, 0]]


@pytest.mark.parametrize("shape", [(0, 2), (1, 0), (0, 0)])
@pytest.mark.parametrize("reading", ["absolute", "relative", "share", "literal"])
def test_nothing_to_rate(tree: Ontology, shape: tuple[int, int], reading: str):
    S, R = shape
    value = rbsm(np.zeros((S, 4)), np.ones((R, 4)), ontology=tree, normalisation=reading)
    assert value.shape == shape


def test_only_candidates_count(tree: Ontology, ct_brain: np.ndarray):
    among = {"ontology": tree, "candidates": [[False, True]]}
    assert rbsm(ct_brain, SKILLS, **among) == pytest.approx(np.array([[0, 0.3]]))
    for reading in ("relative", "share", "literal"):
        assert rbsm(ct_brain, SKILLS, normalisation=reading, **among) == pytest.approx(np.array([[0, 1.0]]))


def test_one_judgement_changes_ratings_and_who_is_best():
    tree = Ontology.default()
    wanted = tree.demand([{"Modality": "CT", "Disease": "Metastasis"}])
    skills = tree.ratings(
        [
            {"Modality": {"CT": 1.0}, "Disease": {"Metastasis": 0.2}},
            {"Modality": {"CT": 0.3}, "Disease": {"Metastasis": 0.8}},
        ]
    )
    before = rbsm(wanted, skills, ontology=tree)[0]
    after = rbsm(wanted, skills, ontology=tree.with_judgement("Subspecialty", "Disease", "Modality", 2))[0]
    assert before.argmax() == 0
    assert after.argmax() == 1


def test_fit_is_the_absolute_rating_of_routine_rows(tree: Ontology, ct_brain: np.ndarray):
    assert subspecialty_fit(ct_brain, SKILLS, ontology=tree) == pytest.approx(np.array([[0.8, 0.3]]))
    everything = np.ones((1, 4))
    assert subspecialty_fit(ct_brain, everything, ontology=tree) == pytest.approx(1)


def test_the_default_tree_is_used_without_saying_so():
    default = Ontology.default()
    wanted = default.demand([{"Modality": "CT"}])
    skills = np.full((2, len(default.conditions)), 0.5)
    assert rbsm(wanted, skills) == pytest.approx(0.5)


def test_all_problems_at_once(tree: Ontology):
    with pytest.raises(RatingError) as caught:
        rbsm(
            [[0, 2, 0, 0]],
            [[0, 0.5, np.nan, 1.5]],
            ontology=tree,
            urgent=[0, 1],
            met=[[1, 1]],
            quantitative={"Delivery": [[0.1, 0.2]], "Speed": [[1]]},
            candidates=[1],
            normalisation="best",  # type: ignore[arg-type]
            node="Subspeciality",
        )
    text = str(caught.value)
    for line in (
        "normalisation is 'best': expected one of absolute, relative, share, literal",
        "demand[0][1] is 2: expected 0 or 1",
        "rating[0][2] is nan: expected a number from 0 to 1",
        "rating[0][3] is 1.5: expected a number from 0 to 1",
        "met has shape (1, 2): expected (R, M) = (1, 4), M conditions in the ontology",
        "urgent has shape (2,): expected (S,) = (1,)",
        "candidates has shape (1,): expected (S, R) = (1, 1)",
        "quantitative.Delivery has shape (1, 2): expected (S, R) = (1, 1)",
        "quantitative.Speed is not a quantitative leaf of the ontology: it has Delivery",
        "node.Subspeciality is not an inner node of the ontology",
    ):
        assert line in text
    assert not any("(S, R)" in line and "conditions" in line for line in text.splitlines())


def test_a_condition_is_met_or_not(tree: Ontology, ct_brain: np.ndarray):
    with pytest.raises(RatingError) as caught:
        rbsm(ct_brain, [[1, 1, 1, 1]], ontology=tree, met=[[1, 0.5, True, np.nan]], urgent=[2])
    assert [str(problem) for problem in caught.value.problems] == [
        "met[0][1] is 0.5: expected 0 or 1",
        "met[0][3] is nan: expected 0 or 1",
        "urgent[0] is 2: expected 0 or 1",
    ]


def test_the_whole_tree_needs_its_quantities(tree: Ontology, ct_brain: np.ndarray):
    with pytest.raises(
        ValueError, match=r"quantitative.Delivery is missing: rating the node 'root' needs it"
    ):
        rbsm(ct_brain, SKILLS, ontology=tree, node="root")


def test_many_wrong_cells_are_counted_and_not_all_printed(tree: Ontology, ct_brain: np.ndarray):
    with pytest.raises(RatingError) as caught:
        rbsm(ct_brain, np.full((50, 4), 2.0), ontology=tree)
    assert len(caught.value.problems) == 200
    assert "and 180 more" in str(caught.value)
