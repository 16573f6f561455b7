"""The schema of how images and priors come to the desks."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simgrid.scenario.fields import Count, Duration, Flag, Share, Strictly, Text

Mean = Annotated[float, Field(strict=True, ge=0, le=1e4)]


class ViewerSpec(Strictly):
    """The viewer opens a study when it is there (``whole``), or with its ``first_images`` (``streaming``).

    ``neighbours``: the last images, which cannot be read before the last one has come. ``groups``: so many
    groups of images come between, each unread until it is whole.
    """

    delivery: Literal["whole", "streaming"] = "whole"
    first_images: Count = 3
    neighbours: Annotated[int, Field(strict=True, ge=0, le=1_000_000)] = 3
    groups: Count = 16


class CountSpec(Strictly):
    """Priors of a patient: a negative binomial by ``mean`` and ``sd``, whose square is above the mean."""

    mean: Mean = 7.6
    sd: Mean = 12.3


class AgeSpec(Strictly):
    """How old priors are: a lognormal by ``mean`` and ``sd``."""

    mean: Duration = 203 * 86400.0
    sd: Duration = 385 * 86400.0


class PriorsSpec(Strictly):
    """Earlier studies of the patient, imported to the unit ``on-demand`` at opening or ahead (``prefetch``).

    ``last`` so many, ``within`` so long; a prefetch takes those of the ``same_modality``. ``relevant``: share
    that a reader wants. ``elsewhere``: share that another site has; ``archived``: share that the data centre
    has too; ``own_modality``: share with the inspection's modality beyond chance, others by ``modalities``.
    """

    fetch: Literal["on-demand", "prefetch"] = "on-demand"
    last: Count = 3
    within: Duration = 3 * 365 * 86400.0
    same_modality: Flag = True
    count: CountSpec = CountSpec()
    age: AgeSpec = AgeSpec()
    relevant: Share = 0.61
    elsewhere: Share = 0.4
    archived: Share = 1.0
    own_modality: Share = 0.3
    modalities: dict[Text, Share] = Field(default_factory=dict)
