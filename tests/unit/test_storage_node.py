"""Images come in over the network, reports go back, and nobody from elsewhere gets in unasked."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pynetdicom import AE, evt
from pynetdicom.sop_class import CTImageStorage, EnhancedSRStorage  # type: ignore[attr-defined]

from simgrid.dicom.storage_node import NotHere, Peer, Received, listening, peer, send
from simgrid.quality.bot.audit import verify
from simgrid.quality.bot.machine import bot
from simgrid.quality.bot.replies import reply, spool
from simgrid.quality.bot.writing import held, write
from tests.bots import SALT, tools


def ct() -> Dataset:
    return pydicom.dcmread(str(get_testdata_file("CT_small.dcm")))


def deliver(port: int, called: str = "SIMGRID") -> int | None:
    """Send a CT; the status, None if we are not let in."""
    caller = AE("SCANNER")
    caller.add_requested_context(CTImageStorage)
    association = caller.associate("127.0.0.1", port, ae_title=called)
    if not association.is_established:
        return None
    status = association.send_c_store(ct())
    association.release()
    return int(status.Status)


@contextmanager
def scanner(takes: bool = True) -> Iterator[tuple[int, list[Dataset]]]:
    """A scanner's own node, which takes reports or refuses them."""
    got: list[Dataset] = []

    def stored(event: evt.Event) -> int:
        got.append(event.dataset)
        return 0

    node = AE("SCANNER")
    node.add_supported_context(EnhancedSRStorage if takes else CTImageStorage)
    server = node.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, stored)])
    assert server is not None
    yield server.server_address[1], got
    server.shutdown()


def test_what_comes_in_is_a_file_before_it_is_acknowledged(tmp_path: Path) -> None:
    got: list[Received] = []
    with listening(got.append, 0) as port:
        assert deliver(port) == 0x0000
        assert deliver(port, called="SOMEONE") is None
    (one,) = got
    assert one.sender == "SCANNER"
    assert pydicom.dcmread(io.BytesIO(one.content)).PixelData == ct().PixelData


def test_a_full_disk_is_said_to_the_sender() -> None:
    def full(_: Received) -> None:
        raise OSError(28, "No space left on device")

    with listening(full, 0) as port:
        assert deliver(port) == 0xA700


@pytest.mark.parametrize("address", ["0.0.0.0", "192.0.2.7", "::"])  # noqa: S104
def test_other_addresses_are_refused_unless_asked_for(address: str) -> None:
    with pytest.raises(NotHere, match="--remote"), listening(print, 0, address):
        pass


def test_a_port_that_is_taken_is_named() -> None:
    with listening(print, 0) as port, pytest.raises(NotHere, match=str(port)), listening(print, port):
        pass


@pytest.mark.parametrize("text", ["", "A", "A=b", "A=:1", "A=b:c", "A B=c:1", "A/..=c:1"])
def test_a_peer_is_title_host_port(text: str) -> None:
    with pytest.raises(NotHere, match="TITLE=HOST:PORT"):
        peer(text)
    assert peer("A=h:1") == ("A", Peer("h", 1))


@pytest.mark.parametrize(("takes", "said"), [(True, "taken"), (False, "refused")])
def test_the_report_goes_back_once_with_the_senders_own_patient(
    takes: bool, said: str, tmp_path: Path
) -> None:
    folder, output = tmp_path / "in", tmp_path / "out"

    def store(one: Received) -> None:
        write(spool(folder, one.sender, SALT.name("received", one.instance)), one.content)

    with listening(store, 0) as port:
        assert deliver(port) == 0
    with scanner(takes) as (back, got), held(output):
        for _ in range(2):
            worker = bot(output, tools())
            done = worker.run(folder)
            reply(
                worker,
                folder,
                done.found,
                lambda report, title: send(report, title, {"SCANNER": Peer("127.0.0.1", back)}),
            )
    assert len(got) == (1 if takes else 0)
    lines = [one for one in verify((output / "audit.jsonl").read_bytes()).entries if one.step == "replied"]
    assert [one.told["reply"] for one in lines] == [said]
    if takes:
        assert got[0].PatientID == ct().PatientID
        assert got[0].CurrentRequestedProcedureEvidenceSequence[0].StudyInstanceUID == ct().StudyInstanceUID
    assert str(ct().PatientID).encode() not in b"".join(
        p.read_bytes() for p in output.rglob("*") if p.is_file()
    )


def test_nobody_there_is_tried_again(tmp_path: Path) -> None:
    content = Path(str(get_testdata_file("CT_small.dcm"))).read_bytes()
    write(spool(tmp_path / "in", "SCANNER", "a"), content)
    with held(tmp_path / "out"):
        worker = bot(tmp_path / "out", tools())
        done = worker.run(tmp_path / "in")
        assert reply(worker, tmp_path / "in", done.found, lambda _, __: None) == 0
        assert reply(worker, tmp_path / "in", done.found, lambda _, __: True) == 1
        assert reply(worker, tmp_path / "in", done.found, lambda _, __: True) == 0
    assert threading.active_count() < 20
