"""At the desk: each radiologist is one process that reads her own studies, urgent first, within her hours."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from functools import partial
from typing import Any

import numpy as np
import simpy

from simgrid.domain.backlog import Held
from simgrid.domain.desk_rules import DeskRules
from simgrid.domain.grid_records import DeskRecords
from simgrid.domain.inspection import Inspections
from simgrid.domain.units import MINUTE, FloatArray, IntArray, Seconds
from simgrid.domain.world import World
from simgrid.simulation.desk import Desk, Opened
from simgrid.simulation.pauses import Pauses
from simgrid.simulation.recalls import Recalls
from simgrid.simulation.recorder import Event, Recorder
from simgrid.simulation.seats import Seats
from simgrid.simulation.viewing import Viewing

_Steps = Generator[simpy.Event, Any, Any]


class Desks:
    """The radiologists of a world, their desks, and their units' workstations and shared monitors.

    A study is opened only on duty, on a free workstation and with a free monitor where it needs one; what it
    takes is fixed then, but for waits for images and priors (``viewing``; None where all are there). What
    interrupts it, and what becomes of it when the shift ends, is in ``DeskRules``.
    Non-reading duties follow each study in proportion to its reading time.
    """

    def __init__(
        self,
        env: simpy.Environment,
        world: World,
        inspections: Inspections,
        recorder: Recorder,
        then: Callable[[int, int], None],
        handed_over: Callable[[list[int], int], None],
        viewing: Viewing | None = None,
        recalls: Recalls | None = None,
    ) -> None:
        self._env = env
        self._world = world
        self._inspections = inspections
        self._recorder = recorder
        self._then = then
        self._handed_over = handed_over
        self._viewing = viewing
        self._recalls = recalls
        rules = self._rules = world.grid.reading or DeskRules()
        self._parks = rules.end_of_shift == "park"
        units = [unit.name for unit in world.units]
        self._seats = [
            Seats(env, unit.workstations, unit.monitors.count if unit.monitors else 0) for unit in world.units
        ]
        self._unit_of = [units.index(one.unit) for one in world.radiologists]
        self._own_megapixels = [
            world.units[unit].monitor_megapixels if one.monitor_megapixels is None else one.monitor_megapixels
            for one, unit in zip(world.radiologists, self._unit_of, strict=True)
        ]
        self._shared = any(unit.monitors for unit in world.units)
        picks = world.cherry_picking or (False,) * len(world.radiologists)
        self._desks = [Desk(one, rules.interruption) for one in picks]
        self._delivered = 0
        self.pauses = Pauses()
        self.reading_s: FloatArray = np.zeros(len(world.radiologists))
        self._seat_wait_s: FloatArray = np.zeros(len(world.radiologists))
        if rules.end_of_shift == "hand-over":
            self._expect_ends()
        self._readers = [env.process(self._radiologist(who)) for who in range(len(world.radiologists))]

    def put(self, row: int, radiologist: int) -> None:
        """Lay a delivered study on the radiologist's desk."""
        self._delivered += 1
        desk, urgent = self._desks[radiologist], bool(self._inspections.urgent[row])
        expected_min = self._inspections.kinds[self._inspections.kind[row]].effort_min
        desk.put(row, urgent, expected_min, self._delivered)
        if desk.idle is not None:
            idle, desk.idle = desk.idle, None
            idle.succeed()
        elif desk.open is None:
            if self._shared:
                self._seats[self._unit_of[radiologist]].admit()
        elif urgent and self._rules.interruption:
            self._interrupt(row, radiologist)

    def take_up(self, row: int, radiologist: int, held: Held) -> None:
        """A study that she had begun before the run: open before her, or laid aside."""
        aside, left_s = held.state == "begun", held.left
        desk, total_s = self._desks[radiologist], self.true_reading_s(row, radiologist)
        left_s = total_s if left_s is None else left_s
        one = Opened(row, bool(self._inspections.urgent[row]), max(total_s, left_s))
        one.had_s = one.needs_s - left_s
        way_back_s = self._rules.resume_s if aside else 0.0
        one.settle_s = way_back_s if held.settle_s is None else held.settle_s
        desk.aside.append(one)
        if aside:
            self.pauses.began(Event.INTERRUPTED, row, radiologist, self._env.now)
            self._recorder.event(Event.INTERRUPTED, row, self._env.now, radiologist)
        if desk.idle is not None:
            idle, desk.idle = desk.idle, None
            idle.succeed()

    def true_reading_s(self, row: int, radiologist: int) -> Seconds:
        """The inspection's own draw times the radiologist's true speed, less what she has warmed up."""
        draw = float(self._inspections.reading_draw_min[row])
        plain = draw * MINUTE * self._world.truth[radiologist].speed
        if self._rules.session is None:
            return plain
        into_s = self._world.rosters[radiologist].into_span(self._env.now)
        return plain * self._rules.session.factor(into_s)

    def opened(self, radiologist: int) -> list[tuple[int, Seconds]]:
        """The studies she has begun: each with the seconds of reading it has had, up to now."""
        desk = self._desks[radiologist]
        begun = [(one.row, one.had_s) for one in desk.aside]
        if desk.open is not None:
            begun.append((desk.open.row, desk.open.had_s + desk.read_s(self._env.now)))
        return begun

    def busy(self, radiologist: int, for_s: Seconds) -> None:
        """She is busy with other duties for so long from now on."""
        self._desks[radiologist].busy_until_s = self._env.now + for_s

    def busy_s(self) -> list[Seconds]:
        """For how long from now each radiologist is busy with other duties."""
        return [max(desk.busy_until_s - self._env.now, 0.0) for desk in self._desks]

    def order(self) -> dict[int, int]:
        """The place of each study on its desk: unopened ones, and those begun with the open one last."""
        begun = [[one.row for one in desk.aside] for desk in self._desks]
        for rows, desk in zip(begun, self._desks, strict=True):
            if desk.open is not None:
                rows.append(desk.open.row)
        queues = [*(desk.unopened() for desk in self._desks), *begun]
        return {row: place for queue in queues for place, row in enumerate(queue)}

    def begun(self) -> dict[int, tuple[Seconds, Seconds, bool]]:
        """Of each begun study the seconds of reading left, those to find the way back, and if it is open."""
        found = {}
        for desk in self._desks:
            for one in desk.aside:
                found[one.row] = one.needs_s - one.had_s, one.settle_s, False
            if (seen := desk.open) is not None:
                sat_s = self._env.now - desk.began_s
                left_s = seen.needs_s - seen.had_s - desk.read_s(self._env.now)
                found[seen.row] = max(left_s, 0.0), max(seen.settle_s - sat_s, 0.0), True
        return found

    def records(self) -> DeskRecords | None:
        """What happened at the desks up to now; None where no rules were on."""
        if not self._shared and self._world.grid.reading is None:
            return None
        now = self._env.now
        waiting = [0.0 if desk.asked_s is None else now - desk.asked_s for desk in self._desks]
        waited_s: FloatArray = self._seat_wait_s + np.array(waiting, dtype=np.float64)
        monitors = np.array([seats.peak_screens for seats in self._seats], dtype=np.int64)
        return self.pauses.records(waited_s, monitors)

    def reading_until(self, now_s: Seconds) -> FloatArray:
        """Seconds spent reading up to now, the open studies included, shape (R,)."""
        under_way = [desk.read_s(now_s) for desk in self._desks]
        return self.reading_s + np.array(under_way, dtype=np.float64)

    @property
    def peak_busy(self) -> IntArray:
        """Most workstations in use at once, shape (U,)."""
        return np.array([seats.peak_taken for seats in self._seats], dtype=np.int64)

    def _radiologist(self, who: int) -> _Steps:
        desk, roster = self._desks[who], self._world.rosters[who]
        seats = self._seats[self._unit_of[who]]
        while True:
            if desk.empty:
                desk.idle = self._env.event()
                yield desk.idle
                if desk.busy_until_s > self._env.now:  # only where the run has taken her up so
                    yield self._env.timeout(desk.busy_until_s - self._env.now)
            stays = bool(desk.aside) and not self._parks
            start = self._env.now if stays else roster.next_start(max(self._env.now, desk.shift_over_s))
            if start == float("inf"):
                return
            if start > self._env.now:
                yield self._env.timeout(start - self._env.now)
                continue
            asked_s = desk.asked_s = self._env.now
            self._recorder.mark("asks", who, asked_s)
            desk.screen = yield seats.request(partial(self._wants_screen, who))
            self._seat_wait_s[who] += self._env.now - asked_s
            desk.asked_s = None
            self._recorder.mark("sits", who, self._env.now)
            took = yield from self._sit(who, seats)
            seats.leave(desk.screen)
            desk.screen = False
            rest = self._world.radiologists[who].non_reading
            if rest and took is not None:
                duties_s = took * rest / (1 - rest)
                desk.busy_until_s = self._env.now + duties_s
                yield self._env.timeout(duties_s)

    def _sit(self, who: int, seats: Seats) -> _Steps:
        """Read one study to its end, and whatever urgent interrupts it; its seconds, None if none was."""
        desk = self._desks[who]
        while True:
            one = self._choose(who, seats)
            if one is None:
                return None
            seats.note_peaks()
            try:
                parks_s = yield from self._look(who, one)
            except simpy.Interrupt:
                desk.called = False
                self._lay_aside(who, Event.INTERRUPTED)
                continue
            if parks_s is not None:
                desk.shift_over_s = parks_s
                self._lay_aside(who, Event.PARKED)
                return None
            return self._has_read(who)

    def _look(self, who: int, one: Opened) -> _Steps:
        """Read on to the end, waiting for what is not there; returns the shift's end if that comes first."""
        desk = self._desks[who]
        while True:
            share = 1.0 if self._viewing is None else self._viewing.readable(one.row)
            step_s = one.left_s if share == 1.0 else one.settle_s + (one.needs_s * share - one.had_s)
            if share < 1.0 and one.needs_s * share <= one.had_s:
                parks_s = yield from self._stall(who, one.row)
                if parks_s is not None:
                    return parks_s
                continue
            parks_s = self._parks_s(who, step_s)
            ends_s = self._env.now + step_s if share == 1.0 else float("inf")
            desk.due_s = ends_s if parks_s is None else parks_s
            yield self._env.timeout(step_s if parks_s is None else parks_s - self._env.now)
            if parks_s is not None or share == 1.0:
                return parks_s
            self.reading_s[who] += one.read_to(one.needs_s * share)
            desk.began_s = self._env.now

    def _stall(self, who: int, row: int) -> _Steps:
        """Wait for images with the study open; the end of the shift if that comes first."""
        desk, viewing = self._desks[who], self._viewing
        if viewing is None:
            raise RuntimeError("a study stalls where everything is there")
        parks_s = self._world.rosters[who].end_of_shift(self._env.now) if self._parks else None
        desk.stalled, desk.due_s = True, float("inf") if parks_s is None else parks_s
        viewing.stall_began(row, who)
        more = viewing.more(row)
        try:
            yield more if parks_s is None else more | self._env.timeout(parks_s - self._env.now)
        except simpy.Interrupt:
            self._stalls_no_more(who, row)
            raise
        self._stalls_no_more(who, row)
        return None if more.triggered else parks_s

    def _stalls_no_more(self, who: int, row: int) -> None:
        desk = self._desks[who]
        desk.stalled, desk.began_s = False, self._env.now
        if self._viewing is not None:
            self._viewing.stall_ended(row, who)

    def _choose(self, who: int, seats: Seats) -> Opened | None:
        """Open, or take up again, the first of her studies for which there is a monitor."""
        desk = self._desks[who]
        on_duty = self._on_duty(who)
        if not on_duty and self._parks:
            return None
        for chosen in self._offers(who, on_duty):
            row = chosen.row if isinstance(chosen, Opened) else chosen
            if self._needs_screen(row, who):
                if not desk.screen and not seats.take_screen():
                    continue
                desk.screen = True
            elif desk.screen:
                seats.leave_screen()
                desk.screen = False
            desk.take(chosen)
            return self._open(chosen, who)
        return None

    def _open(self, chosen: Opened | int, who: int) -> Opened:
        desk, now = self._desks[who], self._env.now
        if isinstance(chosen, Opened):
            one = chosen
            self.pauses.ended(one.row, now)
            self._recorder.event(Event.RESUMED, one.row, now, who)
        else:
            urgent = bool(self._inspections.urgent[chosen])
            needs_s = self.true_reading_s(chosen, who)
            if self._recalls is not None:
                needs_s = self._recalls.looks_s(chosen, needs_s)
            one = Opened(chosen, urgent, needs_s)
            self._recorder.event(Event.OPENED, chosen, now, who)
            if self._viewing is not None:
                self._viewing.opened(chosen, self._unit_of[who])
        desk.open, desk.began_s = one, now
        return one

    def _has_read(self, who: int) -> Seconds:
        desk = self._desks[who]
        one = desk.close()
        self.reading_s[who] += one.needs_s - one.had_s
        self._recorder.event(Event.READ, one.row, self._env.now, who)
        self._then(one.row, who)
        return one.needs_s

    def _lay_aside(self, who: int, why: Event) -> None:
        desk, now = self._desks[who], self._env.now
        one = desk.close()
        self.reading_s[who] += one.pause(now - desk.began_s, self._rules.resume_s)
        desk.aside.append(one)
        self.pauses.began(why, one.row, who, now)
        self._recorder.event(why, one.row, now, who)

    def _interrupt(self, row: int, who: int) -> None:
        """Let the urgent study interrupt a routine one, if it can be opened at once."""
        desk = self._desks[who]
        stays_open = desk.open is None or desk.open.urgent or desk.called or desk.due_s <= self._env.now
        if stays_open or not self._on_duty(who):
            return
        if self._viewing is not None and not self._viewing.can_open(row, self._unit_of[who]):
            return
        if self._needs_screen(row, who) and not desk.screen:
            desk.screen = self._seats[self._unit_of[who]].take_screen()
            if not desk.screen:
                return
        desk.called = True
        self._readers[who].interrupt()

    def _parks_s(self, who: int, step_s: Seconds) -> Seconds | None:
        """When the study will have to be laid aside because the shift ends within so long; None if not."""
        if not self._parks:
            return None
        end_s = self._world.rosters[who].end_of_shift(self._env.now)
        return end_s if self._env.now + step_s > end_s else None

    def _on_duty(self, who: int) -> bool:
        return self._world.rosters[who].on_duty(max(self._env.now, self._desks[who].shift_over_s))

    def _wants_screen(self, who: int, free: bool) -> bool | None:
        """Whether she needs a shared monitor for what she would take first; see ``Seats.request``.

        Who has nothing to begin any more gets her seat too, and leaves it at once.
        """
        if not self._shared:
            return False
        for chosen in self._offers(who, self._on_duty(who)):
            needs = self._needs_screen(chosen.row if isinstance(chosen, Opened) else chosen, who)
            if free or not needs:
                return needs
        return None if self._may_read(who) else False

    def _may_read(self, who: int) -> bool:
        """Whether anything lies there that she may read at this hour."""
        on_duty = self._on_duty(who)
        if not on_duty and self._parks:
            return False
        return next(self._offers(who, on_duty), None) is not None

    def _offers(self, who: int, begins: bool) -> Iterator[Opened | int]:
        """What she would take, the best first; beside what she has begun nothing that waits for room."""
        desk, unit = self._desks[who], self._unit_of[who]
        if self._viewing is None or not desk.aside:
            return desk.next(begins)
        can_open = self._viewing.can_open
        return (one for one in desk.next(begins) if isinstance(one, Opened) or can_open(one, unit))

    def _needs_screen(self, row: int, who: int) -> bool:
        if not self._shared or self._world.units[self._unit_of[who]].monitors is None:
            return False
        kind = self._inspections.kinds[self._inspections.kind[row]]
        return bool(kind.image_megapixels > self._own_megapixels[who])

    def _expect_ends(self) -> None:
        """Every end of a shift, set at 0 so that it comes before whatever else happens at its instant."""
        for who, roster in enumerate(self._world.rosters):
            for end_s in roster.ends:
                if end_s < self._world.give_up_s:
                    self._env.timeout(end_s).callbacks.append(partial(self._shift_over, who))

    def _shift_over(self, who: int, _: simpy.Event) -> None:
        self.give_back(who)

    def give_back(self, who: int) -> None:
        """Hand over what lies unopened on her desk."""
        rows = self._desks[who].clear()
        for row in rows:
            self.pauses.began(Event.HANDED_OVER, row, who, self._env.now)
        if rows:
            self._handed_over(rows, who)
