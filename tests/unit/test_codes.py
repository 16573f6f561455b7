"""The default code tables, and what a user's own are refused for."""

import copy
import csv
import io
from importlib import resources
from pathlib import Path

import pytest

from simgrid.codes import (
    PROVENANCE,
    TABLES,
    CodeTableError,
    CodeTables,
    Compatibility,
    UnknownCodeError,
    icd10_category,
)

STUDY_PARTS = ("Brain", "Leg", "Thorax", "Upper Abdomen", "Lower Abdomen", "Knee", "Shoulder")
STUDY_CODES = ("C39", "C50", "C71", "C76", "C78", "D43", "S02", "S42", "S82", "S83")
STAGE_1_PARTS = (
    "Brain",
    "Thorax",
    "Lower Abdomen",
    "Upper Abdomen",
    "Pelvis",
    "Temporal Bone",
    "Paranasal Sinuses",
)
OWN_PROTOCOL = {
    "protocol": "X1",
    "modality": "CT",
    "body_part": "Brain",
    "effort_points": "50",
    "points_provenance": "stated",
    "points_source": "tariff",
    "reading_min": "9",
    "minutes_provenance": "derived",
    "minutes_source": "our log",
}


@pytest.fixture(scope="module")
def tables() -> CodeTables:
    return CodeTables.default()


def default_text(name: str) -> str:
    return resources.files("simgrid.codes").joinpath("tables", name).read_text(encoding="utf-8")


def write(folder: Path, name: str, *rows: dict[str, str]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    (folder / name).write_text(text.getvalue(), encoding="utf-8")


def complaints(folder: Path) -> str:
    with pytest.raises(CodeTableError) as caught:
        CodeTables.from_folder(folder)
    return str(caught.value)


# The default tables


@pytest.mark.parametrize("name", TABLES)
def test_every_default_row_says_where_its_figures_come_from(name: str):
    rows = list(csv.DictReader(io.StringIO(default_text(name))))
    assert len(rows) == CodeTables.default().accepted[name] > 0
    for row in rows:
        words = [value for column, value in row.items() if column.endswith("provenance")]
        sources = [value for column, value in row.items() if column.endswith("source")]
        assert words
        assert len(words) == len(sources)
        assert set(words) <= set(PROVENANCE)
        assert all(sources)


def test_the_study_lists_are_covered(tables: CodeTables):
    assert set(STUDY_CODES) <= set(tables.diagnoses)
    assert {*STUDY_PARTS, *STAGE_1_PARTS} <= set(tables.body_parts)
    for modality in ("CT", "MR", "DX"):
        for part in STUDY_PARTS:
            assert any(tables.is_compatible(modality, part, code) for code in STUDY_CODES), (modality, part)
    for part in STAGE_1_PARTS:
        assert tables.has_protocol("CT", part)
    for code in STUDY_CODES:
        assert any(tables.is_compatible(m, p, code) for m in ("CT", "MR", "DX", "MG") for p in STUDY_PARTS), (
            code
        )


def test_mammography_has_its_breast_and_its_place_in_the_study_list(tables: CodeTables):
    assert tables.is_compatible("MG", "Breast", "C50")
    filed = tables.compatible["MG", "Thorax", "C50"]
    assert filed.origin.provenance == "assumed"
    assert [key for key in tables.compatible if key[0] == "MG" and key[1] in STUDY_PARTS] == [
        ("MG", "Thorax", "C50")
    ]


def test_radiography_does_not_show_a_brain_tumour(tables: CodeTables):
    assert not tables.is_compatible("DX", "Brain", "C71")
    assert tables.is_compatible("MR", "Brain", "C71.9")
    assert not tables.is_compatible("CT", "Knee", "C71")


def test_figures_stated_in_sources(tables: CodeTables):
    assert tables.resolution("CT").megapixels == 0.25
    assert tables.resolution("CR").megapixels == 4
    assert {tables.resolution(m).origin.provenance for m in ("CT", "CR")} == {"stated"}
    brain = tables.protocol("CT", "Brain")
    assert (brain.reading_min, brain.reading_sd_min, brain.effort_points) == (7.0, 6.5, 83)
    assert brain.minutes_origin.provenance == "stated"
    assert brain.points_origin.provenance == "derived"
    assert (tables.size("CT").images, tables.size("CT").size_mb) == (342, 179)


def test_points_and_minutes_are_kept_apart(tables: CodeTables):
    ratios = {round(p.effort_points / p.reading_min, 6) for p in tables.protocols.values()}
    assert len(ratios) > 10


def test_mean_study_of_the_archive_has_48_megabytes(tables: CodeTables):
    shares = {"CR": 0.574, "DX": 0.152, "MR": 0.126, "CT": 0.126, "MG": 0.005}
    mean = sum(share * tables.size(m).size_mb for m, share in shares.items()) / sum(shares.values())
    assert mean == pytest.approx(48, abs=1)


def test_names_are_leaves_of_the_ontology(tables: CodeTables):
    from simgrid.rating import Ontology

    tree = Ontology.default()
    assert set(tree.names("Modality")) == set(tables.modalities)
    assert set(tree.names("Body part")) == set(tables.body_parts)
    assert set(tree.names("Anatomy")) == {part.anatomy for part in tables.body_parts.values()}
    assert set(tree.names("Disease")) == {diagnosis.disease for diagnosis in tables.diagnoses.values()}


# Looking up


@pytest.mark.parametrize(
    ("term", "part"),
    [
        ("HEAD", "Brain"),
        ("skull", "Brain"),
        ("CHEST", "Thorax"),
        ("C-SPINE", "Spine"),
        ("L SPINE", "Spine"),
        ("ABDOMEN", "Upper Abdomen"),
        ("Temporal_Bone", "Temporal Bone"),
        ("", None),
        ("PHANTOM", None),
    ],
)
def test_header_words(tables: CodeTables, term: str, part: str | None):
    assert tables.body_part_from_dicom(term) == part


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("CT CHEST W/O CONTRAST", "Thorax"),
        ("MR_lumbar_spine", "Spine"),
        ("left upper extremity", "Arm"),
        ("temporal bone, brain", "Temporal Bone"),
        ("Brain-MRA", "Brain"),
        ("XR C-Spine", "Spine"),
        ("abdomen^liver", "Upper Abdomen"),
        ("Carotids", "Neck"),
        ("Legendary archery", None),
        ("", None),
    ],
)
def test_words_in_a_description(tables: CodeTables, text: str, part: str | None):
    assert tables.body_part_in_text(text) == part


def test_lookups(tables: CodeTables):
    assert tables.anatomy("Knee") == "Extremity"
    assert tables.disease("c50.1") == tables.disease("D24") == "Breast neoplasm"
    assert icd10_category(" s83.5 ") == "S83"
    assert tables.size("CT", "Brain") == tables.size("CT")


def test_unknown_codes_name_near_ones(tables: CodeTables):
    with pytest.raises(UnknownCodeError, match="did you mean Thorax"):
        tables.anatomy("Torax")
    with pytest.raises(UnknownCodeError, match="MG has Breast, Thorax"):
        tables.protocol("MG", "Knee")
    with pytest.raises(UnknownCodeError, match="no protocol for 'ZZ'"):
        tables.protocol("ZZ", "Knee")
    with pytest.raises(UnknownCodeError, match=r"no ICD-10 code 'X99\.1'"):
        tables.disease("X99.1")
    with pytest.raises(LookupError, match="no modality 'ct'"):
        tables.resolution("ct")
    with pytest.raises(LookupError, match="no study size for 'ZZ'"):
        tables.size("ZZ")


def test_tables_cannot_be_changed(tables: CodeTables):
    with pytest.raises(TypeError):
        tables.body_parts["Brain"] = tables.body_parts["Knee"]  # type: ignore[index]


def test_tables_can_be_copied_and_so_travel_to_another_process(tables: CodeTables):
    assert copy.deepcopy(tables) == tables
    assert copy.deepcopy(tables).disease("C50") == "Breast neoplasm"


# A user's own tables


def test_own_protocols_replace_the_default_ones_and_the_rest_follows(tmp_path: Path):
    write(tmp_path, "protocols.csv", OWN_PROTOCOL)
    own = CodeTables.from_folder(tmp_path)
    assert own.protocol("CT", "Brain").effort_points == 50
    assert not own.has_protocol("CT", "Thorax")
    assert own.accepted["protocols.csv"] == 1
    assert {key[:2] for key in own.compatible} == {("CT", "Brain")}
    whole = CodeTables.default().accepted["compatibility.csv"]
    assert own.accepted["compatibility.csv"] + own.left_out["compatibility.csv"] == whole
    assert own.origins["protocols.csv"] == str(tmp_path / "protocols.csv")
    assert own.origins["icd10.csv"] == "default"


def test_own_components_of_the_points(tmp_path: Path):
    write(tmp_path, "protocols.csv", {**OWN_PROTOCOL, "risk": "3", "time": "", "urgency": "0"})
    components = CodeTables.from_folder(tmp_path).protocol("CT", "Brain").components
    assert components is not None
    assert (components.risk, components.urgency, components.time) == (3, 0, None)


def test_own_size_for_one_body_part(tmp_path: Path):
    rows = list(csv.DictReader(io.StringIO(default_text("sizes.csv"))))
    write(tmp_path, "sizes.csv", *rows, {**rows[0], "body_part": "Brain", "size_mb": "20"})
    own = CodeTables.from_folder(tmp_path)
    assert own.size("CT", "Brain").size_mb == 20
    assert own.size("CT", "Thorax").size_mb == 179


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"effort_points": "-5"}, "protocols.csv:2 effort_points is '-5': expected a finite number above 0"),
        ({"effort_points": "nan"}, "effort_points is 'nan': expected a finite number above 0"),
        ({"reading_min": "soon"}, "reading_min is 'soon': not a number"),
        ({"reading_min": "7,5"}, "write 7.5, not 7,5"),
        (
            {"points_provenance": "Assumed"},
            "points_provenance is 'Assumed': not a provenance: did you mean 'assumed'?",
        ),
        ({"points_provenance": "hearsay"}, "expected one of stated, derived, assumed"),
        ({"minutes_source": " "}, "minutes_source is '': expected a text"),
        ({"modality": "CTT"}, "modality is 'CTT': has no row in resolution.csv"),
        ({"body_part": "Hand"}, "body_part is 'Hand': has no row in body_parts.csv"),
        ({"body_part": "Breast"}, "modality+body_part is 'CT + Breast': occurs under no ICD-10 code"),
    ],
)
def test_bad_cells_of_own_protocols(tmp_path: Path, change: dict[str, str], message: str):
    write(tmp_path, "protocols.csv", {**OWN_PROTOCOL, **change})
    assert message in complaints(tmp_path)


def test_all_problems_come_at_once_with_file_line_and_column(tmp_path: Path):
    bad = {**OWN_PROTOCOL, "effort_points": "0", "reading_min": "-1"}
    write(tmp_path, "protocols.csv", OWN_PROTOCOL, bad)
    write(
        tmp_path,
        "icd10.csv",
        {"icd10": "brain", "title": "t", "disease": "d", "provenance": "x", "source": "s"},
    )
    text = complaints(tmp_path)
    for place in (
        f"{tmp_path / 'protocols.csv'}:3 effort_points is '0'",
        f"{tmp_path / 'protocols.csv'}:3 reading_min is '-1'",
        f"{tmp_path / 'protocols.csv'}:3 modality+body_part is 'CT + Brain': line 2 holds the same",
        f"{tmp_path / 'icd10.csv'}:2 icd10 is 'brain': expected a category such as C50",
        f"{tmp_path / 'icd10.csv'}:2 provenance is 'x'",
    ):
        assert place in text
    assert len(text.splitlines()) == 5


def test_line_numbers_survive_empty_lines_and_quoted_line_breaks(tmp_path: Path):
    text = 'body_part,anatomy,provenance,source\n\nBrain,Head,assumed,"two\nlines"\nKnee,,assumed,s\n'
    (tmp_path / "body_parts.csv").write_text(text, encoding="utf-8")
    assert "body_parts.csv:5 anatomy is ''" in complaints(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "is empty"),
        (b"body_part,anatomy,provenance,source\n", "has a header and no rows"),
        (b"body_part;anatomy;provenance;source\n", "separates by semicolon"),
        (b"body_part,anatomy,provenance\nBrain,Head,assumed\n", "column 'source' is missing"),
        (
            b"body_part,anatomie,provenance,source\n",
            "column 'anatomie' is not known: did you mean 'anatomy'?",
        ),
        (b"body_part,anatomy,anatomy,provenance,source\n", "column 'anatomy' appears twice"),
        (b"body_part,anatomy,provenance,source\nBrain,Head,assumed\n", "has 3 cells, the header has 4"),
        (b"body_part,anatomy,provenance,source\nBr\xe4in,Head,assumed,s\n", "byte 38 is not UTF-8"),
        (b'body_part,anatomy,provenance,source\nBrain,"Head,assumed,s\n', "is not a CSV table"),
    ],
)
def test_files_that_are_no_table(tmp_path: Path, text: bytes, message: str):
    (tmp_path / "body_parts.csv").write_bytes(text)
    assert message in complaints(tmp_path)


def test_a_misspelt_file_is_not_passed_over(tmp_path: Path):
    write(tmp_path, "protocol.csv", OWN_PROTOCOL)
    assert "is no code table's name: did you mean protocols.csv?" in complaints(tmp_path)


def test_folders_without_tables(tmp_path: Path):
    assert "holds no table" in complaints(tmp_path)
    assert "is not a folder" in complaints(tmp_path / "nowhere")


def test_own_rows_in_the_other_tables_need_their_explanations(tmp_path: Path):
    origin = {"provenance": "assumed", "source": "ours"}
    write(tmp_path, "compatibility.csv", {"modality": "MG", "body_part": "Knee", "icd10": "Z99", **origin})
    write(tmp_path, "dicom_terms.csv", {"term": "HAND", "body_part": "Hand", **origin})
    text = complaints(tmp_path)
    assert "modality+body_part is 'MG + Knee': has no protocol in protocols.csv" in text
    assert "icd10 is 'Z99': has no row in icd10.csv" in text
    assert "dicom_terms.csv:2 body_part is 'Hand': has no row in body_parts.csv" in text


def test_terms_that_differ_in_punctuation_only_are_duplicates(tmp_path: Path):
    row = {"term": "C SPINE", "body_part": "Spine", "provenance": "assumed", "source": "ours"}
    write(tmp_path, "dicom_terms.csv", row, {**row, "term": "c-spine"})
    assert "dicom_terms.csv:3 term is 'CSPINE': line 2 holds the same" in complaints(tmp_path)


def test_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path):
    (tmp_path / "body_parts.csv").write_bytes(b"\xef\xbb\xbf" + default_text("body_parts.csv").encode())
    assert CodeTables.from_folder(tmp_path).body_parts == CodeTables.default().body_parts


def test_the_default_folder_copied_is_the_default(tmp_path: Path):
    for name in TABLES:
        (tmp_path / name).write_text(default_text(name), encoding="utf-8")
    own, default = CodeTables.from_folder(tmp_path), CodeTables.default()
    assert own.compatible == default.compatible
    assert own.protocols == default.protocols
    assert set(own.left_out.values()) == {0}
    assert all(isinstance(row, Compatibility) for row in own.compatible.values())
