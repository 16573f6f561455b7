"""Headers written by an enemy: nothing raises, and nothing that a file says of a person comes back out."""

from __future__ import annotations

import json
import warnings
from dataclasses import asdict

from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.datadict import DicomDictionary
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from simgrid.dicom.iod import check_header
from tests.header_oracle import bases, decoded, encoded
from tests.valid_headers import KINDS

_TAGS = sorted(tag for tag in DicomDictionary if tag >> 16 > 2)
_VRS = [
    *("SQ", "US", "FD", "FL", "AT", "OB", "UN"),
    *("AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UI", "UR", "UT"),
    *("SL", "SS", "UL", "OW", "OF", "ZZ"),
]
MARK = "Zebulon4711"
_MARKED = st.sampled_from([MARK, f"{MARK}^{MARK}", f"{MARK}\\{MARK}", f"1.2.{MARK}", f" {MARK} "])

hostile = st.tuples(
    st.sampled_from(_TAGS) | st.integers(0x00080000, 0xFFFFFFFF),
    st.sampled_from(_VRS),
    st.binary(max_size=40) | st.binary(max_size=12).map(lambda one: one * 200),
    st.booleans(),
)


@settings(deadline=None, max_examples=150)
@given(kind=st.sampled_from(sorted(KINDS)), elements=st.lists(hostile, max_size=12), nested=st.booleans())
def test_nothing_raises(kind: str, elements: list[tuple[int, str, bytes, bool]], nested: bool) -> None:
    dataset = KINDS[kind](1)
    target = dataset
    if nested:
        target = Dataset()
        dataset.AnatomicRegionSequence = Sequence([target])
    for tag, vr, value, little in elements:
        target[Tag(tag)] = RawDataElement(Tag(tag), vr, len(value), value, 0, False, little, True)
    findings = check_header(dataset)
    assert all(one.place.isprintable() and one.message.isprintable() for one in findings)


@settings(deadline=None, max_examples=150)
@given(
    kind=st.sampled_from(sorted(KINDS)),
    elements=st.lists(st.tuples(st.sampled_from(_TAGS), _MARKED), min_size=1, max_size=30),
    private=st.booleans(),
    nested=st.booleans(),
)
def test_no_value_of_a_file_comes_back(
    kind: str, elements: list[tuple[int, str]], private: bool, nested: bool
) -> None:
    dataset = KINDS[kind](1)
    target = dataset
    if nested:
        target = Dataset()
        dataset.OtherPatientIDsSequence = Sequence([target])
    for tag, text in elements:
        value = text.encode()
        target[Tag(tag)] = RawDataElement(Tag(tag), "LO", len(value), value, 0, False, True, True)
    if private:
        block = target.private_block(0x0011, MARK, create=True)
        block.add_new(1, "PN", MARK)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # none leaves the check: it would repeat a value
        said = json.dumps([asdict(one) for one in check_header(dataset)])
    assert MARK.lower() not in said.lower()


def test_every_text_element_of_every_base_marked_in_turn() -> None:
    """All elements of a file at once hold the mark, in the form of their own value representation."""
    for name, dataset in bases().items():
        marked = decoded(encoded(dataset))
        for element in marked.iterall():
            if element.VR in ("LO", "SH", "PN", "ST", "LT", "UT", "CS", "UI", "DA", "TM", "AE"):
                element._value = MARK  # past the checks of the library
        said = json.dumps([asdict(one) for one in check_header(marked)])
        assert MARK not in said, name
