"""Whatever is done to the bytes of a real file, it is accounted for: judged, or listed with a reason.

Damage is read in the child process, as ``qa check`` reads it: native decoders do crash on some of it.
"""

from pathlib import Path

import numpy as np
import pydicom.data
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simgrid.cli.main import cli
from simgrid.dicom.apart import Reader
from simgrid.quality.check import WORST_FIRST, judge
from simgrid.quality.defect_names import DEFECTS
from tests.planted import marks_in, planted_everywhere

REAL = Path(pydicom.data.__file__).parent / "test_files"
NAMES = (
    "CT_small.dcm",
    "MR_small_implicit.dcm",
    "MR_small_bigendian.dcm",
    "MR_small_RLE.dcm",
    "MR_small_jp2klossless.dcm",
    "MR_small_jpeg_ls_lossless.dcm",
    "SC_rgb_jpeg_gdcm.dcm",
    "SC_rgb_dcmtk_+eb+cy+np.dcm",
    "SC_rgb_small_odd_jpeg.dcm",
    "image_dfl.dcm",
    "rtdose.dcm",
    "examples_palette.dcm",
    "liver_1frame.dcm",
    "UN_sequence.dcm",
)
SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
ANYWHERE = st.floats(0, 1, exclude_max=True)
DAMAGE = st.lists(
    st.tuples(ANYWHERE, st.sampled_from([0, 1, 0x7F, 0x80, 0xFE, 0xFF])), min_size=1, max_size=12
)


@pytest.fixture(scope="module")
def reader():
    made = Reader(seconds_at_most=60)
    yield made
    made.close()


def accounted(read, path):
    """Every promise of a ``ReadFile`` and of what is made of it."""
    assert read.status in ("judged", "listed")
    assert bool(read.planes) == (read.status == "judged")
    assert bool(read.reason) == (read.status == "listed")
    for one in read.planes:
        assert one.pixels.dtype == np.float32
        assert one.pixels.ndim == 2
        assert np.isfinite(one.pixels).all()
        if one.limits is not None:
            assert one.limits[0] <= one.limits[1]
    for one in read.findings:
        assert one.rule
        assert one.message
        assert one.severity in ("error", "warning", "note")
    checked = judge(read, str(path))
    assert checked.verdict in WORST_FIRST
    assert tuple(checked.defects) == DEFECTS


@SETTINGS
@given(name=st.sampled_from(NAMES), damage=DAMAGE, early=st.booleans())
def test_changed_bytes(tmp_path_factory, reader, name, damage, early):
    content = bytearray((REAL / name).read_bytes())
    reach = min(len(content), 2000) if early else len(content)  # most of what can go wrong is in the header
    for place, value in damage:
        content[int(place * reach)] = value
    path = tmp_path_factory.mktemp("changed") / name
    path.write_bytes(content)
    accounted(reader.read(path), path)


@SETTINGS
@given(name=st.sampled_from(NAMES), cut=ANYWHERE)
def test_cut_files(tmp_path_factory, reader, name, cut):
    content = (REAL / name).read_bytes()
    path = tmp_path_factory.mktemp("cut") / name
    path.write_bytes(content[: int(cut * len(content))])
    read = reader.read(path)
    accounted(read, path)


@SETTINGS
@given(
    name=st.sampled_from(NAMES[:6]),
    element=st.sampled_from([0x0002, 0x0008, 0x0010, 0x0011, 0x0100, 0x0101, 0x0102, 0x0103]),
    value=st.integers(0, 0xFFFF),
)
def test_any_number_in_an_element_that_describes_pixels(tmp_path_factory, reader, name, element, value):
    dataset = pydicom.dcmread(REAL / name)
    dataset.add_new((0x0028, element), "IS" if element == 0x0008 else "US", value)
    path = tmp_path_factory.mktemp("described") / name
    dataset.save_as(path)
    accounted(reader.read(path), path)


@SETTINGS
@given(content=st.binary(max_size=400), preamble=st.booleans())
def test_noise(tmp_path_factory, reader, content, preamble):
    path = tmp_path_factory.mktemp("noise") / "file"
    path.write_bytes((bytes(128) + b"DICM" if preamble else b"") + content)
    read = reader.read(path)
    accounted(read, path)
    assert read.status == "listed"


def test_no_identifier_comes_out(tmp_path, capfd):
    """A person named in every element, private and nested ones included, and in the bytes around them."""
    planted_everywhere(7).save_as(tmp_path / "whole.dcm", enforce_file_format=False)
    content = (tmp_path / "whole.dcm").read_bytes()
    for share in (5,):
        (tmp_path / f"cut-{share}.dcm").write_bytes(content[: len(content) * share // 10])
    for arguments in ([], ["--json"]):
        result = CliRunner().invoke(cli, ["qa", "check", str(tmp_path), *arguments])
        assert result.stdout.count("\n") >= 2
        assert marks_in(result.output.encode()) == []
    told = capfd.readouterr()
    assert marks_in((told.out + told.err).encode()) == []
