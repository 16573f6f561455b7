"""Caches, permissions and faults together: no permitted deletion ever takes the last durable copy."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from simgrid.network.copies import Cache, Lru, Replicas

STUDIES = 4
SIZES = [3, 5, 2, 8]
PLACES = ("harbour", "hill", "unit", "centre")
ARCHIVE = 3
CAPACITY = 12
studies = st.integers(0, STUDIES - 1)


class CopiesMachine(RuleBasedStateMachine):
    """Sites and a unit have caches, the data centre keeps everything; permission takes a message."""

    @initialize(minimum=st.integers(1, 3))
    def start(self, minimum: int) -> None:
        self.minimum = minimum
        self.replicas = Replicas(PLACES, SIZES, ["centre"], minimum)
        self.caches = [Cache(CAPACITY, Lru()) for _ in range(ARCHIVE)]
        self.durable: list[set[int]] = [set() for _ in range(STUDIES)]
        self.cached: list[set[int]] = [set() for _ in range(STUDIES)]
        self.asked: list[tuple[int, int]] = []
        self.granted: list[tuple[int, int]] = []
        self.now_s = 0.0
        self.copy_seconds = self.byte_seconds = 0.0

    def copies(self, study: int) -> set[int]:
        return self.durable[study] | self.cached[study]

    def staying(self, study: int) -> set[int]:
        return {place for place in self.durable[study] if (study, place) not in self.granted}

    def lose(self, study: int, place: int) -> None:
        self.durable[study].discard(place)
        self.cached[study].discard(place)

    @rule(by=st.floats(0.0, 10.0))
    def wait(self, by: float) -> None:
        self.copy_seconds += by * sum(len(self.copies(study)) for study in range(STUDIES))
        self.byte_seconds += by * sum(SIZES[study] * len(self.copies(study)) for study in range(STUDIES))
        self.now_s += by

    @rule(study=studies)
    def upload(self, study: int) -> None:
        self.arrive(study, ARCHIVE, True)

    @rule(study=studies, place=st.integers(0, ARCHIVE), durable=st.booleans())
    def arrive(self, study: int, place: int, durable: bool) -> None:
        if (study, place) in self.granted:
            return
        if place != ARCHIVE and not self.caches[place].admit(study, SIZES[study], self.now_s):
            return
        self.replicas.add(study, place, self.now_s, durable)
        if durable:
            self.durable[study].add(place)
            self.cached[study].discard(place)
        elif place not in self.durable[study]:
            self.cached[study].add(place)

    @rule(place=st.integers(0, ARCHIVE - 1), size=st.integers(1, CAPACITY))
    def propose(self, place: int, size: int) -> None:
        victims = self.caches[place].propose(size, self.now_s)
        self.asked += [(study, place) for study in victims or ()]

    @precondition(lambda self: self.asked)
    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        study, place = self.asked.pop(data.draw(st.integers(0, len(self.asked) - 1)))
        staying = self.staying(study)
        answer = self.replicas.ask(study, place)
        if place not in self.copies(study) or (study, place) in self.granted:
            assert answer == ("already granted" if place in self.copies(study) else "no copy")
            return
        allowed = len(staying - {place}) >= self.minimum and ARCHIVE in staying and place != ARCHIVE
        assert (answer == "granted") == allowed, answer
        if answer == "granted":
            self.granted.append((study, place))
        else:
            self.caches[place].keep(study, self.now_s + 5)

    @precondition(lambda self: self.granted)
    @rule(data=st.data())
    def carry_out(self, data: st.DataObject) -> None:
        study, place = self.granted.pop(data.draw(st.integers(0, len(self.granted) - 1)))
        if self.caches[place].drop(study):
            self.replicas.deleted(study, place, self.now_s)
            self.lose(study, place)
            # What the law protects, at the moment it could be broken.
            assert len(self.durable[study]) >= self.minimum
            assert ARCHIVE in self.durable[study]
        else:
            self.replicas.kept(study, place)

    @rule(study=studies, place=st.integers(0, ARCHIVE - 1))
    def use(self, study: int, place: int) -> None:
        if study in self.caches[place]:
            if self.caches[place].is_pinned(study):
                self.caches[place].unpin(study)
            else:
                self.caches[place].pin(study)

    @rule(study=studies, place=st.integers(0, ARCHIVE))
    def wish(self, study: int, place: int) -> None:
        """Somebody wants a copy gone that no cache has proposed; the archive's own never may."""
        if place == ARCHIVE:
            assert not self.replicas.holds(study, ARCHIVE) or self.replicas.ask(study, ARCHIVE) != "granted"
        else:
            self.asked.append((study, place))

    @invariant()
    def both_know_the_same(self) -> None:
        if not hasattr(self, "replicas"):
            return
        replicas = self.replicas
        for study in range(STUDIES):
            holds = {place for place in range(len(PLACES)) if replicas.holds(study, place)}
            assert holds == self.copies(study)
            leaving = {place for other, place in self.granted if other == study}
            assert set(replicas.holders(study)) == self.copies(study) - leaving
            assert replicas.durable_copies(study) == len(self.staying(study))
            assert replicas.is_uploaded(study) == (ARCHIVE in self.staying(study))
        for place, cache in enumerate(self.caches):
            assert {study for study in range(STUDIES) if place in self.copies(study)} == set(cache)
            assert replicas.bytes_at[place].value == cache.used_bytes <= CAPACITY
        copies = sum(len(self.copies(study)) for study in range(STUDIES))
        assert replicas.copies.value == copies
        assert replicas.studies.value == sum(1 for study in range(STUDIES) if self.copies(study))
        assert abs(replicas.copies.area(self.now_s) - self.copy_seconds) <= 1e-9 * (1 + self.copy_seconds)
        stored = replicas.stored_bytes.area(self.now_s)
        assert abs(stored - self.byte_seconds) <= 1e-9 * (1 + self.byte_seconds)


TestCopies = CopiesMachine.TestCase
TestCopies.settings = settings(max_examples=80, stateful_step_count=50, deadline=None)
