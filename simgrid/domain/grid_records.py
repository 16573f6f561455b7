"""What the grid's systems have done in a run: one field a system, None where it was off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simgrid.domain.units import Bytes, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class AgentRecords:
    """Messages between agents and the Manager; the most jobs that ever waited for a worker at one place."""

    messages: int
    message_bytes: Bytes
    peak_waiting_transfers: int
    peak_waiting_imports: int


@dataclass(frozen=True, slots=True)
class DeskRecords:
    """What happened at the desks; N pauses in order of time, R radiologists, U units.

    A pause is a study that a radiologist laid aside or gave back. ``kind`` (N,): interrupted, parked (both
    were open) or handed-over (it was not); ``radiologist``: who left it; ``until_s``: when it was taken up
    again, or assigned anew, NaN where the run ended first. ``seat_wait_s`` (R,): seconds of waiting for a
    workstation or a shared monitor. ``peak_monitors`` (U,): most shared monitors in use at once.
    """

    kind: tuple[str, ...]
    inspection: IntArray
    radiologist: IntArray
    at_s: FloatArray
    until_s: FloatArray
    seat_wait_s: FloatArray
    peak_monitors: IntArray


@dataclass(frozen=True, slots=True)
class CopyRecords:
    """Where copies lay and what became of them.

    ``caches`` (C,): the places that have one, ``peak_share`` (C,): how full each was at most. ``references``:
    deliveries and imports asked for, ``hits`` those that a cache served, the place's own or another's.
    ``stored_max_bytes``: most bytes of all copies at once; ``copies_mean``: copies of a stored study over
    time. ``refused``: wishes to delete that were refused; ``ordered``: copies made so that one could be
    granted. ``lookups``: entries of the index that agents looked up, of which ``stale_lookups`` were out
    of date and ``stale_requests`` went to a place without a copy. ``pushes``: changes told, one an agent.

    ``blocked`` (B,): studies that waited at the modality for room at their site, in order of arrival, from
    ``blocked_s`` to ``admitted_s`` (NaN: they wait still). ``uploaded``: studies that reached the data
    centre; ``archived``: studies of which an archive has a copy at the end.
    """

    caches: tuple[str, ...]
    peak_share: FloatArray
    references: int
    hits: int
    reference_bytes: Bytes
    hit_bytes: Bytes
    stored_max_bytes: Bytes
    copies_mean: float
    deletions: int
    refused: int
    ordered: int
    lookups: int
    stale_lookups: int
    stale_requests: int
    pushes: int
    blocked: IntArray
    blocked_s: FloatArray
    admitted_s: FloatArray
    uploaded: int
    archived: int


@dataclass(frozen=True, slots=True)
class ReviewRecords:
    """What reviews of the reports have found; S inspections, R radiologists, K kinds.

    ``discrepant`` (S,): 1 or 0, NaN without a report. ``refreshed_s``: when the ratings were refreshed.
    ``fit`` (R, K): what was believed in the end.
    """

    discrepant: FloatArray
    refreshed_s: FloatArray
    fit: FloatArray


@dataclass(frozen=True, slots=True)
class PlatformRecords:
    """What the data centre's archive did.

    ``queries`` (shards,): entries and look-ups that each shard was asked for. ``sojourn_s``: queue and
    service at the shard of each of them, in order of asking, but for those ``unanswered`` because the shard
    never came back. ``filed``: studies written. ``fetched``: studies looked up, of which ``recent_hits`` were
    in the cache of recent studies and ``query_hits`` among its answers.
    """

    queries: IntArray
    sojourn_s: npt.NDArray[np.float32]
    unanswered: int
    filed: int
    fetched: int
    recent_hits: int
    query_hits: int


@dataclass(frozen=True, slots=True)
class RetrievalRecords:
    """Retrievals of the non-local clients in order of time, NaN where the run ended first; shape (N,).

    ``first_s``: when the client could show its first image, ``ended_s``: when it had the whole study.
    """

    asked_s: FloatArray
    first_s: FloatArray
    ended_s: FloatArray


@dataclass(frozen=True, slots=True)
class LinkRecords:
    """Use of L links: bytes carried over what each could carry, up to the run's end.

    ``mean`` (L,); ``hourly`` (H, L): of each whole hour since the start. NaN for a link that could carry
    nothing, or has been without a limit at any time.
    """

    link: tuple[str, ...]
    mean: FloatArray
    hourly: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ViewingRecords:
    """What was waited for on the screens; S inspections.

    ``stall_s`` (S,): seconds for which an opened study could not be read on, for want of its images or
    priors. ``first_image_s`` (S,): seconds from its opening to its first image on screen, NaN where there
    was none.
    """

    stall_s: FloatArray
    first_image_s: FloatArray


@dataclass(frozen=True, slots=True)
class PriorRecords:
    """Priors ``asked`` for, each once an inspection and unit, and how many of them had to be ``fetched``.

    Of what was ``wanted`` at the opening of an inspection so many were ``ready`` at its unit. What has not
    come when the run ends has not been fetched.
    """

    asked: int
    fetched: int
    wanted: int
    ready: int


@dataclass(frozen=True, slots=True)
class GridRecords:
    """One record a system. ``transfers``: whether the rules of transfers were on.

    ``copies``: there where caches, the Redundancy Service or the Grid Index were on.
    ``desks``: there where rules for desks or shared monitors were on. ``links``: where monitoring was on.
    ``retrievals``: where the data platform or a client's streaming was on. ``viewing``: where the viewer, a
    way of delivery or priors were.
    """

    transfers: bool = False
    agents: AgentRecords | None = None
    desks: DeskRecords | None = None
    reviews: ReviewRecords | None = None
    copies: CopyRecords | None = None
    platform: PlatformRecords | None = None
    retrievals: RetrievalRecords | None = None
    links: LinkRecords | None = None
    viewing: ViewingRecords | None = None
    priors: PriorRecords | None = None
