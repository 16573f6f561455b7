"""AHP weights from pairwise judgements: equation 1 of the study (doi 10.1016/j.cmpb.2015.10.005)."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from simgrid.rating.errors import InconsistentJudgementsWarning, JudgementError, Problem

Floats = npt.NDArray[np.float64]

CONSISTENCY_LIMIT = 0.10
RECIPROCITY_TOLERANCE = 5.1e-3
"""How far a[l][m] * a[m][l] may be from 1.

Rounding 1/a to three significant digits moves it by up to half of the third digit, relatively at most
0.5/100 (at 0.100); the rest is for binary fractions. 0.33 for 1/3, a hundredth off, does not pass.
"""

_RANDOM_INDEX = {3: 0.58, 4: 0.90, 5: 1.12, 6: 1.24, 7: 1.32, 8: 1.41, 9: 1.45, 10: 1.49}
_GEOMETRIC_LIMITS = {3: 0.31, 4: 0.35}
_GEOMETRIC_LIMIT_ABOVE_4 = 0.37


@dataclass(frozen=True, slots=True, eq=False)
class AhpWeights:
    """The answer of :func:`ahp_weights`.

    ``weights`` (n,) sum to 1; ``lambda_max`` is the principal eigenvalue of the (aggregated) matrix;
    ``geometric_consistency_limit`` is infinite for n <= 2, where judgements cannot contradict each other;
    ``expert_consistency_ratios`` (E,) has one entry for each matrix given.
    """

    labels: tuple[str, ...]
    weights: Floats
    consistency_ratio: float
    lambda_max: float
    geometric_consistency_index: float
    geometric_consistency_limit: float
    expert_consistency_ratios: Floats

    @property
    def consistent(self) -> bool:
        """Whether the consistency ratio is below the limit at which a warning is given."""
        return self.consistency_ratio < CONSISTENCY_LIMIT


def random_index(n: int) -> float:
    """Mean consistency index of random judgements among n things.

    n = 3..10 after Saaty (1980). Larger n, which his table does not reach, by the regression of Alonso and
    Lamata (2006) on the mean principal eigenvalue, 2.7699 n - 4.3513; at n = 10 the two differ by 0.007.
    """
    if n <= 2:
        return 0.0
    return _RANDOM_INDEX.get(n, (1.7699 * n - 4.3513) / (n - 1))


def ahp_weights(matrix: npt.ArrayLike, *, labels: Sequence[str] | None = None) -> AhpWeights:
    """Weights of n things from judgements ``a[l][m]``, "l matters a times as much as m" (eq. 1).

    ``matrix`` is (n, n) for one expert or (E, n, n) for several, who are joined by the element-wise
    geometric mean. ``labels`` (n,) let errors name the things. The weights are row geometric means.

    :raises JudgementError: (a ValueError) naming every cell that is not positive, finite and reciprocal,
        or saying how the input is not square; all problems at once.
    :warns InconsistentJudgementsWarning: at a consistency ratio of 0.10 or more; for n <= 2 it is 0.
    """
    experts, problems = _as_experts(matrix, labels)
    problems = problems or _cell_problems(experts, labels)
    if problems:
        raise JudgementError(problems)
    n = experts.shape[1]
    logs: Floats = np.log(experts).mean(axis=0)
    row_means = logs.mean(axis=1)
    weights: Floats = np.exp(row_means - row_means.max())
    weights /= weights.sum()
    lambda_max = _principal_eigenvalue(logs)
    ratio = _consistency_ratio(lambda_max, n)
    if ratio >= CONSISTENCY_LIMIT:
        among = f" among {', '.join(labels)}" if labels else ""
        warnings.warn(
            f"judgements{among} contradict each other: consistency ratio {ratio:.3f}, limit "
            f"{CONSISTENCY_LIMIT:.2f}; revise the judgements that disagree most with the others",
            InconsistentJudgementsWarning,
            stacklevel=2,
        )
    weights.flags.writeable = False
    return AhpWeights(
        labels=tuple(labels) if labels else tuple(str(index) for index in range(n)),
        weights=weights,
        consistency_ratio=ratio,
        lambda_max=lambda_max,
        geometric_consistency_index=_geometric_index(logs, row_means),
        geometric_consistency_limit=np.inf if n <= 2 else _GEOMETRIC_LIMITS.get(n, _GEOMETRIC_LIMIT_ABOVE_4),
        expert_consistency_ratios=np.array(
            [_consistency_ratio(_principal_eigenvalue(np.log(expert)), n) for expert in experts]
        ),
    )


def _as_experts(matrix: npt.ArrayLike, labels: Sequence[str] | None) -> tuple[Floats, list[Problem]]:
    """The input as (E, n, n), or what is wrong with its shape."""
    empty: Floats = np.empty((0, 0, 0))
    try:
        array = np.array(matrix, dtype=np.float64)
    except (TypeError, ValueError):
        return empty, _ragged_problems(matrix)
    experts = array[np.newaxis] if array.ndim == 2 else array
    if experts.ndim != 3 or experts.shape[1] != experts.shape[2] or 0 in experts.shape:
        message = f"have shape {array.shape}: expected a square matrix (n, n), or (experts, n, n) for several"
        return empty, [Problem(("judgements",), message)]
    if labels is not None and len(labels) != experts.shape[1]:
        message = (
            f"compare {experts.shape[1]} things, but {len(labels)} labels are given: {', '.join(labels)}"
        )
        return empty, [Problem(("judgements",), message)]
    return experts, []


def _ragged_problems(matrix: object) -> list[Problem]:
    """Rows of unequal length and cells that are not numbers, found without numpy's help."""
    problems: list[Problem] = []

    def visit(value: object, path: tuple[str | int, ...]) -> None:
        if not isinstance(value, (list, tuple, np.ndarray)):
            if not isinstance(value, (int, float, np.number)):
                problems.append(Problem(path, f"is {value!r}: expected a number"))
            return
        lengths = [len(part) if isinstance(part, (list, tuple, np.ndarray)) else 0 for part in value]
        for index, (part, length) in enumerate(zip(value, lengths, strict=True)):
            if length != max(lengths):
                message = f"has length {length}, another row has {max(lengths)}: expected a square matrix"
                problems.append(Problem((*path, index), message))
            visit(part, (*path, index))

    visit(matrix, ("judgements",))
    return problems or [Problem(("judgements",), "are not a matrix of numbers")]


def _cell_problems(experts: Floats, labels: Sequence[str] | None) -> list[Problem]:
    bad = ~(np.isfinite(experts) & (experts > 0))
    problems = []
    for cell in np.argwhere(bad):
        message = f"is {experts[tuple(cell)]:g}{_named(cell, labels)}: expected a positive finite number"
        problems.append(Problem(_cell_path(experts, cell), message))
    with np.errstate(invalid="ignore", over="ignore"):
        product = experts * experts.transpose(0, 2, 1)
    wrong = ~(np.abs(product - 1) <= RECIPROCITY_TOLERANCE) & ~bad & ~bad.transpose(0, 2, 1)
    wrong &= np.tri(experts.shape[1], dtype=bool)
    for cell in np.argwhere(wrong):
        expert, row, column = cell
        message = f"is {experts[tuple(cell)]:g}{_named(cell, labels)}"
        if row == column:
            message += ": expected 1"
        else:
            mirror = experts[expert, column, row]
            there = Problem(_cell_path(experts, np.array([expert, column, row])), "").place
            message += f" but {there} is {mirror:g}: expected {_reciprocal_text(float(mirror))}"
        problems.append(Problem(_cell_path(experts, cell), message))
    return problems


def _cell_path(experts: Floats, cell: npt.NDArray[np.intp]) -> tuple[str | int, ...]:
    indices = tuple(int(index) for index in cell)
    return ("judgements", *(indices if len(experts) > 1 else indices[1:]))


def _named(cell: npt.NDArray[np.intp], labels: Sequence[str] | None) -> str:
    return f" ({labels[cell[1]]} over {labels[cell[2]]})" if labels else ""


def _reciprocal_text(value: float) -> str:
    nearest = Fraction(value).limit_denominator(99)
    if nearest > 0 and abs(float(nearest) - value) < 1e-9:
        return str(1 / nearest)
    return f"{1 / value:.6g}"


def _principal_eigenvalue(logs: Floats) -> float:
    """Perron root of the positive matrix exp(logs); mean((Aw)_l / w_l) with geometric weights is not it.

    Scaling by the geometric weights first (a similarity, so the root stays) keeps extreme judgements finite.
    """
    row_means = logs.mean(axis=1)
    scaled = np.exp(logs - row_means[:, np.newaxis] + row_means[np.newaxis, :])
    return float(np.linalg.eigvals(scaled).real.max())


def _consistency_ratio(lambda_max: float, n: int) -> float:
    if n <= 2:
        return 0.0
    return max(0.0, (lambda_max - n) / (n - 1)) / random_index(n)


def _geometric_index(logs: Floats, row_means: Floats) -> float:
    """2 / ((n-1)(n-2)) times the sum over l < m of log^2(a_lm w_m / w_l); 0 for n <= 2."""
    n = len(row_means)
    if n <= 2:
        return 0.0
    errors = logs - row_means[:, np.newaxis] + row_means[np.newaxis, :]
    return float(2.0 / ((n - 1) * (n - 2)) * (np.triu(errors, 1) ** 2).sum())
