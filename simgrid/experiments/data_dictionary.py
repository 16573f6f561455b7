"""What every column of the result tables means, for people (docs/reference/results.md) and for programs.

``datapackage.json`` in a results folder says the same in the form of the Frictionless Table Schema, so that
R, a spreadsheet or a validator knows types and meanings without this package.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from simgrid.experiments.study import STUDY_FILE, Drawn, Study

RESULTS_SCHEMA = 1
"""Raised when a column changes its name or its meaning; new columns at the end raise nothing."""
FILE = "datapackage.json"
REPLICATIONS = "replications.csv"
SWEPT = "<swept>"
"""Stands for the study's swept columns, in scenario order."""
DRAWN = "<drawn>"
"""Stands for the values that the study's worlds draw, in scenario order, each called as its place."""

Kind: TypeAlias = Literal["string", "integer", "number"]


@dataclass(frozen=True, slots=True)
class Field:
    """One column: its name, what is in its cells, and what they mean. An empty cell is undefined."""

    name: str
    kind: Kind
    meaning: str


@dataclass(frozen=True, slots=True)
class Table:
    """One CSV file: what a row is, and its columns in order."""

    file: str
    row: str
    fields: tuple[Field, ...]


_POLICY = Field("policy", "string", "the policy's label, NAME or NAME@VARIANT")
_POINT = Field(SWEPT, "string", "value of a swept place, or the variant, as the scenario writes it")
_GROUP = Field("group", "string", "which inspections: all, urgency=urgent, modality=CT, site=..., link=...")
_METRIC = Field("metric", "string", "see docs/reference/metrics.md")
_UNIT = Field("unit", "string", "unit of measurement of the metric; 1 is a share or a factor")
_HOLM = Field("p_holm", "number", "two-sided p, corrected by Holm over the declared family; else empty")
_LOW = Field("lo95", "number", "lower end of the difference's 95 % interval, paired by replication")
_HIGH = Field("hi95", "number", "upper end of it")
_DIFFERENCE = Field("difference", "number", "mean of policy minus baseline, replication by replication")

TABLES = (
    Table(
        "summary.csv",
        "one metric of one group under one policy in one cell",
        (
            *(_POLICY, _POINT, _GROUP, _METRIC, _UNIT),
            Field(
                "mean",
                "number",
                "mean over replications; of workload_success 1 over mean D (eq. 10); of a target that is a "
                "share in the long run the share of all inspections of the replications together",
            ),
            Field(
                "lo95",
                "number",
                "lower end of the mean's 95 % t-interval, of a share not below 0; of a target its lower "
                "one-sided 95 % bound",
            ),
            Field(
                "hi95",
                "number",
                "upper end of it, of a share not above 1; of a target its upper one-sided 95 % bound",
            ),
            Field("n", "integer", "replications in which the metric is defined"),
        ),
    ),
    Table(
        "comparisons.csv",
        "one metric of one group, one policy against the baseline, in one cell",
        (
            _POLICY,
            Field("baseline", "string", "the policy that is subtracted"),
            *(_POINT, _GROUP, _METRIC, _UNIT, _DIFFERENCE, _LOW, _HIGH),
            Field("ratio", "number", "ratio of the means; empty where the baseline is too near 0"),
            Field("n", "integer", "replications in which both are defined"),
            _HOLM,
            Field("role", "string", "primary: decided in the declared family; descriptive: not decided"),
            Field("verdict", "string", "holds, reversed, or cannot be told apart"),
            Field("lo_sim", "number", "lower end of the interval that holds for the whole family at once"),
            Field("hi_sim", "number", "upper end of it"),
            Field("ratio_lo95", "number", "lower end of the ratio's 95 % interval"),
            Field("ratio_hi95", "number", "upper end of it"),
            Field("pairing_gain", "number", "(var A + var B) / var(A - B): replications saved by pairing"),
            Field("gain_lo95", "number", "lower end of its 95 % bootstrap interval"),
            Field("gain_hi95", "number", "upper end of it"),
        ),
    ),
    Table(
        REPLICATIONS,
        "one measurement of one run",
        (
            *(_POLICY, _POINT),
            Field("replication", "integer", "number of the world, from 0; the same for every policy"),
            *(_GROUP, _METRIC, _UNIT),
            Field("value", "number", "as measured in this run"),
            Field(DRAWN, "number", "the uncertain value as this world drew it"),
        ),
    ),
    Table(
        "claims.csv",
        "one pair of one declared ordering in one cell; only where a scenario has claims",
        (
            Field("claim", "integer", "number of the claim in the scenario, from 1"),
            Field("policy", "string", "the policy that is said to be better"),
            Field("against", "string", "the policy that it is said to beat"),
            *(_POINT, _METRIC, _UNIT, _DIFFERENCE, _LOW, _HIGH),
            Field("n", "integer", "replications in which both are defined"),
            _HOLM,
            Field("verdict", "string", "holds, reversed, or cannot be told apart"),
            Field("note", "string", "where the claim comes from"),
        ),
    ),
)

UNCERTAINTY = Table(
    "uncertainty.csv",
    "one primary metric under one policy (or against the baseline) in one cell; only with --split-variance",
    (
        _POLICY,
        Field("baseline", "string", "the policy that is subtracted; empty: the policy as it is"),
        *(_POINT, _METRIC, _UNIT),
        Field("share", "number", "share of the variance between worlds that the uncertain values make"),
        Field("share_lo95", "number", "lower end of its 95 % interval; empty below ten pairs of worlds"),
        Field("share_hi95", "number", "upper end of it"),
        Field("sd_uncertain", "number", "standard deviation between worlds that the uncertain values make"),
        Field("sd_chance", "number", "standard deviation between worlds of the same draws"),
        Field("mean", "number", "mean over both worlds of every replication, draws included"),
        Field("mean_lo95", "number", "lower end of where the mean lies for 95 % of what the values may be"),
        Field(
            "mean_hi95",
            "number",
            "upper end of it; both by share_hi95 and Student's t, so that few worlds make them wide",
        ),
        Field("n", "integer", "replications in which the metric is defined in both worlds"),
    ),
)
"""Written by ``simgrid run --split-variance``."""

SENSITIVITY = Table(
    "sensitivity.csv",
    "one varied place, for one metric under one policy (or against the baseline) in one crossed combination",
    (
        Field("method", "string", "morris or sobol"),
        Field(SWEPT, "string", "value of a crossed switch, as the scenario writes it"),
        _POLICY,
        Field("baseline", "string", "the policy that is subtracted; empty: the policy as it is"),
        *(_METRIC, _UNIT),
        Field("place", "string", "the place that is varied"),
        Field("from", "string", "lower end of its range, as the scenario writes it"),
        Field("to", "string", "upper end of it"),
        Field("main", "number", "morris: mu*, in the metric's unit over the whole range; sobol: total index"),
        Field("main_lo95", "number", "lower end of its 95 % bootstrap interval"),
        Field("main_hi95", "number", "upper end of it"),
        Field("other", "number", "morris: sigma, in the metric's unit; sobol: first index"),
        Field("other_lo95", "number", "lower end of its 95 % bootstrap interval"),
        Field("other_hi95", "number", "upper end of it"),
        Field("signed", "number", "morris: mu, the mean effect with its sign; sobol: empty"),
        Field("noise", "number", "what main would be on average without any effect, from replications alone"),
        Field(
            "rank_first", "integer", "best rank that the intervals leave to the place, 1 being the largest"
        ),
        Field("rank_last", "integer", "worst rank that they leave; overlapping ranks cannot be told apart"),
        Field("verdict", "string", "an effect, not told from noise, or no effect"),
        Field("mean", "number", "mean of the metric over points and replications"),
        Field("noise_share", "number", "share of the variance of single runs that is replication noise"),
        Field("noise_share_own", "number", "share of it that differs between points, and so is in main"),
        Field("points", "integer", "different points of the design"),
        Field("n", "integer", "replications in which the metric is defined at all points"),
    ),
)
"""Written by ``simgrid sensitivity``."""


PLAN = Table(
    "plan.csv",
    "one target under one plan by the runs of one part of the work",
    (
        Field(
            "part",
            "string",
            "search, test (on unseen seeds), as written, load x 1.05, people: absence (without it)",
        ),
        Field("named", "string", "yes: the plan that was named; empty: another"),
        Field(SWEPT, "string", "value of a varied place, as the scenario writes it"),
        Field("cost", "number", "of the plan, in cost_unit"),
        Field("cost_unit", "string", "currency and time, EUR/month"),
        Field("target", "string", "name of the target"),
        Field(
            "unit", "string", "unit of the four numbers after it; 1 is a share, of periods where they count"
        ),
        Field("wanted", "number", "what must be kept: the most or the least"),
        Field("mean", "number", "as measured; a share in the long run of all inspections together"),
        Field("low", "number", "lower one-sided bound, at the confidence of the plan"),
        Field("high", "number", "upper one-sided bound"),
        Field("n", "integer", "replications behind it"),
        Field(
            "verdict",
            "string",
            "met, missed, or cannot be told apart; of the search no promise, and missed at a risk of 0.5 %",
        ),
    ),
)
"""Written by ``simgrid plan``."""


def columns(table: Table, swept: tuple[str, ...], drawn: tuple[Drawn, ...] = ()) -> tuple[Field, ...]:
    """The table's columns with the study's swept and drawn ones in their places."""
    return tuple(field for one in table.fields for field in _meant(one, swept, drawn))


def _meant(one: Field, swept: tuple[str, ...], drawn: tuple[Drawn, ...]) -> list[Field]:
    if one.name == SWEPT:
        return [Field(name, one.kind, one.meaning) for name in swept]
    if one.name == DRAWN:
        return [Field(of.place, one.kind, f"{one.meaning}, in {of.unit or 'bare numbers'}") for of in drawn]
    return [one]


def datapackage(study: Study, texts: Mapping[str, str], crossed: tuple[str, ...] | None = None) -> str:
    """The text of ``datapackage.json``; of a sensitivity analysis with its ``crossed`` columns.

    ``texts``: what is written beside it, by file.
    """
    swept = study.design.sweep_columns
    if crossed is None:
        written = [(table, swept) for table in (*TABLES, UNCERTAINTY) if table.file in texts]
    else:
        written = [(SENSITIVITY, crossed), *((one, swept) for one in TABLES if one.file == REPLICATIONS)]
    package = {
        "profile": "tabular-data-package",
        "name": study.design.name.lower(),
        "title": study.design.title,
        "results_schema": RESULTS_SCHEMA,
        "study_hash": content_hash(texts[STUDY_FILE].encode()),
        "resources": [
            _resource(table, columns(table, named, study.design.drawn), texts[table.file])
            for table, named in written
        ],
    }
    return json.dumps(package, indent=1, ensure_ascii=False) + "\n"


def content_hash(content: bytes) -> str:
    """As the Frictionless form writes it."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _resource(table: Table, fields: tuple[Field, ...], text: str) -> dict[str, object]:
    return {
        "profile": "tabular-data-resource",
        "name": table.file.removesuffix(".csv"),
        "path": table.file,
        "hash": content_hash(text.encode()),
        "description": f"A row: {table.row}.",
        "schema": {
            "fields": [
                {"name": field.name, "type": field.kind, "description": field.meaning} for field in fields
            ],
            "missingValues": [""],
        },
    }
