"""Other names for everything that names someone: the same for the same salt, unguessable without it.

All are HMAC-SHA-256 (RFC 2104) under the salt: whoever knows the salt can try out UIDs and numbers, so it is
never written beside what was made with it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

SHORTEST_SALT = 16
_LONGEST_SHIFT_DAYS = 3650


class BadSalt(ValueError):
    """A salt that cannot be read, or that could be guessed."""


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """What a salt makes of names; ``salt`` has at least 16 bytes and is never shown."""

    salt: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.salt) < SHORTEST_SALT:
            raise BadSalt(
                f"the salt has {len(self.salt)} bytes: give a file of at least {SHORTEST_SALT} random ones"
            )

    def digest(self, purpose: str, value: str | bytes) -> bytes:
        """32 bytes; different purposes share nothing."""
        content = value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
        return hmac.digest(self.salt, purpose.encode() + b"\0" + content, "sha256")

    def name(self, purpose: str, value: str | bytes) -> str:
        """16 hexadecimal digits."""
        return self.digest(purpose, value).hex()[:16]

    def uid(self, original: str) -> str:
        """A valid UID in place of one: ``2.25.`` and 128 bits (PS3.5, B.2)."""
        return f"2.25.{int.from_bytes(self.digest('uid', original.strip())[:16], 'big')}"

    def days(self, patient: str) -> int:
        """By how many days a patient's dates are moved into the past, 1 to 3650."""
        return 1 + int.from_bytes(self.digest("days", patient)[:8], "big") % _LONGEST_SHIFT_DAYS


def fresh() -> Pseudonyms:
    """Under a salt that nobody will know again: for one run."""
    return Pseudonyms(secrets.token_bytes(32))


def from_file(path: Path) -> Pseudonyms:
    """Under the salt in a file.

    Raises:
        BadSalt: it cannot be read, or is too short.
    """
    try:
        return Pseudonyms(path.read_bytes())
    except OSError as error:
        raise BadSalt(f"salt {path}: {error.strerror or error}: give a file that can be read") from None


def own_file() -> Path:
    """Where this person's own salt is kept: her configuration folder, which no command writes results to."""
    configured = os.environ.get("XDG_CONFIG_HOME")
    return (Path(configured) if configured else Path.home() / ".config") / "simgrid-telerad" / "salt"


def own(path: Path) -> Pseudonyms:
    """Under the salt in ``path``, which is made, readable by its owner only, where there is none.

    Raises:
        BadSalt: it cannot be read, made, or is too short.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with suppress(FileExistsError):
            made = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
            with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(secrets.token_bytes(32))
            try:
                os.link(made, path)  # unlike a rename, leaves a salt that is there
            finally:
                made.unlink()
    except OSError as error:
        raise BadSalt(f"salt {path}: {error.strerror or error}: name another file with --salt") from None
    return from_file(path)


def uid_from(purpose: str, *names: str) -> str:
    """A UID that anyone can make again from what it is made of; it hides nothing."""
    content = "\0".join((purpose, *names)).encode()
    return f"2.25.{int.from_bytes(hashlib.sha256(content).digest()[:16], 'big')}"
