"""A run as an event log: what the formats ask, what independent readers see, what comes back."""

from __future__ import annotations

import csv
import math
import re
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simgrid.domain.demand import Arrivals, CaseMix, Demand, LogSource, Urgency
from simgrid.domain.journal import Journal
from simgrid.presentation.logs import to_csv_log, to_ocel, to_vidigi, to_xes
from simgrid.workload.replay import from_log
from simgrid.workload.replay.rows import FIELDS, RawRow
from simgrid.workload.replay.xes_log import read_xes
from tests.exported_runs import CODES, SITES, START, make_run, reached
from tests.journals import journal as by_hand
from tests.journals import row

EXPORTS = {"xes": to_xes, "ocel": to_ocel, "vidigi": to_vidigi, "csv": to_csv_log}
NAMESPACE = "{http://www.xes-standard.org/}"


@pytest.fixture(scope="module")
def run() -> Journal:
    return make_run(give_up_s=21_000.0)


def instants(seconds: Any) -> list[float]:
    return [START.timestamp() + second for second in seconds]


def test_the_run_has_something_to_tell(run: Journal) -> None:
    of = run.inspections
    assert 0 < np.isfinite(of.reported_s).sum() < len(of)
    assert {0, 1} <= set(of.radiologist)
    assert 0 < np.isfinite(of.opened_s).sum() < len(of)


# CSV: what goes out comes in again.


def test_a_run_exported_as_csv_and_replayed_has_the_same_arrivals(run: Journal, tmp_path: Path) -> None:
    to_csv_log(run, START, tmp_path / "log.csv")
    log = from_log.load(LogSource(str(tmp_path / "log.csv")), CODES)
    assert (log.account.read, log.account.rejected) == (len(run.inspections), 0)
    demand = Demand(
        Arrivals(within_s=1e6),
        CaseMix((), (), {}, {}, {"CT": 0.5, "MR": 0.5}),
        Urgency(0.5, 3600.0, 7200.0),
        log=LogSource("log.csv"),
    )
    again = from_log.inspections(log, demand, SITES, 1, 0, START)
    of = run.inspections
    assert np.allclose(again.requested_s, of.requested_s, rtol=0, atol=1e-6)
    assert again.identifier == of.identifier
    assert tuple(SITES[site] for site in again.site) == of.site
    assert again.urgent.tolist() == of.urgent.tolist()
    assert again.size_bytes.tolist() == of.size_bytes.tolist()
    assert again.images.tolist() == of.images.tolist()
    for name in ("modality", "body_part", "icd10", "protocol"):
        assert tuple(again.labels(name)) == getattr(of, name)
    readers = [log.radiologists[code] if code >= 0 else "" for code in log.assigned]
    assert readers == [run.radiologists.name[one] if one >= 0 else "" for one in of.radiologist]
    for ours, theirs in ((log.opened_s, of.opened_s), (log.reported_s, of.reported_s)):
        assert np.allclose(ours, instants(theirs), rtol=0, atol=2e-6, equal_nan=True)


def test_the_csv_has_the_canonical_columns_and_empty_cells(tmp_path: Path) -> None:
    rows = [row(size_bytes=0.0, images=0, urgent=True), row((10.0, 20.0), radiologist=0)]
    to_csv_log(by_hand(rows), START, tmp_path / "log.csv")
    with (tmp_path / "log.csv").open(encoding="utf-8", newline="") as file:
        first, second = csv.DictReader(file)
    assert tuple(first) == FIELDS
    assert (first["size_bytes"], first["images"], first["assigned_to"], first["opened_at"]) == (
        "",
        "",
        "",
        "",
    )
    assert (first["priority"], second["priority"]) == ("urgent", "routine")
    assert second["assigned_to"] == "R0"
    assert first["requested_at"] == "2026-03-28T21:00:00.000000+00:00"


# XES: the rules of IEEE 1849's schema, restated; and our own reader.


def test_xes_keeps_the_rules_of_its_schema(run: Journal, tmp_path: Path) -> None:
    to_xes(run, START, tmp_path / "log.xes")
    log = ET.parse(tmp_path / "log.xes").getroot()  # noqa: S314 - written by us just now
    assert log.tag == f"{NAMESPACE}log"
    assert re.fullmatch(r"\d+(\.\d+)?", log.attrib["xes.version"])
    order = ["extension", "global", "classifier", "attribute", "trace", "event"]
    places = [order.index(kind(child)) for child in log]
    assert places == sorted(places)
    prefixes = {one.attrib["prefix"] for one in log.iter(f"{NAMESPACE}extension")}
    for element in log.iter():
        if kind(element) == "attribute":
            assert_attribute(element, prefixes)
    traces = log.findall(f"{NAMESPACE}trace")
    assert len(traces) == len(run.inspections)
    promised = {
        one.attrib["scope"]: {part.attrib["key"] for part in one} for one in log.iter(f"{NAMESPACE}global")
    }
    for trace in traces:
        kinds = [kind(child) for child in trace]
        assert kinds == sorted(kinds), "attributes come before events"
        assert promised["trace"] <= keys(trace)
        assert all(promised["event"] <= keys(event) for event in trace.findall(f"{NAMESPACE}event"))
    assert sum(1 for _ in log.iter(f"{NAMESPACE}event")) == reached(run)


def kind(element: ET.Element) -> str:
    name = element.tag.removeprefix(NAMESPACE)
    return "attribute" if name in {"string", "date", "int", "float", "boolean", "id"} else name


def keys(element: ET.Element) -> set[str]:
    found = [child.attrib["key"] for child in element if kind(child) == "attribute"]
    assert len(found) == len(set(found)), "a key occurs once"
    return set(found)


def assert_attribute(element: ET.Element, prefixes: set[str]) -> None:
    key, value = element.attrib["key"], element.attrib["value"]
    assert re.fullmatch(r"[A-Za-z_:][\w.:-]*", key), "xs:Name"
    assert ":" not in key or key.split(":")[0] in prefixes
    match element.tag.removeprefix(NAMESPACE):
        case "date":
            assert datetime.fromisoformat(value).tzinfo is not None
        case "int":
            int(value)


def test_xes_read_back_by_us_tells_the_same(run: Journal, tmp_path: Path) -> None:
    to_xes(run, START, tmp_path / "log.xes")
    to_csv_log(run, START, tmp_path / "log.csv")
    rows = [one for one in read_xes(tmp_path / "log.xes") if isinstance(one, RawRow)]
    with (tmp_path / "log.csv").open(encoding="utf-8", newline="") as file:
        expected = [{name: cell for name, cell in line.items() if cell} for line in csv.DictReader(file)]
    assert [dict(one.fields) for one in rows] == expected


def test_xes_holds_any_text(tmp_path: Path) -> None:
    odd = "a<b>&\"'\t\n\r \x00\x1b\ud800 ]]> é 漢 🧠"
    to_xes(by_hand([row(site=odd, identifier="")]), START, tmp_path / "log.xes")
    (one,) = read_xes(tmp_path / "log.xes")
    assert isinstance(one, RawRow)
    assert one.fields["site"] == odd.replace("\x00", "\ufffd").replace("\x1b", "\ufffd").replace(
        "\ud800", "\ufffd"
    )


# vidigi's rules, as its documentation has them.


def test_vidigi_has_its_columns_and_event_types(run: Journal, tmp_path: Path) -> None:
    to_vidigi(run, START, tmp_path / "log.csv")
    with (tmp_path / "log.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert list(lines[0]) == ["entity_id", "event_type", "event", "time", "resource_id", "pathway"]
    minutes = [float(one["time"]) for one in lines]
    assert minutes == sorted(minutes)
    by_type: dict[str, set[str]] = {}
    for one in lines:
        by_type.setdefault(one["event_type"], set()).add(one["event"])
        assert bool(one["resource_id"]) == one["event_type"].startswith("resource_use")
    assert by_type["arrival_departure"] == {"arrival", "depart"}
    assert set(by_type) == {"arrival_departure", "queue", "resource_use", "resource_use_end"}
    assert {one["resource_id"] for one in lines if one["resource_id"]} == {"1", "2"}
    uses = [one for one in lines if one["event"] == "reading"]
    for name in {one["entity_id"] for one in uses}:
        own = [(one["event_type"], one["resource_id"]) for one in uses if one["entity_id"] == name]
        assert [kind for kind, _ in own] == ["resource_use", "resource_use_end"][: len(own)]
        assert len({resource for _, resource in own}) == 1


# Readers by others: they come with the test extra and are never needed to run simgrid.


def test_vidigi_itself_accepts_the_log(run: Journal, tmp_path: Path) -> None:
    import pandas
    from vidigi.logging import BaseEvent
    from vidigi.prep import reshape_for_animations

    to_vidigi(run, START, tmp_path / "log.csv")
    log = pandas.read_csv(tmp_path / "log.csv")
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        for line in log.to_dict("records"):
            clean = {name: None if pandas.isna(cell) else cell for name, cell in line.items()}
            clean["resource_id"] = None if clean["resource_id"] is None else int(clean["resource_id"])
            BaseEvent(**clean)
    frames = reshape_for_animations(log, every_x_time_units=30, limit_duration=300)
    assert set(frames["entity_id"].dropna()) <= set(run.inspections.identifier)
    assert {"assignment", "reading"} & set(frames["event"])


def test_pm4py_sees_the_same_run(run: Journal, tmp_path: Path) -> None:
    import pm4py

    to_xes(run, START, tmp_path / "log.xes")
    to_ocel(run, START, tmp_path / "log.json")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        log = pm4py.read_xes(str(tmp_path / "log.xes"), return_legacy_log_object=False)
        ocel = pm4py.read_ocel2_json(str(tmp_path / "log.json"))
    of = run.inspections
    assert len(log) == reached(run)
    asked = log[log["concept:name"] == "request"]
    assert set(asked["case:concept:name"]) == set(of.identifier)
    assert [one.timestamp() for one in asked["time:timestamp"]] == pytest.approx(
        instants(of.requested_s), abs=2e-6
    )
    assert len(ocel.events) == reached(run)
    assert len(ocel.objects) == len(of) + 6
    held = ocel.objects[ocel.objects["ocel:type"] == "inspection"]
    sizes = (
        dict(zip(held["ocel:oid"], held["size_bytes"].astype(float), strict=True))
        if "size_bytes" in held
        else {}
    )
    changed = ocel.object_changes
    if len(changed) and "size_bytes" in changed:
        stated = changed.dropna(subset=["size_bytes"])
        sizes |= dict(zip(stated["ocel:oid"], stated["size_bytes"].astype(float), strict=True))
    assert {
        f"inspection:{name}": size for name, size in zip(of.identifier, of.size_bytes, strict=True)
    } == sizes


# All formats alike.


@pytest.mark.parametrize("name", EXPORTS)
def test_a_file_is_written_whole_or_not_at_all(name: str, run: Journal, tmp_path: Path) -> None:
    write: Callable[[Journal, datetime, Path], None] = EXPORTS[name]
    path = tmp_path / "log"
    write(run, START, path)
    first = path.read_bytes()
    assert first.endswith(b"\n")
    with pytest.raises(ValueError, match="no offset"):
        write(run, START.replace(tzinfo=None), path)
    broken = replace(run.inspections, site=run.inspections.site[:-1])
    if name != "vidigi":
        with pytest.raises(IndexError):
            write(replace(run, inspections=broken), START, path)
    assert path.read_bytes() == first
    assert list(tmp_path.iterdir()) == [path]
    write(run, START.astimezone(UTC), path)
    assert path.read_bytes() == first, "one instant, one file"
    with pytest.raises(OSError, match="absent"):
        write(run, START, tmp_path / "absent" / "log")


@pytest.mark.parametrize("name", EXPORTS)
def test_a_run_without_inspections_is_an_empty_log(name: str, tmp_path: Path) -> None:
    EXPORTS[name](by_hand([]), START, tmp_path / "log")
    if name == "xes":
        assert list(read_xes(tmp_path / "log")) == []


def test_times_are_exact_to_the_microsecond_however_long_the_run(tmp_path: Path) -> None:
    seconds = [0.0, 1e-6, 0.1, 86399.999999, 3.0e8 + 0.25]
    to_csv_log(by_hand([row(requested_s=one) for one in seconds]), START, tmp_path / "log.csv")
    with (tmp_path / "log.csv").open(encoding="utf-8", newline="") as file:
        stamps = [datetime.fromisoformat(line["requested_at"]) for line in csv.DictReader(file)]
    assert [(one - START) // timedelta(microseconds=1) for one in stamps] == [
        round(one * 1e6) for one in seconds
    ]
    assert not any(math.isnan(one.timestamp()) for one in stamps)
