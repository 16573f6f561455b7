"""The schema of what happens on schedule: when, for how long, and to whom."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, TypeAdapter, WrapValidator, create_model, model_validator

from simgrid.scenario.fields import Bandwidth, Duration, Name, Start, Strictly, Text, Whole, refuse

ACTIONS = ("link_down", "link_bandwidth", "absent", "ill", "agent_down", "shard_down", "data_centre_down")
EXAMPLE = "{at: 2026-02-10 17:00, for: 6 h, link_down: harbour}"
_MOST = 2000

_SPELL: dict[str, Any] = {"at": (Start, ...), "for": (Duration | None, None), "until": (Start | None, None)}
_Spell = create_model("_Spell", __base__=Strictly, **_SPELL)  # no class body can hold a name like "for"


class EventSpec(_Spell):  # type: ignore[misc, valid-type]
    """From ``at``, in the calendar's zone, ``for`` some time or ``until`` another: one of the actions.

    ``link_down``: a site, unit or client, or ``data-centre``, whose connection carries nothing either way.
    ``link_bandwidth``: places with the most that their connections then carry each way. ``absent``: a
    radiologist who is not on duty; where several are declared alike, their common name means all of them.
    ``ill``: the same, but nobody knows of it before it begins; what lies unopened on her ``desk`` stays there
    or goes back for a new decision. ``agent_down``: a site or unit whose Grid Agent does nothing.
    ``shard_down``: a shard of the data centre's database, from 0, that answers nobody. ``data_centre_down``:
    its connection and its platform at once.
    """

    link_down: Text | None = None
    link_bandwidth: Annotated[dict[Text, Bandwidth], Field(min_length=1, max_length=_MOST)] | None = None
    absent: Text | None = None
    ill: Text | None = None
    desk: Literal["stays", "hand-over"] | None = None
    agent_down: Text | None = None
    shard_down: Whole | None = None
    data_centre_down: Literal[True] | None = None

    @property
    def lasts(self) -> float | None:
        """Seconds, where it says so by ``for``."""
        seconds: float | None = getattr(self, "for")
        return seconds

    @model_validator(mode="after")
    def _one_action_one_end(self) -> Self:
        given = [name for name in ACTIONS if getattr(self, name) is not None]
        if len(given) > 1:
            raise refuse("E112", f"one event holds {' and '.join(given)}", "write an event for each")
        if not given:
            raise refuse("E112", "an event that does nothing", f"write it like {EXAMPLE}")
        if self.desk is not None and self.ill is None:
            raise refuse("E112", "a desk without somebody who is ill", "say so with ill, or remove desk")
        if self.lasts is not None and self.until is not None:
            raise refuse("E112", "an event with two ends", "keep one of for and until")
        if self.lasts is None and self.until is None:
            raise refuse("E112", "an event without an end", "add how long it lasts, such as 'for: 6 h'")
        return self


Listed = Annotated[tuple[EventSpec, ...], Field(max_length=_MOST)]
Named = Annotated[dict[Name, EventSpec], Field(max_length=_MOST)]
_LATER = ConfigDict(defer_build=True)
_LISTED: TypeAdapter[tuple[EventSpec, ...]] = TypeAdapter(Listed, config=_LATER)
_NAMED: TypeAdapter[dict[str, EventSpec]] = TypeAdapter(Named, config=_LATER)


def _events(value: object, _: object) -> tuple[EventSpec, ...] | dict[str, EventSpec]:
    """Whichever it is is checked as that alone: no refusal speaks of the other form."""
    return _NAMED.validate_python(value) if isinstance(value, dict) else _LISTED.validate_python(value)


Events = Annotated[Listed | Named, WrapValidator(_events)]
