"""The split of the variance: by hand, on a model whose shares are known, and as the command tells it."""

from __future__ import annotations

import csv
import json
import math
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.cli.main import cli
from simgrid.domain.scenario import PolicyChoice, Scenario
from simgrid.domain.uncertain import Uncertain
from simgrid.experiments.campaign import Campaign, CannotBeAsked
from simgrid.experiments.data_dictionary import UNCERTAINTY, columns
from simgrid.experiments.parallel import computed
from simgrid.experiments.study import Study, read_study, study_of
from simgrid.experiments.variance_split import Split, elsewhere, splits
from simgrid.metrics import Measurement
from simgrid.presentation.frames import results
from simgrid.randomness import stream
from simgrid.statistics.draws import draws_of
from simgrid.statistics.variance_share import FEWEST, variance_share
from tests.campaigns import asked, scenario

ROOT = Path(__file__).parents[2]
RATE = Uncertain("demand.scale", "", "normal", 0.0, 1.0, -9.0, 9.0)


def test_four_pairs_by_hand() -> None:
    """Middles 2, 4, 6, 8: B = 2 x 20 / 3; each pair is 2 apart: W = 2."""
    found = variance_share([1, 3, 5, 7], [3, 5, 7, 9])
    between, within = 40 / 3, 2.0
    assert found.share == pytest.approx((between - within) / (between + within))
    assert found.common_sd == pytest.approx(math.sqrt((between - within) / 2))
    assert found.own_sd == pytest.approx(math.sqrt(2))
    assert (found.mean, found.n) == (5, 4)
    assert math.isnan(found.low) and math.isnan(found.high)  # fewer than ten pairs


def test_the_interval_is_t_on_the_jackknife_of_fisher_s_z() -> None:
    rng = np.random.default_rng(5)
    common, own = rng.normal(size=12), rng.normal(size=(2, 12))
    a, b = common + own

    def z(a: np.ndarray, b: np.ndarray) -> float:
        middle = (a + b) / 2
        between = 2 * middle.var(ddof=1)
        return float(np.log(between / ((a - b) ** 2 / 2).mean()) / 2)

    pseudo = [12 * z(a, b) - 11 * z(np.delete(a, one), np.delete(b, one)) for one in range(12)]
    half = 2.200985160 * np.std(pseudo, ddof=1) / math.sqrt(12)
    found = variance_share(a, b)
    assert found.share == pytest.approx(np.tanh(z(a, b)))
    assert found.low == pytest.approx(max(np.tanh(z(a, b) - half), 0))
    assert found.high == pytest.approx(np.tanh(z(a, b) + half))
    assert found.most**2 == pytest.approx(found.high * (found.common_sd**2 + found.own_sd**2))


def test_what_has_no_spread_or_no_pair_is_told_as_such() -> None:
    values = np.arange(12.0)
    alike = variance_share(values, values)
    assert (alike.share, alike.low, alike.high, alike.own_sd) == (1, 1, 1, 0)
    still = variance_share(np.full(12, 0.3), np.full(12, 0.3))
    assert math.isnan(still.share) and still.most == 0
    none = variance_share(np.full(12, np.nan), values)
    assert math.isnan(none.share) and none.n == 0
    opposite = variance_share(values, -values)
    assert opposite.share == 0
    assert math.isnan(opposite.low)  # the pairs' middles do not differ at all


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.floats(-50, 50), st.floats(-50, 50)), min_size=FEWEST, max_size=25),
    st.floats(0.1, 100),
    st.integers(0, 3),
)
def test_a_share_knows_no_unit_and_no_order(
    pairs: list[tuple[float, float]], factor: float, holes: int
) -> None:
    a, b = np.array(pairs).T.round(3)
    plain = variance_share(a, b)
    holed = np.concatenate([a, np.full(holes, np.nan)]), np.concatenate([b, np.zeros(holes)])
    for other in (variance_share(b, a), variance_share(factor * a, factor * b), variance_share(*holed)):
        for one, two in ((plain.share, other.share), (plain.low, other.low), (plain.high, other.high)):
            assert one == pytest.approx(two, abs=1e-6, nan_ok=True)
    if not math.isnan(plain.share):
        assert 0 <= plain.share <= 1
    if not math.isnan(plain.low):
        assert 0 <= plain.low <= plain.share + 1e-9 <= plain.high + 2e-9


@dataclass(frozen=True)
class Drawing:
    """Makes a cell of which one normal value is drawn, and nothing else."""

    cell: Scenario

    def __call__(self, seed: int, replication: int) -> Scenario:
        draws = draws_of((RATE,), seed, replication)
        return replace(self.cell, seed=seed, draws=draws, canonical=f"{self.cell.canonical} {draws}")


def linear_run(share: float) -> Callable[..., tuple[Measurement, ...]]:
    """A model of which the drawn value makes this share of the variance under rwoa; under random none."""

    def run(cell: Scenario, policy: PolicyChoice, replication: int, _: Any = None) -> tuple[Measurement, ...]:
        (value,) = cell.draws
        world = float(stream(cell.seed, replication, "world").normal())
        weight = {"rwoa": share, "rbsm": 1.0, "random": 0.0}[policy.name]
        found = 10 + math.sqrt(weight) * value + math.sqrt(1 - weight) * world
        return (Measurement("all", "tat_mean_min", "min", found),)

    return run


def split(share: float, replications: int = 400) -> dict[tuple[str, str], Any]:
    cell = scenario(replications=replications, primary=("tat_mean_min",), canonical="linear")
    cell = replace(cell, uncertain=(RATE,), realise=Drawing(cell))
    made = asked(cell)
    sides = (computed_study(one, linear_run(share)) for one in (made, elsewhere(made)))
    return {(one.policy, one.baseline): one for one in splits(*sides)}


def computed_study(made: Campaign, run: Callable[..., tuple[Measurement, ...]]) -> Study:
    """The study, of which nothing is stored."""
    runs = (
        computed(made.cells[task.cell].of(task.replication), task, run, lambda _: None)
        for task in made.tasks()
    )
    return study_of(made, {one.key: one for one in runs})


def test_known_shares_come_out() -> None:
    for share in (0.2, 0.7):
        found = split(share)
        one = found["rwoa", ""].found
        assert one.low < share < one.high
        assert abs(one.share - share) < 0.1
        assert one.common_sd == pytest.approx(math.sqrt(share), abs=0.12)
        assert found["rbsm", ""].found.share == 1
        none = found["random", ""].found
        assert (none.low, none.n) == (0, 400)
        assert none.share < 0.12
        low, high = found["rwoa", ""].likely
        assert low < 10 - 1.96 * math.sqrt(share) + 0.1
        assert high > 10 + 1.96 * math.sqrt(share) - 0.1
        assert ("rwoa", "random") in found
        assert ("random", "random") not in found


def test_other_worlds_have_the_draws_and_not_the_seed() -> None:
    cell = scenario(primary=("tat_mean_min",))
    made = asked(replace(cell, uncertain=(RATE,), realise=Drawing(cell)))
    there = elsewhere(made)
    for replication in range(4):
        one, other = made.cells[0].of(replication), there.cells[0].of(replication)
        assert one.draws == other.draws
        assert one.seed == cell.seed != other.seed
    assert not {task.key for task in made.tasks()} & {task.key for task in there.tasks()}
    with pytest.raises(CannotBeAsked, match="says of no value that it is uncertain"):
        elsewhere(asked(cell))


def predicted(n: int, share: float, rows: int = 1500) -> float:
    """How often the mean at values that nobody has seen lies where it is said to lie."""
    rng = np.random.default_rng([5, n, int(100 * share)])
    hits = 0
    for _ in range(rows):
        common, unseen = math.sqrt(share) * rng.normal(size=n), math.sqrt(share) * rng.normal()
        pair = (10 + common + math.sqrt(1 - share) * rng.normal(size=n) for _ in range(2))
        low, high = Split(0, "a", "", "m", "min", variance_share(*pair)).likely
        hits += low <= 10 + unseen <= high
    return hits / rows


@pytest.mark.parametrize(("n", "share"), [(2, 1.0), (10, 1.0), (10, 0.9), (10, 0.3), (40, 0.9)])
def test_the_mean_at_the_values_that_hold_lies_where_it_is_said_to(n: int, share: float) -> None:
    """95 % and no less, with two worlds and with forty; 0.932 is three standard errors below."""
    assert predicted(n, share) >= 0.932


def test_where_the_mean_lies_by_hand() -> None:
    """Nothing is left to chance: a prediction interval of ten values, 2.262 sd sqrt(1 + 1 / 10)."""
    values = np.arange(10.0)
    low, high = Split(0, "a", "", "m", "min", variance_share(values, values)).likely
    half = 2.262157163 * values.std(ddof=1) * math.sqrt(1.1)
    assert (low, high) == pytest.approx((4.5 - half, 4.5 + half))
    nothing = Split(0, "a", "", "m", "min", variance_share([math.nan], [1])).likely
    assert np.isnan(nothing).all()


TEXT = """extends: tiny/one-unit.yaml
policies: [manual, random]
baseline: random
primary: [tat_mean_min]
uncertain: {demand.count: {uniform: {low: 8, high: 40}}}
replications: 12
"""


def simgrid(*arguments: str | Path, code: int = 0) -> Result:
    result = CliRunner().invoke(cli, [str(one) for one in arguments])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    file = tmp_path_factory.mktemp("split") / "guessed.yaml"
    file.write_text(TEXT, encoding="utf-8")
    return file, simgrid("run", file, "--split-variance", "-j", "1", "-o", file.parent)


def test_the_table_is_that_of_the_two_studies(done: tuple[Path, Result]) -> None:
    _, result = done
    folder = Path(result.stdout.splitlines()[-1])
    with (folder / "uncertainty.csv").open(newline="", encoding="utf-8") as stream_:
        rows = list(csv.DictReader(stream_))
    assert [(row["policy"], row["baseline"]) for row in rows] == [
        ("manual", ""),
        ("random", ""),
        ("manual", "random"),
    ]
    assert list(rows[0]) == [field.name for field in columns(UNCERTAINTY, ())]
    page = (ROOT / "docs/reference/results.md").read_text(encoding="utf-8").split("## uncertainty.csv")[1]
    for field in columns(UNCERTAINTY, ()):
        assert f"| `{field.name}` | {field.kind} | {field.meaning} |" in page
    study: Study = read_study(folder)
    assert len([*(folder / "runs").iterdir()]) == 2 * study.values[..., 0].size
    told = " ".join(result.stdout.split())
    assert "What the uncertain values make of the spread: mean turnaround [min]" in told
    for row in rows:
        low, high = float(row["share_lo95"]), float(row["share_hi95"])
        assert f"{100 * float(row['share']):.0f} % [{100 * low:.0f}, {100 * high:.0f}]" in told
    assert "What the uncertain values make" in (folder / "comparison.md").read_text(encoding="utf-8")
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    assert "uncertainty.csv" in [one["path"] for one in package["resources"]]
    read = results(folder)
    assert read.replications["demand.count"].between(8, 40).all()
    frame = read.uncertainty
    assert list(frame.columns) == list(rows[0])
    assert list(frame["policy"].cat.categories) == ["manual", "random"]
    assert frame["baseline"].tolist() == ["", "", "random"]
    assert frame["n"].dtype == "Int64"
    assert frame["share"].tolist() == [float(row["share"]) for row in rows]


def test_again_computes_nothing_and_without_it_the_table_goes(done: tuple[Path, Result]) -> None:
    file, first = done
    folder = Path(first.stdout.splitlines()[-1])
    before = (folder / "uncertainty.csv").read_bytes()
    again = simgrid("run", file, "--split-variance", "--json", "-o", file.parent)
    assert again.stderr.count(": 0 runs to compute") == 2
    lines = [json.loads(line) for line in again.stdout.splitlines()]
    rows = [line for line in lines if line.get("table") == "uncertainty"]
    assert [(row["policy"], row["baseline"]) for row in rows][-1] == ("manual", "random")
    assert (folder / "uncertainty.csv").read_bytes() == before
    few = simgrid("run", file, "-r", "3", "-o", file.parent)
    assert not (folder / "uncertainty.csv").exists()
    none = results(folder).uncertainty
    assert (len(none), list(none.columns)) == (0, [field.name for field in columns(UNCERTAINTY, ())])
    assert "demand.count" in few.stdout
    told = simgrid("run", file, "-r", "3", "--split-variance", "-o", file.parent).stdout
    assert "(too few for an interval)" in told
    assert (
        "in other worlds" in simgrid("run", file, "--split-variance", "--dry-run", "-o", file.parent).stdout
    )


def test_many_worlds_are_told_of_before_they_are_drawn(tmp_path: Path) -> None:
    file = tmp_path / "guessed.yaml"
    file.write_text(TEXT, encoding="utf-8")
    told = "drawing the values of 500 worlds, to see which runs are stored"
    assert told in simgrid("run", file, "-r", "500", "--dry-run", "-o", tmp_path).stderr
    assert "drawing" not in simgrid("run", file, "-r", "499", "--dry-run", "-o", tmp_path).stderr


def test_nothing_uncertain_is_a_usage_error(tmp_path: Path) -> None:
    said = simgrid("run", "tiny/one-unit", "--split-variance", "-o", tmp_path, code=2).output
    assert "add a block 'uncertain'" in said
    assert not [*tmp_path.iterdir()]


def test_the_page_can_be_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs/how-to/uncertain.md").read_text(encoding="utf-8")
    shipped = (ROOT / "scenarios/methods/uncertain.yaml").read_text(encoding="utf-8")
    first, own = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert first in shipped
    for line in "".join(re.findall(r"```sh\n(.*?)```", page, re.DOTALL)).splitlines():
        program, *arguments = shlex.split(line)
        assert program == "simgrid"
        simgrid(*arguments, *([] if "--dry-run" in arguments else ["--smoke", "-j", "1"]))
    assert [*Path("results").glob("*/uncertainty.csv")]
    Path("own.yaml").write_text(own, encoding="utf-8")
    assert "ok: 2 policies" in simgrid("validate", "own.yaml").stdout
    described = simgrid("run", "own.yaml", "--dry-run").stdout
    assert "sites.valley.demand.per_day: drawn in each world" in described
    assert "demand.scale" not in described


def test_a_campaign_is_not_moved_where_nothing_is_drawn() -> None:
    made: Campaign = asked(scenario())
    with pytest.raises(CannotBeAsked):
        elsewhere(made)
