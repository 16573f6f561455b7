"""What is done in the decoding process is what is done here, and a file that ends it ends nothing else."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from pydicom.data import get_testdata_file

from simgrid.dicom.apart import DIED, Reader
from simgrid.dicom.deidentify import CannotBeDeidentified, Options, deidentify_file
from simgrid.dicom.filing import for_archive
from simgrid.dicom.pixels import read_images
from simgrid.dicom.series_header import read_series_header
from simgrid.dicom.structured_report import Assessment
from simgrid.quality.bot.machine import bot
from simgrid.quality.bot.writing import held
from simgrid.quality.check import check_below
from tests.bots import SALT, deadly_decoder, inbox, noisy_ct, tools

FOUND = Assessment("repeat", {"noise": (0.75, 0.5)}, datetime(2026, 1, 5, 8, tzinfo=UTC))
CT = Path(str(get_testdata_file("CT_small.dcm")))


@pytest.fixture
def reader() -> Iterator[Reader]:
    with closing(Reader()) as made:
        yield made


@pytest.mark.parametrize("name", ["CT_small.dcm", "693_J2KI.dcm", "MR_truncated.dcm", "README.txt"])
def test_files_are_cleaned_and_placed_as_they_are_here(name: str, reader: Reader) -> None:
    path = CT.parent / name
    options = Options(shift_dates=True, blanking="all")
    assert list(reader.series_headers([path, CT])) == [read_series_header(path), read_series_header(CT)]
    try:
        here = deidentify_file(path, SALT, options)
    except CannotBeDeidentified as why:
        with pytest.raises(CannotBeDeidentified) as refused:
            reader.deidentify(path, SALT, options)
        assert (refused.value.reason, refused.value.detail) == (why.reason, why.detail)
    else:
        assert dataclasses.asdict(reader.deidentify(path, SALT, options)) == dataclasses.asdict(here)


@pytest.mark.parametrize("pseudonyms", [SALT, None])
def test_what_an_archive_gets_is_made_as_it_is_here(
    pseudonyms: object, tmp_path: Path, reader: Reader
) -> None:
    path = noisy_ct(tmp_path / "a.dcm")
    changes = [np.round(np.float32(3) - one.pixels / 100) for one in read_images(path).planes]
    given = (path, FOUND, ["denoise"], changes, pseudonyms)
    here = for_archive(*given)  # type: ignore[arg-type]
    assert here.report is not None
    assert here.derived is not None
    assert reader.for_archive(*given) == here  # type: ignore[arg-type]


def test_a_file_that_ends_the_process_ends_no_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = inbox(tmp_path / "in", ("CT_small.dcm",))
    deadly = folder / "deadly.dcm"
    deadly.write_bytes(CT.read_bytes().replace(b"CompressedSamples", b"CompressedSampler"))
    monkeypatch.syspath_prepend(deadly_decoder(tmp_path / "path"))
    with closing(Reader()) as reader:
        with pytest.raises(CannotBeDeidentified, match="SIGABRT") as refused:
            reader.deidentify(deadly, SALT, Options())
        assert refused.value.reason == DIED
        assert "SIGABRT" in reader.for_archive(deadly, FOUND, (), (), SALT).why_not[0]
        assert list(reader.series_headers([deadly, CT])) == [None, read_series_header(CT)]
        said = {Path(one.path).name: (one.status, one.reason) for one in check_below(folder)}
        assert said["deadly.dcm"] == ("listed", f"{DIED}: the decoding process ended with SIGABRT")
        assert said["CT_small.dcm"][0] == "judged"
        given = tools(
            read=lambda path: reader.read(CT if path == deadly else path), archive=reader.for_archive
        )
        with held(tmp_path / "out"):  # the decoder that reads survives it, the one that writes does not
            bot(tmp_path / "out", given).run(folder)
    without = [one for one in (tmp_path / "out").glob("filed/*/*") if not (one / "report.dcm").exists()]
    assert sum("SIGABRT" in (one / "report.html").read_text() for one in without) == 1
