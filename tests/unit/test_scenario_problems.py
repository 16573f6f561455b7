"""Wrong scenarios, one mistake each: the number, the exact marked text and the way out of every one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.one_mistake import CHILD, TEXT, marked, problems

CLIENT = "clients: {clinic: {link: {bandwidth: 1 Mbit/s}, retrievals: 1 /h, size: {constant: 1 MB}}}\n"
SPREAD_ALONE = CLIENT.replace("clinic", "phone").replace("constant: 1 MB", "lognormal: {cv: 1}")


# (what stands in the tiny scenario, what stands there instead, what is marked, number, part of the way out)
UNITS = [
    ("10 Mbit/s", "10 mbit/s", "10 mbit/s", "E103", "did you mean '10 Mbit/s'? (b = bit, B = byte)"),
    ("10 Mbit/s", "10 MB/s", "10 MB/s", "E103", "did you mean '10 Mbit/s'? 10 MB/s is 80 Mbit/s"),
    ("10 Mbit/s", "10 Mbps", "10 Mbps", "E103", "did you mean '10 Mbit/s'?"),
    ("10 Mbit/s", "10", "10", "E104", "'10 Mbit/s'"),
    ("10 Mbit/s", "10 MB", "10 MB", "E103", "write it like '8 Mbit/s'"),
    ("10 Mbit/s", "fast", "fast", "E105", "write it like '8 Mbit/s'"),
    ("10 Mbit/s", "-10 Mbit/s", "-10 Mbit/s", "E107", "above 0"),
    ("10 Mbit/s", "0 Mbit/s", "0 Mbit/s", "E107", "above 0"),
    ("10 Mbit/s", "1e3 Mbit/s", "1e3 Mbit/s", "E103", "units of bandwidth"),
    ("20 GB", "20 gb", "20 gb", "E103", "did you mean '20 GB'? (b = bit, B = byte)"),
    ("20 GB", "20 Gbit/s", "20 Gbit/s", "E103", "units: B, kB, MB"),
    ("20 GB", "'1,5 GB'", "'1,5 GB'", "E105", "decimal point"),
    ("15 min", "60", "60", "E104", "'60 min'"),
    ("15 min", "15 minutes", "15 minutes", "E103", "did you mean '15 min'?"),
    ("15 min", "15m", "15m", "E103", "did you mean '15 min'?"),
    ("15 min", "17:00", "17:00", "E105", "write it like '45 min'"),
    ("15 min", "true", "true", "E106", "write it like '45 min'"),
    ("15 min", "1000000000000000000 weeks", "1000000000000000000 weeks", "E107", "at most"),
    ("urgent: 25 %", "urgent: 0.25", "0.25", "E104", "'25 %'"),
    ("urgent: 25 %", "urgent: 125 %", "125 %", "E107", "at most 100 %"),
    ("5 MP", "5 megapixels", "5 megapixels", "E103", "did you mean '5 MP'?"),
]


KEYS_AND_TYPES = [
    ("horizon: 2 h", "horzion: 2 h", "horzion", "E101", "did you mean 'horizon'?"),
    ("workstations", "workstation", "workstation", "E101", "did you mean 'workstations'?"),
    ("every: 15", "evry: 15", "evry", "E101", "did you mean 'every'?"),
    ("horizon: 2 h\n", "", "t", "E102", "add 'horizon: ...' here"),
    (", storage: 20 GB", "", "desk", "E102", "add 'storage: ...' here"),
    ("{bandwidth: 20 Mbit/s}", "{up: 20 Mbit/s}", "link", "E102", "bandwidth, or both up and down"),
    ("count: 12", "count: twelve", "twelve", "E106", "whole number"),
    ("count: 12", "count: 12.5", "12.5", "E106", "whole number"),
    ("count: 12", "count: 0", "0", "E107", "at least 1"),
    ("count: 12", 'count: "12"', '"12"', "E106", "whole number"),
    ("count: 12", "count: NO", "NO", "E106", "'NO'"),
    ("count: 12", "count:", "count", "E102", "give demand.count"),
    ("replications: 2", "replications: two", "two", "E106", "whole number"),
    ("replications: 2", "replications: [2]", "replications", "E106", "a list"),
    ("replications: 2\n", "replications: 2\nseed: yes\n", "yes", "E106", "whole number"),
    ("CT: 0.9, DX: 0.6", "CT: 6, DX: 0.6", "6", "E107", "marks go from 1/5"),
    ("CT: 0.9, DX: 0.6", "CT: 1, DX: 0.6", "1", "E107", "write 1/5 for the lowest mark, or 1.0"),
    ("CT: 0.9, DX: 0.6", "CT: 1.5, DX: 0.6", "1.5", "E107", "0.0 to 1.0"),
    ("CT: 0.9, DX: 0.6", "CT: -1, DX: 0.6", "-1", "E107", "marks go from 1/5"),
    ("CT: 0.9, DX: 0.6", "CT: 6/5, DX: 0.6", "6/5", "E106", "write 4 for 4 of 5"),
    ("CT: 0.9, DX: 0.6", "CT: expert, DX: 0.6", "expert", "E106", "write 4 for 4 of 5"),
    ("CT: 0.9, DX: 0.6", "CT: 90 %, DX: 0.6", "90 %", "E106", "write 4 for 4 of 5"),
    ('"Tiny: one', '3 #"Tiny: one', "3", "E106", "text"),
    ("sites: {clinic:", "sites: {c.linic:", "c.linic", "E106", "names hold letters"),
    ("sites: {clinic:", "sites: {../clinic:", "../clinic", "E106", "names hold letters"),
    ("replications: 2\n", "replications: 2\nlookup_factor: 0\n", "0", "E107", "above 0"),
    ("replications: 2\n", "replications: 2\nname: a/b\n", "a/b", "E106", "names hold letters"),
    (
        "replications: 2\n",
        "replications: 2\nnetwork: {sharing: shred}\n",
        "shred",
        "E108",
        "did you mean 'shared'?",
    ),
    (
        "replications: 2\n",
        "replications: 2\nworkload_limit: {plus_largest: no}\n",
        "no",
        "E106",
        "YAML 1.2 writes it 'false'",
    ),
]


PRECISIONS = [
    ("{max: 90}", "replications", "E102", "precision, within, or both"),
    ("{precision: 2 %}", "replications", "E102", "add 'of: [tat_p95_min"),
    ("{precision: 2}", "2", "E104", "'2 %'"),
    ("{precision: 0 %, of: [relaxed]}", "replications", "E107", "above 0 %"),
    ("{precision: 2 %, of: [relaxed], max: 39}", "39", "E107", "at least 40"),
    ("{of: [relaxed], within: {tat_max_min: 5 min}}", "replications", "E102", "for which it holds"),
    ("{precision: 2 %, of: [tat_p96_min]}", "tat_p96_min", "E201", "did you mean 'tat_p95_min'?"),
    ("{precision: 2 %, of: [relaxed, relaxed]}", "relaxed", "E202", "keep one"),
    ("{precision: 2 %, of: [relaxed], within: {relaxed: 1}}", "relaxed", "E202", "keep one"),
    ("{within: {tat_p96_min: 5 min}}", "5 min", "E201", "did you mean 'tat_p95_min'?"),
    ("{within: {tat_p95_min: 5}}", "5", "E104", "'5 min'"),
    ("{within: {tat_p95_min: 5 %}}", "5 %", "E103", "units"),
    ("{within: {tat_p95_min: 0 min}}", "0 min", "E107", "above 0"),
    ("{within: {relaxed: 5 min}}", "5 min", "E106", "it counts inspections"),
]


REFERENCES = [
    ("[Brain, Thorax]", "[Brain, Thorx]", "Thorx", "E204", "did you mean 'Thorax'?"),
    ("[Brain, Thorax]", "[Brain, Thorax, Spine]", "Spine", "E204", "remove it"),
    ("[C39, C71, S02]", "[C39, C71, S02, X99]", "X99", "E204", ""),
    ("CT: 50 %, DX: 50 %", "DY: 50 %, CT: 50 %", "50 %", "E204", "did you mean 'DX'?"),
    ("CT: 50 %, DX: 50 %", "CT: 50 %, DX: 40 %", "modalities", "E209", "100 %"),
    ("DX: 0.6, Brain: 0.9", "DX: 0.6, Brian: 0.9", "Brian", "E203", "did you mean 'Brain'?"),
    ("DX: 0.6, Brain: 0.9", "DX: 0.6, brian: 0.9", "brian", "E203", "did you mean 'Brain'?"),
    ("DX: 0.6, Brain: 0.9", "DX: 0.6, Brain: 0.9, brain: 0.9", "brain", "E202", "keep one"),
    ("count: 12", "count: 12\n  by_hour: [0]", "by_hour", "E107", "24 (a day) or 168"),
    ("count: 12", "count: 12\n  by_hour: ofice", "ofice", "E108", "did you mean 'office'?"),
    ("manual]", "manual, rwoa]", "rwoa", "E206", "keep one"),
    ("manual]", "manual@]", "manual@", "E206", "NAME@VARIANT"),
    ("manual]", "manual]\nbaseline: rbms", "rbms", "E206", "did you mean 'rbsm'?"),
    ("manual]", "manual]\nprimary: [tat_p96_min]", "tat_p96_min", "E201", "did you mean 'tat_p95_min'?"),
    ("replications: 2\n", "replications: 2\n" + CLIENT, "clinic", "E202", "rename one of the two"),
    ("any: {lognormal", "CTT: {lognormal", "CTT", "E204", "did you mean 'CT'?"),
    ("  horizon: {assumed", "  horzion: {assumed", "horzion", "E205", "did you mean 'horizon'?"),
    ("replications: 2\n", "replications: 2\nontology: none.yaml\n", "none.yaml", "E208", "No such file"),
    ("replications: 2\n", "replications: 2\ncodes: nowhere\n", "nowhere", "E208", ""),
    (
        "replications: 2\n",
        "replications: 2\nextends: nothing.yaml\n",
        "nothing.yaml",
        "E008",
        "shipped scenarios",
    ),
    (
        "replications: 2\n",
        "replications: 2\nextends: /etc/passwd\n",
        "/etc/passwd",
        "E008",
        "beside this one",
    ),
    ("replications: 2\n", "replications: 2\nextends: bad.yaml\n", "bad.yaml", "E008", "end the chain"),
    ("replications: 2\n", "replications: 2\nsweep: {seed: 3}\n", "3", "E207", "write it like"),
    ("replications: 2\n", "replications: 2\nsweep: {seed: [1, 1]}\n", "seed", "E207", "keep one"),
    ("replications: 2\n", "replications: 2\nsweep: {sede: [1, 2]}\n", "sede", "E101", "did you mean 'seed'?"),
    ("replications: 2\n", "replications: 2\nsweep: {horizon: [1 h, 2 H]}\n", "2 H", "E103", "'2 h'"),
]


SWEPT = "replications: 2\nsweep: "
VARIED = "replications: 2\nvariants: "
CELLS = [
    (SWEPT + "{seed: {from: 1, to: 3}}", "seed", "E102", "write it like {from:"),
    (SWEPT + "{seed: {from: 1, to: 3, stepp: 2}}", "stepp", "E101", "did you mean 'step'?"),
    (SWEPT + "{seed: {from: 1, to: 3, steps: 1}}", "1", "E207", "2 to 2000"),
    (SWEPT + "{seed: {from: 1, to: 3, steps: 2.5}}", "2.5", "E207", "2 to 2000"),
    (SWEPT + "{seed: {from: one, to: 3, steps: 2}}", "one", "E207", "write it like {from:"),
    (SWEPT + "{horizon: {from: 1 h, to: 3 MB, steps: 2}}", "3 MB", "E207", "units of one kind"),
    (SWEPT + "{horizon: {from: 1 h, to: 3, steps: 2}}", "3", "E207", "units of one kind"),
    (SWEPT + "{horizon: {from: 1 h, to: 60 min, steps: 2}}", "1 h", "E207", "two different ends"),
    (SWEPT + "{horizon: {from: 1 H, to: 3 H, steps: 2}}", "1 H", "E103", "did you mean '1 h'?"),
    (SWEPT + "{seed: {from: 1, to: 2, steps: 3}}", "1", "E106", "whole number"),
    (SWEPT + "{horizon: {from: 0 h, to: 2 h, steps: 3}}", "0 h", "E107", "above 0"),
    (SWEPT + "{seed: {}}", "{}}", "E207", "write it like [5 min, 15 min] or {from:"),
    (SWEPT + "{seed: {from: 1, to: 2001, steps: 2001}}", "2001", "E207", "2 to 2000"),
    (SWEPT + "{policies: [[rwoa], [rbsm]]}", "policies", "E207", "the same for all cells"),
    (SWEPT + "{replications: [1, 2]}", "replications", "E207", "the same for all cells"),
    (SWEPT + "[1, 2]", "[1, 2]", "E207", "dispatch.every"),
    (VARIED + "[a]", "[a]", "E210", "write them like"),
    (VARIED + "{late: 1 h}", "late", "E210", "write what it changes"),
    (VARIED + "{late: {}}", "late", "E210", "write what it changes"),
    (VARIED + "{base: {horizon: 3 h}}", "base", "E210", "another name"),
    (VARIED + "{l/te: {horizon: 3 h}}", "l/te", "E106", "letters, digits"),
    (VARIED + "{late: {policies: [rwoa]}}", "policies", "E210", "outside variants"),
    (VARIED + "{late: {horzion: 3 h}}", "horzion", "E101", "did you mean 'horizon'?"),
    (VARIED + "{late: {horizon: 3}}", "3", "E104", "'3 min'"),
    (VARIED + "{late: {radiologists: {adda: null}}}", "adda", "E211", "leave this null out"),
    (VARIED + "{late: {radiologists: {ada: {unit: desc}}}}", "desc", "E201", "did you mean 'desk'?"),
]


SITE = "bandwidth: 10 Mbit/s}"
FLOW = "bandwidth: 10 Mbit/s}, demand: "
FLOWS = [
    (FLOW + "{CT: {per_day: 3}}", "CT", "E209", "remove one of the two"),
    (FLOW + "{CT: {per_dy: 3}}", "per_dy", "E101", "did you mean 'per_day'?"),
    (FLOW + "{CT: {urgent: 3 %}}", "CT", "E102", "add 'per_day: ...' here"),
    (FLOW + "{shar: 100 %}", "shar", "E101", "did you mean 'share'?"),
    (FLOW + "{XX: 3}", "XX", "E101", "or a modality such as CT"),
    (FLOW + "{share: 90 %}", "sites", "E209", "100 %"),
]


RATE = "count: 12\n  urgent", "count: null\n  urgent"
FLOWS_WITHOUT_COUNT = [
    (FLOW + "{CTT: {per_day: 3}}", "CTT", "E204", "did you mean 'CT'?"),
    (FLOW + "{MR: {per_day: 3}}", "MR", "E204", "add it to demand.mix"),
    (FLOW + "{CT: {per_day: 3}, per_day: 4}", "4", "E209", "remove one of the two"),
    (FLOW + "{CT: {per_day: 3, by_hour: evning}}", "evning", "E108", "did you mean 'evening'?"),
    (FLOW + "{CT: {per_day: 3, by_hour: [1, 2]}}", "by_hour", "E107", "24 (a day) or 168"),
    (FLOW + "{CT: {per_day: 3, required: {urgent: 1 h}}}", "required", "E102", "add 'routine: ...' here"),
    (FLOW + "{CT: {per_day: 0}}", "count", "E102", "give demand.count"),
]


ADA = "ada:\n    unit: desk"
PEOPLE = [
    (ADA + "\n    absence: 100 %", "100 %", "E107", "remove the radiologist instead"),
    (ADA + "\n    non_reading: 100 %", "100 %", "E107", "remove the radiologist instead"),
    (ADA + "\n    absence: 3", "3", "E104", "'3 %'"),
    (ADA + "\n    count: -1", "-1", "E107", "at least 0"),
    (ADA + "\n    zone: Dublin", "Dublin", "E111", "did you mean"),
    (ADA + "\n    effort_limit: 180 min/day", "180 min/day", "E103", "units of duration"),
]


NOT_THERE_YET = [
    (f"replications: 2\n{key}: 3", key, "E101", f"the language has no '{key}'") for key in ("outages",)
]


DATES_AND_YAML = [
    ("2026-01-05 08:00", "5 January", "5 January", "E111", "'2026-01-05 08:00'"),
    ("2026-01-05 08:00", "2026-02-30", "2026-02-30", "E111", "'2026-01-05 08:00'"),
    ("zone: UTC", "zone: Europe/Dubln", "Europe/Dubln", "E111", "did you mean 'Europe/Dublin'?"),
    ("zone: UTC", "zone: ../../etc", "../../etc", "E111", "an IANA zone"),
    ("zone: UTC", "zone: UTC, holidays: [17 March]", "17 March", "E111", "'2026-03-17'"),
    ("count: 12", "count: 012", "012", "E006", "write 12 for a number"),
    ("count: 12", "count: 0o14", "0o14", "E006", "in decimal"),
    ("count: 12", "count: .nan", ".nan", "E006", "a number"),
    ("count: 12", "count: 1e999", "1e999", "E006", "smaller"),
    ("count: 12", "count: 99999999999999999999", "99999999999999999999", "E006", "fewer digits"),
    ("count: 12", "count: !!int 12", "!!int 12", "E006", "remove the tag"),
    (
        "count: 12",
        "count: !!python/name:os.system 12",
        "!!python/name:os.system 12",
        "E006",
        "remove the tag",
    ),
    ("count: 12", "count: *twelve", "*twelve", "E002", "no anchor &twelve"),
    ("count: 12", "count: @12", "@", "E002", ""),
    ("count: 12", "count: 12\x07", "\x07", "E002", "delete it"),
    ("horizon: 2 h", "horizon: 2 h: 3", ":", "E002", "needs quotes"),
    ("horizon: 2 h", "horizon: 2 h\n\thour: 3", "\t", "E004", "spaces"),
    ("reading_time: {any", "horizon: 3 h\nreading_time: {any", "horizon", "E003", "keep one"),
    ("count: 12", "count: 12\n  ? {a: b}\n  : c", "{a: b}", "E006", "use a name"),
    ("reading_time: {any", "---\nreading_time: {any", "---", "E007", "one document"),
    ("{cv: 0.5}", "{cv: 0.5}, gamma: {mean: 3 min, cv: 1}", "any", "E110", "give one of"),
    ("lognormal: {cv: 0.5}", "lognormal: {mean: 3 min}", "lognormal", "E110", "mean and cv"),
    ("replications: 2\n", "replications: 2\n" + SPREAD_ALONE, "size", "E110", "mean and cv"),
    ("lognormal: {cv: 0.5}", "lognorml: {cv: 0.5}", "lognorml", "E101", "did you mean 'lognormal'?"),
    ("lognormal: {cv: 0.5}", "uniform: {low: 3 min, high: 2 min}", "uniform", "E107", "low < high"),
]


ASKED = [("replications: 2", f"replications: {asked}", *rest) for asked, *rest in PRECISIONS]
BLOCKS = [("replications: 2", *rest) for rest in CELLS + NOT_THERE_YET] + [(SITE, *rest) for rest in FLOWS]


BLOCKS += [(ADA, *rest) for rest in PEOPLE]


ONE_MISTAKE = UNITS + KEYS_AND_TYPES + ASKED + REFERENCES + DATES_AND_YAML + BLOCKS


@pytest.mark.parametrize(("old", "new", "offender", "code", "way_out"), ONE_MISTAKE)
def test_one_mistake_is_one_problem_at_its_place(
    tmp_path: Path, old: str, new: str, offender: str, code: str, way_out: str
) -> None:
    assert TEXT.count(old) == 1
    text = TEXT.replace(old, new)
    found = problems(tmp_path, text)
    assert [problem.code for problem in found] == [code], [str(problem) for problem in found]
    (problem,) = found
    assert way_out in f"{problem.message} {problem.help}"
    if problem.line:
        assert marked(problem) == offender
        lines = text.split("\n")
        assert problem.snippet == lines[problem.line - 1]
        if offender in new:
            start = len("\n".join(lines[: problem.line - 1])) + (problem.line > 1) + problem.column - 1
            assert TEXT.index(old) <= start < TEXT.index(old) + max(len(new), 1)


@pytest.mark.parametrize(("new", "offender", "code", "way_out"), FLOWS_WITHOUT_COUNT)
def test_one_mistake_in_a_demand_by_modality(
    tmp_path: Path, new: str, offender: str, code: str, way_out: str
) -> None:
    found = problems(tmp_path, TEXT.replace(*RATE).replace(SITE, new))
    assert [problem.code for problem in found] == [code], [str(problem) for problem in found]
    assert marked(found[0]) == offender
    assert way_out in f"{found[0].message} {found[0].help}"


HOURS = [
    ("17-20", "needs days and times"),
    ("Mo 17:00-20:00", "did you mean 'Mon'?"),
    ("Mon 17-20", "two digits each"),
    ("Mon 17:00-25:00", "on the clock"),
    ("Mon 17:61-18:00", "on the clock"),
    ("Mon 17:00-17:00", "has no length"),
    ("holidays off", "no working hours"),
    ("Mon-Fri 08:00-12:00; Sut 08:00-12:00", "not a weekday"),
    ("", "no working hours"),
]


@pytest.mark.parametrize(("hours", "says"), HOURS)
def test_hours_that_cannot_be_read(tmp_path: Path, hours: str, says: str) -> None:
    first = TEXT.index("hours: always")
    text = TEXT[:first] + f'hours: "{hours}"' + TEXT[first + len("hours: always") :]
    (problem,) = problems(tmp_path, text)
    assert problem.code == "E109"
    assert marked(problem) == f'"{hours}"'
    assert says in f"{problem.message} {problem.help}"


@pytest.mark.parametrize(
    ("given", "meant"), [("DR", "DX or CR"), ("XR", "DX or CR"), ("MRI", "MR"), ("dr", "DX or CR")]
)
def test_radiologists_words_for_modalities(tmp_path: Path, given: str, meant: str) -> None:
    reads = f"radiologists: {{ada: {{reads: [CT, DX, {given}]}}}}\n"
    weighs = f"studies: {{{given}: {{size: {{constant: 1 MB}}, images: 1}}}}\n"
    for text in (reads, weighs):
        (problem,) = problems(tmp_path, CHILD + text)
        assert (problem.code, problem.help) == ("E204", f"the code tables call it {meant}")


@pytest.mark.parametrize("change", ["title: null", "policies: []", "radiologists: {ada: {reads: []}}"])
def test_nothing_where_something_must_be_has_a_way_out(tmp_path: Path, change: str) -> None:
    text = re.sub("(?m)^title: .*$", "title: null", TEXT) if change == "title: null" else CHILD + change
    (problem, *_) = problems(tmp_path, text)
    assert problem.help


def test_a_holiday_is_written_as_a_day_of_a_month(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, f"{CHILD}calendar: {{holidays: [2026-W13-5]}}\n")
    assert (problem.code, marked(problem)) == ("E111", "2026-W13-5")
