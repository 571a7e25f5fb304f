"""A file sealed as a stream: what was cut off, moved, changed or made by others does not open.

Each file has a key of its own, derived from a key with an id, and is sealed in pieces of 64 kB
with AES-256-GCM. A piece knows its number and whether it is the last (the STREAM construction of
Hoang, Reyhanitabar, Rogaway and Vizár, 2015), and the head of the file is authenticated with
every piece. So nothing larger than a piece is held in memory, and nothing is handed on unopened.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from matchsvc.errors import N_, RuleViolation
from matchsvc.secrecy import KEY_BYTES, KeyRing

MAGIC = b"matchsvc backup 1\n"
PIECE = 65_536  # bytes of content in a piece
_TAG = 16
_LENGTH = 4
_HEAD_LONGEST = 500


class Damaged(RuleViolation):
    """A file is not whole, not ours, or sealed with a key that we do not have."""


def _not_whole() -> Damaged:
    return Damaged(
        "backup_damaged",
        N_("Filen är inte hel: något är avklippt, flyttat eller ändrat. Ta en annan kopia."),
    )


def _not_ours() -> Damaged:
    return Damaged("backup_foreign", N_("Filen är ingen säkerhetskopia från den här tjänsten."))


class SealedWriter:
    """Takes bytes and writes them sealed.

    Args:
        file: open for writing bytes.
        ring: the current key of it is used.
    """

    def __init__(self, file: BinaryIO, ring: KeyRing) -> None:
        salt = os.urandom(KEY_BYTES)
        head = json.dumps({"key": ring.current, "salt": salt.hex()}).encode() + b"\n"
        self._file = file
        self._head = MAGIC + head
        self._cipher = _cipher(ring.keys[ring.current], salt)
        self._number = 0
        self._waiting = bytearray()
        file.write(self._head)

    def write(self, content: bytes) -> None:
        """Seal what fills whole pieces; the rest waits for more."""
        self._waiting += content
        while len(self._waiting) > PIECE:  # one byte at least is left for the last piece
            self._seal(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]

    def finish(self) -> None:
        """Seal the last piece, without which the file does not open."""
        self._seal(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _seal(self, content: bytes, *, last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._number, last=last), content, self._head)
        self._file.write(len(sealed).to_bytes(_LENGTH, "big") + sealed)
        self._number += 1


def opened(file: BinaryIO, ring: KeyRing) -> Iterator[bytes]:
    """The content of a sealed file, piece by piece, each of them authentic.

    Args:
        file: open for reading bytes, at its beginning.
        ring: the keys; the file names the one that it needs.

    Raises:
        Damaged: what was read is not what was written. Pieces already given were authentic, but
            only the end tells that all are there: read to the end before anything is believed.
    """
    head, key_id, salt = _read_head(file)
    if key_id not in ring.keys:
        raise Damaged(
            "backup_key",
            N_("Filen är förseglad med nyckeln %(key)s. Lägg till den i BACKUP_KEYS."),
            values={"key": key_id},
        )
    cipher = _cipher(ring.keys[key_id], salt)
    length, number = file.read(_LENGTH), 0
    while True:
        size = int.from_bytes(length, "big")
        if len(length) != _LENGTH or not _TAG <= size <= PIECE + _TAG:
            raise _not_whole()
        sealed = file.read(size)
        length = file.read(_LENGTH)
        try:
            yield cipher.decrypt(_nonce(number, last=not length), sealed, head)
        except (InvalidTag, ValueError) as changed:
            raise _not_whole() from changed
        if not length:
            return
        number += 1


def _read_head(file: BinaryIO) -> tuple[bytes, str, bytes]:
    if file.read(len(MAGIC)) != MAGIC:
        raise _not_ours()
    line = file.readline(_HEAD_LONGEST)
    try:
        told = json.loads(line)
        return MAGIC + line, str(told["key"]), bytes.fromhex(told["salt"])
    except (ValueError, TypeError, KeyError) as unreadable:
        raise _not_whole() from unreadable


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    derive = HKDF(SHA256(), KEY_BYTES, salt, b"matchsvc backup")
    return AESGCM(derive.derive(key))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
