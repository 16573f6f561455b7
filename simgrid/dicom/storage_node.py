"""A DICOM storage node: takes images by C-STORE, and sends reports back to whoever may have them (PS3.4, B).

It has no encryption and believes the title that a caller gives itself: so it listens at the loopback address,
and elsewhere only if that is asked for in so many words.
"""

from __future__ import annotations

import io
import ipaddress
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from pydicom import dcmread
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom import AE, AllStoragePresentationContexts, evt
from pynetdicom.events import Event
from pynetdicom.presentation import build_context
from pynetdicom.transport import ThreadedAssociationServer

for _name in ("pydicom", "pynetdicom"):  # their warnings repeat values of the file
    logging.getLogger(_name).addHandler(logging.NullHandler())

TITLE = "SIMGRID"
LARGEST_BYTES = 1 << 31
_SUCCESS, _NO_ROOM, _NOT_UNDERSTOOD = 0x0000, 0xA700, 0xC000
_TIMEOUT_S = 10.0
_MOST_ASSOCIATIONS = 8
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]")
_TRANSFER_SYNTAXES = (
    "1.2.840.10008.1.2",
    "1.2.840.10008.1.2.1",
    "1.2.840.10008.1.2.2",
    "1.2.840.10008.1.2.1.99",
    "1.2.840.10008.1.2.4.50",
    "1.2.840.10008.1.2.4.51",
    "1.2.840.10008.1.2.4.57",
    "1.2.840.10008.1.2.4.70",
    "1.2.840.10008.1.2.4.80",
    "1.2.840.10008.1.2.4.81",
    "1.2.840.10008.1.2.4.90",
    "1.2.840.10008.1.2.4.91",
    "1.2.840.10008.1.2.5",
)


class NotHere(ValueError):
    """An address or a port at which the node will not, or cannot, listen."""


@dataclass(frozen=True, slots=True)
class Received:
    """One image as a whole DICOM file. ``sender``: the title it gives itself, safe as a folder's name."""

    sender: str
    instance: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Peer:
    """Where a caller listens for what is sent back."""

    host: str
    port: int


def peer(text: str) -> tuple[str, Peer]:
    """``TITLE=HOST:PORT`` taken apart.

    Raises:
        NotHere: it has another form.
    """
    title, _, address = text.partition("=")
    host, _, port = address.rpartition(":")
    if not title or len(title) > 16 or _UNSAFE.search(title) or not host or not port.isdigit():
        raise NotHere(f"'{text}': write TITLE=HOST:PORT, as in CTSCANNER=127.0.0.1:11113")
    return title, Peer(host, int(port))


@contextmanager
def listening(
    store: Callable[[Received], None],
    port: int,
    address: str = "127.0.0.1",
    *,
    remote: bool = False,
    senders: Sequence[str] = (),
) -> Iterator[int]:
    """Listen while the block lasts, in threads of its own; gives the port.

    An image is acknowledged when ``store`` has returned: from then on it must not be lost. ``senders``: the
    only titles that are let in, all if empty.

    Raises:
        NotHere: the address is not loopback and ``remote`` does not ask for it; or the port is taken.
    """
    if not remote and not _is_loopback(address):
        raise NotHere(
            f"{address}: the node has no encryption and listens on this machine only: "
            "if the network there is trusted, say --remote"
        )
    node = AE(TITLE)
    for context in AllStoragePresentationContexts:
        node.add_supported_context(context.abstract_syntax or "", list(_TRANSFER_SYNTAXES))
    node.add_supported_context("1.2.840.10008.1.1")  # verification
    node.require_called_aet = True
    node.require_calling_aet = list(senders)
    node.maximum_associations = _MOST_ASSOCIATIONS
    node.network_timeout = node.acse_timeout = node.dimse_timeout = _TIMEOUT_S
    try:
        server = node.start_server(
            (address, port), block=False, evt_handlers=[(evt.EVT_C_STORE, _stored, [store])]
        )
    except OSError as error:
        raise NotHere(f"{address}:{port}: {error.strerror or error}: give another port") from None
    if server is None:
        raise NotHere(f"{address}:{port}: nothing can listen there")
    try:
        yield _port(server)
    finally:
        server.shutdown()


def send(report: bytes, title: str, peers: Mapping[str, Peer]) -> bool | None:
    """Send a DICOM file to the node of this title; None if it cannot be reached, False if it refuses.

    The same file may be sent twice, if nobody heard the first answer: it has the same SOPInstanceUID.
    """
    if title not in peers:
        return False
    dataset = dcmread(io.BytesIO(report))
    caller = AE(TITLE)
    caller.network_timeout = caller.acse_timeout = caller.dimse_timeout = _TIMEOUT_S
    contexts = [build_context(dataset.SOPClassUID, ExplicitVRLittleEndian)]
    to = peers[title]
    association = caller.associate(to.host, to.port, contexts=contexts, ae_title=title)
    if not association.is_established:
        return None if not association.is_rejected and not association.is_aborted else False
    try:
        status = association.send_c_store(dataset)
    except ValueError:  # the peer takes no such reports
        return False
    finally:
        association.release()
    if "Status" not in status:
        return None
    return bool(status.Status == _SUCCESS or status.Status & 0xF000 == 0xB000)


def _stored(event: Event, store: Callable[[Received], None]) -> int:
    try:
        content = event.encoded_dataset()
        if len(content) > LARGEST_BYTES:
            return _NO_ROOM
        sender = _UNSAFE.sub("_", str(event.assoc.requestor.ae_title).strip()) or "unnamed"
        store(Received(sender, str(event.request.AffectedSOPInstanceUID), content))
    except OSError:
        return _NO_ROOM
    except Exception:  # whatever a stranger's bytes do to the parser
        return _NOT_UNDERSTOOD
    return _SUCCESS


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def _port(server: ThreadedAssociationServer) -> int:
    port: int = server.server_address[1]
    return port
