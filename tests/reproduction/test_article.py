"""The article: numbers of ours are from results/reference, the committed text is the built one, it prints."""

from __future__ import annotations

import csv
import json
import re
import subprocess
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from paper import build
from paper.pdf import to_pages, to_pdf, to_typst
from paper.placeholders import MARK, Filler
from paper.stored import Misnamed, NotStored, Stored
from simgrid.presentation.stress_des import NOT_RUN

ROOT = Path(__file__).parents[2]
PAPER = ROOT / "paper"
TEMPLATE = (PAPER / "article.template.md").read_text(encoding="utf-8")
CHANGES = (PAPER / "changes.md").read_text(encoding="utf-8")
PERMITTED = {
    "13.25": "stated: gain in subspecialty success",
    "63.76": "stated: gain in workload success",
    "120": "stated: gain in response-time success",
    "22.39": "stated: better total response time",
}
"""Digits that may stand in the template outside placeholders: what the study states."""
NAMES = re.compile(
    r"(?:(?<!\w)@|rwoa@)\w+|\bK\d+\b|\bR8\b|\bSimul8\b|`table-1-readings`|"
    r"\b(?:Stage|Table|Figure|eq\.|section) \d+\b|\{\{[^{}]*\}\}|```.*?```",
    re.DOTALL,
)
"""Names with digits: citations, claims, R8, stages, tables, figures, equations; and the placeholders."""
DECLARED = (
    *("paper/claims.yaml", "paper/definitions.md"),
    *(f"scenarios/paper/{name}.yaml" for name in ("table-1", "stage-1", "stage-2")),
    *sorted(f"scenarios/paper/{file.name}" for file in (ROOT / "scenarios/paper").glob("prediction-*.yaml")),
)


CAPTIONED = re.compile(r"\{\{figure \S+: ")


def numbers(text: str) -> list[str]:
    """Outside names and placeholders; captions count as text."""
    text = CAPTIONED.sub("", text)
    return [found.rstrip(".,") for found in re.findall(r"\d[\d.,]*", NAMES.sub("", text))]


def test_no_number_of_ours_stands_outside_a_placeholder() -> None:
    assert sorted(set(numbers(TEMPLATE)) - PERMITTED.keys()) == []
    assert sorted(PERMITTED.keys() - set(numbers(TEMPLATE))) == []
    assert numbers("ours is 4.2 % (K4, Stage 2) [@monks2019] {{ours K4}}") == ["4.2"]
    assert numbers("{{figure figure-4: Figure 4, {{worlds K4}} worlds, 7 more}}") == ["7"]


def test_the_list_of_changes_has_no_numbers() -> None:
    assert numbers(CHANGES) == []


def test_the_committed_article_is_the_built_one() -> None:
    """As a preview, so that a missing value fails one test only: ``test_nothing_is_missing`` tells which."""
    assert build.ARTICLE.read_text(encoding="utf-8") == build.article(preview=True), (
        "run: python -m paper.build"
    )


def test_the_committed_checklist_is_the_built_one() -> None:
    built = build.checklist(preview=True)
    assert build.CHECKLIST.read_text(encoding="utf-8") == built, "run: python -m paper.build"


def test_nothing_is_missing() -> None:
    assert NOT_RUN not in build.checklist()
    assert MARK not in build.article()


def test_it_refuses_what_is_not_stored_and_names_all_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("paper.build.Stored", lambda: Stored(tmp_path))
    with pytest.raises(NotStored, match=r"not yet stored in results/reference: verdicts-full\.csv"):
        build.article()
    with pytest.raises(NotStored, match=r"stage-2 in manifest\.json"):
        build.checklist()
    assert MARK in build.article(preview=True)
    assert build.main([]) == 1
    assert "--preview builds it nevertheless" in capsys.readouterr().err


@pytest.fixture
def stored(tmp_path: Path) -> Stored:
    """Verdicts and a table as the reproduction writes them."""
    columns = [
        *("claim", "part", "ours", "lo95", "hi95", "unit", "worlds"),
        *("single_lo", "single_hi", "percentile", "verdict"),
    ]
    rows = [
        ("K4", "practice", "0.1", "0.09", "0.11", "", "200", "0.05", "0.2", "61", "compatible"),
        ("K4", "cell", "", "", "", "", "", "", "", "", "not run"),
        ("K5", "equal", "0.6", "0.55", "0.65", "", "200", "", "", "", "within"),
        ("K6", "wall-clock", "0.01", "0", "0.02", "", "200", "0", "0.1", "100", "differs"),
        ("K14", "workload_distance", "-0.4", "-0.5", "-0.3", "", "60", "", "", "", "differs"),
        ("K18", "", "6202", "", "", "", "", "", "", "", "differs"),
        ("K3", "", "-0.42", "-0.44", "-0.41", "", "200", "", "", "", "within"),
    ]
    with (tmp_path / "verdicts-full.csv").open("w", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "table-1.csv").write_text("policy,metric,mean\nrwoa,a,0.8431\nrbsm,a,0.9\n")
    (tmp_path / "values").mkdir()
    told = {
        "response_time_success": {"manual": [0.4, 0.5, 0.6], "rwoa": [0.8, 0.8, 0.8]},
        "subspecialty_success": {"manual": [0.7, 0.7, 0.71], "rwoa": [0.9, 0.9, 0.9]},
    }
    (tmp_path / "values" / "stage-2.json").write_text(json.dumps({"values": told}))
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "map.png").write_bytes(b"")
    return Stored(tmp_path)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("ours K4 practice", "+10.0 [+9.0, +11.0] %"),
        ("paper K4 practice", "+13.25 %"),
        ("singles K4 practice", "+5.0 to +20.0 %"),
        ("percentile K4 practice", "61"),
        ("worlds K4 practice", "200"),
        ("ours K14 workload_distance", "-40 [-50, -30] points"),
        ("ours K3", "-0.420 [-0.440, -0.410]"),
        ("paper K3", "below 0"),
        ("ours K18", "6202"),
        ("paper K18", "6,225"),
        ("cell table-1 mean, policy=rwoa, metric=a: .2f", "0.84"),
        ("lines table-1 policy", "- rwoa\n- rbsm"),
        ("names table-1 policy, metric=a", "`rwoa` and `rbsm`"),
        ("names table-1 policy, metric=b", "none"),
        ("sure K4 practice: compatible, above 0", ""),
        ("sure K14 workload_distance: differs, below 0", ""),
        ("cell table-1 mean, policy=rwoa: %.1f", "84.3 %"),
        ("scenario paper/stage-2 demand.count", "1464"),
        ("mean stage-2 response_time_success manual: .2f", "0.50 [0.25, 0.75]"),
        (
            "ceiling K6 response_time_success",
            "at most 0.455; ours has 0.500 [0.252, 0.748], not told apart from it",
        ),
        ("difference stage-2 response_time_success rwoa manual: +.2f", "+0.30 [+0.05, +0.55]"),
        ("gain stage-2 subspecialty_success rwoa manual: +.1f", "+28.0 [+25.4, +30.6] %"),
        ("ceiling K4 subspecialty_success", "at most 0.883; ours has 0.703 [0.689, 0.718], below it"),
        ("met K5", "At the defaults all of them are reproduced (K5: within)."),
        ("met K6", "At the defaults none of them is reproduced within its band (K6: differs)."),
        (
            "met K4 K5 K6",
            "At the defaults K5 held and K4 and K6 did not (K4: compatible; K5: within; K6: differs).",
        ),
    ],
)
def test_each_placeholder(stored: Stored, asked: str, told: str) -> None:
    assert Filler(stored).fill("{{" + asked + "}}") == told


def test_figures_and_what_is_missing(stored: Stored) -> None:
    filler = Filler(stored)
    text = filler.fill("{{figure map: ours, {{paper K4 practice}}}}")
    assert text.startswith("![ours, +13.25 %](") and text.endswith("figures/map.png)")
    assert filler.fill("{{ours K4 cell}} {{figure none: x}} {{cell other a: }}") == f"{MARK} {MARK} {MARK}"
    assert filler.missing == ["verdict K4 cell", "figures/none.png", "tables/other.csv"]


@pytest.mark.parametrize(
    "asked",
    [
        *("guess K4", "ours K4 nowhere", "ours K99", "claims K99", "cell table-1"),
        *("cell table-1 mean, policy=nobody: .2f", "cell table-1 median, policy=rwoa: .2f"),
        "scenario paper/stage-2 demand.nothing",
        *("sure K5 equal: differs", "sure K5 equal: within, below 0", "names table-1 policy, none=b"),
        *("gain stage-2 response_time_success rwoa: .2f", "difference stage-2 none rwoa manual: .2f"),
        *("ceiling K1 response_time_success", "mean stage-2 response_time_success nobody: .2f"),
    ],
)
def test_what_cannot_be_there_is_an_error_and_no_preview(stored: Stored, asked: str) -> None:
    with pytest.raises(Misnamed):
        Filler(stored).fill("{{" + asked + "}}")


def test_it_prints_without_latex() -> None:
    source = to_typst(build.ARTICLE)
    keys = set(re.findall(r"(?<!\w)@(\w+)", TEMPLATE))
    entries = set(re.findall(r"^@\w+\{(\w+),", (PAPER / "references.bib").read_text(), re.MULTILINE))
    assert keys == entries
    assert all(f"<ref-{key}>" in source for key in keys)
    assert to_pdf(build.ARTICLE).startswith(b"%PDF-")
    assert all(page.startswith(b"\x89PNG") for page in to_pages(build.ARTICLE))


def git(*arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=True
    ).stdout


def declared(commit: str, name: str) -> object:
    """What a file declares at a commit: comments, layout and `expect` aside; None before it existed."""
    try:
        text = git("show", f"{commit}:{name}")
    except subprocess.CalledProcessError:
        return None
    if name.endswith(".md"):
        return text.split()
    found = YAML(typ="safe").load(text)
    for claim in found["claims"].values() if name == "paper/claims.yaml" else ():
        claim.pop("expect", None)
    return found


def test_every_later_change_of_a_definition_is_in_the_list() -> None:
    """By the subject of its commit; a checkout without history has nothing to hold the list against."""
    try:
        commits = git("log", "--format=%H %s", "--", *DECLARED).splitlines()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no history")
    missing = []
    for commit, _, subject in (line.partition(" ") for line in commits):
        before = [declared(f"{commit}^", name) for name in DECLARED]
        after = [declared(commit, name) for name in DECLARED]
        changed = any(one is not None and one != other for one, other in zip(before, after, strict=True))
        if changed and not any(
            named in subject for named in re.findall(r'^\| "(.+?)"', CHANGES, re.MULTILINE)
        ):
            missing.append(subject)
    assert missing == []
