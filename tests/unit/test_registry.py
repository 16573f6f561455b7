"""Policies by name: what is found, what a choice sets, and what every mistake is told."""

import inspect
from importlib.metadata import EntryPoint

import pytest

from simgrid.domain.scenario import PolicyChoice
from simgrid.policies import registry
from simgrid.policies.rwoa import CHUNK
from simgrid.rating import Ontology
from tests.unit.example_policy import FirstOnDuty
from tests.worklists import radiologist, team, worklist

ONTOLOGY = Ontology.default()
TEAM = team(radiologist("a", 0.5), radiologist("b", 0.9))
SHIPPED = {
    "continuity",
    "deadline-insertion",
    "effort-deficit",
    "logged",
    "manual",
    "random",
    "rbsm",
    "round-robin",
    "rwoa",
    "shortest-completion",
    "shortest-queue",
}


@pytest.fixture
def with_example(monkeypatch):
    mine = EntryPoint("first-on-duty", "tests.unit.example_policy:FirstOnDuty", registry.GROUP)
    found = {**registry._found(), "first-on-duty": mine}
    monkeypatch.setattr(registry, "_found", lambda: found)


def test_the_policies_are_found_with_their_variants():
    found = registry.available()
    assert set(found) >= SHIPPED
    assert all(names[-2:] == ("batched", "online") for names in found.values())
    assert "feasible" in found["round-robin"]
    assert "no-deadline" in found["rwoa"]


@pytest.mark.parametrize("label", [f"{n}@{v}" for n, vs in registry.available().items() for v in vs])
def test_every_variant_can_be_made_and_assigns(label):
    policy = registry.make(PolicyChoice.parse(label), TEAM, ONTOLOGY)
    chosen = policy.assign(worklist(TEAM, [0, 1, 2], logged=[0, 1, 0])).radiologist
    assert chosen.shape == (3,)
    assert ((chosen >= 0) & (chosen < 2)).all()


def test_a_good_choice_has_no_findings():
    assert registry.check(PolicyChoice.parse("rwoa@no-effort+online", {"gap": 1e-4})) == ()


def test_a_new_object_is_made_each_time():
    choice = PolicyChoice("round-robin")
    assert registry.make(choice, TEAM, ONTOLOGY) is not registry.make(choice, TEAM, ONTOLOGY)


def test_variants_join_and_options_arrive():
    rwoa = registry.make(PolicyChoice.parse("rwoa@chunks+no-effort+online", {"gap": 0.1}), TEAM, ONTOLOGY)
    assert (rwoa._chunk, rwoa._effort, rwoa._gap, rwoa._deadline) == (CHUNK, False, 0.1, True)


def test_timing_belongs_to_the_dispatcher():
    assert registry.timing(PolicyChoice.parse("rwoa")) == "batched"
    assert registry.timing(PolicyChoice.parse("random@online+feasible")) == "online"
    stripped = registry.without_timing(PolicyChoice.parse("random@online+feasible"))
    assert stripped.label == "random@feasible"


@pytest.mark.parametrize(
    ("label", "options", "finding"),
    [
        ("rwao", {}, "did you mean 'rwoa'"),
        ("zzz", {}, "it is one of continuity"),
        ("random@feasable", {}, "did you mean 'feasible'"),
        ("rwoa@no-dedline+points", {}, "did you mean 'no-deadline'"),
        ("manual", {"memroy": 0.2}, "did you mean 'memory'"),
        ("manual", {"memory": 2.0}, "give habit >= 0 and memory from 0 to 1"),
        ("rwoa", {"gap": "small"}, "has option 'gap' = 'small': give a number"),
        ("rwoa", {"gap": True}, "give a number"),
        ("rwoa", {"points": 1}, "give true or false"),
        ("rbsm", {"node": 3.0}, "give a word"),
        ("rwoa", {"chunk": 2.5}, "give a whole number of rows"),
        ("rwoa@share+relative", {}, "@share and @relative both set 'reading'"),
        ("rwoa@points", {"points": False}, "the options and @points both set 'points'"),
        ("rwoa@batched+online", {}, "choose one"),
        ("rbsm", {"node": "Subspeciality"}, "expected one of root"),
        ("rbsm", {"reading": "relativ"}, "expected one of absolute"),
    ],
)
def test_mistakes_are_named_with_the_way_out(label, options, finding):
    with pytest.raises(registry.PolicyError) as raised:
        registry.make(PolicyChoice.parse(label, options), TEAM, ONTOLOGY)
    assert any(finding in sentence for sentence in registry.check(PolicyChoice.parse(label, options)))
    assert finding in str(raised.value)
    assert f"policy {label.partition('@')[0]}" in str(raised.value)


def test_all_mistakes_of_a_choice_are_named_at_once():
    choice = PolicyChoice.parse("rwoa@no-efort+onlin", {"gpa": 1})
    assert len(registry.check(choice)) == 3


def test_both_timings_are_refused_by_timing_too():
    with pytest.raises(registry.PolicyError, match="choose one"):
        registry.timing(PolicyChoice.parse("random@online+batched"))


@pytest.mark.usefixtures("with_example")
def test_a_policy_of_ones_own_is_found_and_takes_its_options():
    assert registry.available()["first-on-duty"] == ("batched", "online")
    busy = worklist(TEAM, [0, 1], available_in_s=[60.0, 30.0])
    strict = registry.make(PolicyChoice.parse("first-on-duty@online"), TEAM, ONTOLOGY)
    assert strict.assign(busy).radiologist.tolist() == [-1, -1]
    patient = registry.make(PolicyChoice.parse("first-on-duty", {"patience": 45.0}), TEAM, ONTOLOGY)
    assert patient.assign(busy).radiologist.tolist() == [1, 1]


def test_the_documentation_shows_the_tested_example():
    def lines(text):
        return [line.strip() for line in text.splitlines() if line.strip()]

    shown = "\n".join(lines(registry.__doc__))
    assert "\n".join(lines(inspect.getsource(FirstOnDuty))) in shown
