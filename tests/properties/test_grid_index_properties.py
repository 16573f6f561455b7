"""The index against a full copy at every agent, to which each message is delivered one by one."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from simgrid.network.copies import GridIndex

EXAMINATIONS = 5
agents = st.integers(0, 2)
LATENCIES = st.sampled_from([0.0, 1.0, 4.0, 30.0])


class IndexMachine(RuleBasedStateMachine):
    @initialize(latency_s=st.tuples(LATENCIES, LATENCIES, LATENCIES))
    def start(self, latency_s: tuple[float, ...]) -> None:
        self.latency_s = latency_s
        self.grid = GridIndex(EXAMINATIONS, latency_s)
        self.now_s = 0.0
        self.version = [0] * EXAMINATIONS
        self.knows: list[dict[int, tuple[int, int]]] = [{} for _ in latency_s]
        self.mail: list[list[tuple[float, int, int, int]]] = [[] for _ in latency_s]
        self.cut_s: list[float | None] = [None] * len(latency_s)

    def deliver(self) -> None:
        for agent, mail in enumerate(self.mail):
            cut_s = self.cut_s[agent]
            while mail and mail[0][0] <= (self.now_s if cut_s is None else cut_s):
                _, examination, version, holders = mail.pop(0)
                self.knows[agent][examination] = (version, holders)

    @rule(by=st.sampled_from([0.0, 0.5, 1.0, 3.0, 10.0]))
    def wait(self, by: float) -> None:
        self.now_s += by
        self.deliver()

    @rule(
        examination=st.integers(0, EXAMINATIONS - 1),
        holders=st.integers(0, 7),
        times=st.sampled_from([1, 1, 1, 40]),
    )
    def change(self, examination: int, holders: int, times: int) -> None:
        for number in range(times):
            self.version[examination] += 1
            self.grid.change(examination, holders + number, self.now_s)
            for agent, latency_s in enumerate(self.latency_s):
                news = (self.now_s + latency_s, examination, self.version[examination], holders + number)
                self.mail[agent].append(news)
        self.deliver()

    @rule(agent=agents)
    def cut_off(self, agent: int) -> None:
        self.grid.cut_off(agent, self.now_s)
        if self.cut_s[agent] is None:
            self.cut_s[agent] = self.now_s

    @rule(agent=agents)
    def back(self, agent: int) -> None:
        self.grid.back(agent, self.now_s)
        if self.cut_s[agent] is not None:
            self.cut_s[agent] = None
            arrives_s = self.now_s + self.latency_s[agent]
            # What it missed is sent again at once; later changes keep their own times.
            self.mail[agent] = [(max(at_s, arrives_s), *rest) for at_s, *rest in self.mail[agent]]
            self.deliver()

    @invariant()
    def every_agent_knows_what_was_delivered(self) -> None:
        if not hasattr(self, "grid"):
            return
        for agent, knows in enumerate(self.knows):
            for examination, version in enumerate(self.version):
                entry = self.grid.look_up(agent, examination, self.now_s)
                assert (None if entry is None else (entry.version, entry.holders)) == knows.get(examination)
                assert entry is None or entry.stale == (entry.version < version)
            behind = [e for e, version in enumerate(self.version) if knows.get(e, (0, 0))[0] < version]
            assert self.grid.unheard(agent, self.now_s) == len(behind)


TestIndex = IndexMachine.TestCase
TestIndex.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
