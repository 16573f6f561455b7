"""Which real images there are, where from, under which licence, and what each may be used for.

``catalogue.csv`` was committed before the first training, so that the split is not a result of it. A *source*
is one patient, phantom or template of one scanner: files that show the same head in another encoding, crop or
denoised version belong to one source, and only the file named ``image`` is used. Splits are by source.

Roles: ``train`` may teach; ``test`` is looked at for evaluation only (data of unstated origin, copyleft data,
and the real radiographs); ``outside`` is no image that the classifier is for (ultrasound, nuclear medicine,
test patterns, a macaque), to see whether it abstains. Nothing is ``validate``: validation leaves out one
source of ``train`` at a time.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, TypeAlias, cast, get_args

Role: TypeAlias = Literal["train", "validate", "test", "outside"]
Kind: TypeAlias = Literal["pip-wheel", "pip-sdist", "deb"]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True, slots=True)
class Package:
    """What a registry delivers: ``archive`` is the file's name there, ``sha256`` of that file."""

    name: str
    version: str
    kind: Kind
    archive: str
    sha256: str
    licence: str


@dataclass(frozen=True, slots=True)
class Source:
    """One patient, phantom or template.

    ``image``: the path inside the package; a folder of DICOM files ends in a slash. ``labels``: path of a
    label map to the value it stands for, None where the map brings its values; ``vocabulary`` says what the
    values mean (``labels.csv``), empty without labels.
    """

    name: str
    package: Package
    role: Role
    modality: str
    body_part: str
    image: str
    labels: Mapping[str, int | None]
    vocabulary: str
    note: str


@cache
def sources() -> tuple[Source, ...]:
    """All of them, in the order of the file."""
    with (files(__package__) / "catalogue.csv").open(encoding="utf-8") as rows:
        return tuple(_source(row) for row in csv.DictReader(rows))


def packages() -> tuple[Package, ...]:
    """Every package once, in the order of the file."""
    return tuple(dict.fromkeys(source.package for source in sources()))


def choose(role_or_source: str) -> tuple[Source, ...]:
    """The sources of a role, or the one of a name.

    Raises:
        ValueError: naming what there is.
    """
    chosen = tuple(one for one in sources() if role_or_source in (one.role, one.name))
    if not chosen and role_or_source not in ROLES:
        names = ", ".join(one.name for one in sources())
        raise ValueError(
            f"source '{role_or_source}' does not exist: give a role ({', '.join(ROLES)}) or one of {names}"
        )
    return chosen


@cache
def label_names(vocabulary: str) -> Mapping[int, str]:
    """Value to name of a vocabulary of ``labels.csv``: ``total`` 5 is ``liver``; 0 is always background."""
    with (files(__package__) / "labels.csv").open(encoding="utf-8") as rows:
        return {
            int(row["value"]): row["name"] for row in csv.DictReader(rows) if row["vocabulary"] == vocabulary
        }


def _source(row: Mapping[str, str]) -> Source:
    package = Package(
        row["package"],
        row["version"],
        cast(Kind, row["kind"]),
        row["archive"],
        row["sha256"],
        row["licence"],
    )
    return Source(
        name=row["source"],
        package=package,
        role=cast(Role, row["role"]),
        modality=row["modality"],
        body_part=row["body_part"],
        image=row["image"],
        labels=dict(_label(one) for one in row["labels"].split(";") if one),
        vocabulary=row["vocabulary"],
        note=row["note"],
    )


def _label(text: str) -> tuple[str, int | None]:
    path, _, value = text.partition("=")
    return path, int(value) if value else None
