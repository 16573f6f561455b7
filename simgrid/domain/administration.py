"""The site's office: appointments, billing and consumables, each done by hand or by a bot.

Every process is off (None) unless a scenario declares it. ``bot`` says who does the work: the staff, or a bot
that leaves them the exceptions. Minutes of staff are what the work costs people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from simgrid.domain.units import Seconds


@dataclass(frozen=True, slots=True)
class Appointments:
    """Slots of ``slot_s`` at each scanner, back to back from the run's start, each for one acquisition.

    Whoever comes gets the first slot free at the site, and so does a patient who is called back, from the day
    of the recall on; a repeat takes the next free one from those who come later. A booking costs staff
    ``by_hand_s``, or ``by_bot_s`` where the bot books.
    """

    slot_s: Seconds = 900.0
    bot: bool = False
    by_hand_s: Seconds = 240.0
    by_bot_s: Seconds = 20.0


@dataclass(frozen=True, slots=True)
class Billing:
    """One record of effort points for each report; repeats and readings that were sent back earn none.

    A record costs staff ``by_hand_s`` or ``by_bot_s``; ``wrong_by_hand`` or ``wrong_by_bot`` of them have no
    points at first, and each costs ``correction_s`` before it is filed ``correction_after_s`` later.
    """

    bot: bool = False
    by_hand_s: Seconds = 180.0
    by_bot_s: Seconds = 10.0
    wrong_by_hand: float = 0.08
    wrong_by_bot: float = 0.01
    correction_s: Seconds = 600.0
    correction_after_s: Seconds = 86400.0


@dataclass(frozen=True, slots=True)
class Consumables:
    """Sets (contrast medium, lines, sheets) of which each acquisition takes one where its modality is named.

    ``use``: sets an acquisition takes by modality. Every site begins with ``initial`` and orders ``quantity``
    whenever stock and orders together are at or below ``reorder_at``; they come ``lead_s`` later. By hand the
    shelf is counted every ``count_every_s``, which costs ``count_s``, and an order costs ``order_s``; the bot
    books every set as it is taken, orders at once, and leaves staff ``bot_order_s`` an order. Without a set
    on the shelf the acquisition waits.
    """

    use: Mapping[str, int] = field(default_factory=dict)
    initial: int = 60
    reorder_at: int = 20
    quantity: int = 40
    lead_s: Seconds = 2 * 86400.0
    bot: bool = False
    count_every_s: Seconds = 86400.0
    count_s: Seconds = 900.0
    order_s: Seconds = 600.0
    bot_order_s: Seconds = 60.0


@dataclass(frozen=True, slots=True)
class Administration:
    """The processes that are there."""

    appointments: Appointments | None = None
    billing: Billing | None = None
    consumables: Consumables | None = None
