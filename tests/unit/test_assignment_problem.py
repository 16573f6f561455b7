import numpy as np
import pytest

from simgrid.assignment import AssignmentProblem, InvalidProblem

NAN, INF = float("nan"), float("inf")
GOOD = {
    "rating": [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]],
    "effort": [1.0, 2.0, 3.0],
    "effort_limit": [4.0, INF],
    "eligible": np.ones((3, 2), dtype=bool),
    "size_bytes": [1e6, 2e6, 3e6],
    "unit_of": [0, 1],
    "storage_bytes": [5e6, INF],
    "storage_factor": 1.1,
}


def faults(**changed: object) -> tuple[str, ...]:
    with pytest.raises(InvalidProblem) as caught:
        AssignmentProblem(**(GOOD | changed))  # type: ignore[arg-type]
    return caught.value.problems


def test_a_good_problem_keeps_its_numbers_and_is_read_only() -> None:
    problem = AssignmentProblem(**GOOD)  # type: ignore[arg-type]
    assert problem.shape == (3, 2, 2)
    assert problem.pair_effort.tolist() == [[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]
    assert problem.stored_bytes.tolist() == pytest.approx([1.1e6, 2.2e6, 3.3e6])
    with pytest.raises(ValueError, match="read-only"):
        problem.rating[0, 0] = 9.0


def test_the_storage_arguments_and_eligible_may_be_left_out() -> None:
    problem = AssignmentProblem(GOOD["rating"], GOOD["effort"], GOOD["effort_limit"])
    assert problem.shape == (3, 2, 0)
    assert problem.eligible.all()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"rating": [[0.1, NAN], [0.3, 0.4], [0.5, 0.6]]}, "rating[0, 1] is nan"),
        ({"rating": [[0.1, 0.2], [INF, 0.4], [0.5, 0.6]]}, "rating[1, 0] is inf"),
        ({"rating": [[0.1, 0.2], [1e101, 0.4], [0.5, 0.6]]}, "rating[1, 0] is 1e+101"),
        ({"effort": [1.0, -2.0, 3.0]}, "effort[1] is -2.0: give a number >= 0"),
        ({"effort": [1.0, INF, 3.0]}, "effort[1] is inf"),
        ({"effort": np.full((3, 2), -1.0)}, "effort[2, 1] is -1.0"),
        ({"effort": [1.0, 2.0]}, "effort has shape (2,): expected (3,) or (3, 2)"),
        ({"effort_limit": [NAN, 1.0]}, "effort_limit[0] is nan"),
        ({"effort_limit": [1.0, -1.0]}, "effort_limit[1] is -1.0"),
        ({"effort_limit": [1.0]}, "effort_limit has shape (1,): expected (2,)"),
        ({"eligible": np.ones((2, 3), dtype=bool)}, "eligible has shape (2, 3): expected (3, 2)"),
        ({"eligible": [[1, 0], [1, 0.5], [0, 0]]}, "eligible[1, 1] is 0.5: give True or False"),
        ({"eligible": [[1, 0], [1, NAN], [2, 0]]}, "eligible[2, 0] is 2"),
        (
            {"eligible": [[True, True], [True], [True, True]]},
            "eligible must be an array of numbers: its rows",
        ),
        ({"eligible": [["yes", "no"]] * 3}, "eligible must be an array of numbers"),
        ({"size_bytes": [1.0, 2.0, NAN]}, "size_bytes[2] is nan"),
        ({"unit_of": [0, 2]}, "unit_of[1] is 2: storage_bytes knows units 0 to 1"),
        ({"unit_of": [0, 0.5]}, "unit_of[1] is 0.5"),
        ({"unit_of": [0]}, "unit_of has shape (1,): expected (2,)"),
        ({"storage_bytes": [-1.0, 1.0]}, "storage_bytes[0] is -1.0"),
        ({"storage_bytes": [[1.0, 1.0]]}, "storage_bytes has shape (1, 2): expected (2,)"),
        ({"storage_factor": -0.5}, "storage_factor is -0.5"),
        ({"storage_factor": NAN}, "storage_factor is nan"),
        ({"storage_factor": "much"}, "storage_factor is 'much'"),
        ({"storage_factor": None}, "storage_factor missing: give all of size_bytes, unit_of,"),
        ({"unit_of": None, "size_bytes": None}, "size_bytes, unit_of missing"),
        ({"rating": "excellent"}, "rating must be an array of numbers"),
        ({"rating": [0.1, 0.2]}, "rating of shape (2,) must be an array (S inspections, R radiologists)"),
    ],
)
def test_each_fault_names_its_cell(changed: dict[str, object], message: str) -> None:
    assert any(text.startswith(message) for text in faults(**changed)), faults(**changed)


@pytest.mark.parametrize("rating", [[[0.1, 0.2], [0.3]], "excellent", [["good", "bad"]], None, [0.1]])
def test_a_rating_that_is_no_table_is_one_fault(rating: object) -> None:
    assert len(faults(rating=rating)) == 1


def test_all_faults_are_listed_at_once_and_long_lists_are_shortened_in_the_message() -> None:
    found = faults(rating=np.full((3, 2), NAN), effort=[-1.0, NAN, 1.0], effort_limit=[-1.0, 0.0])
    assert len(found) == 6 + 2 + 1
    with pytest.raises(InvalidProblem, match=r"100 found(.|\n)*and 80 more") as caught:
        AssignmentProblem(np.full((50, 2), NAN), np.ones(50), np.ones(2))
    assert len(caught.value.problems) == 100


def test_a_faulty_problem_is_a_value_error() -> None:
    assert issubclass(InvalidProblem, ValueError)
