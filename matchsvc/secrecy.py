"""Encryption of identity numbers and the like: AES-GCM with key ids, and a blind index.

A stored value reads ``v1.<key id>.<nonce+ciphertext, base64>``. The purpose (table and column)
is authenticated with it, so a value copied into another column does not open. Keys are given
newest first; older ones still open what they sealed, so keys can be rotated without downtime.
The blind index (a keyed hash) answers "is this number known?" without decrypting anything.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_NONCE_BYTES = 12
_VERSION = "v1"
#: How everything sealed begins.
SEALED = f"{_VERSION}."


class SecrecyError(Exception):
    """A key is missing or malformed, or a stored value was tampered with."""


@dataclass(frozen=True)
class KeyRing:
    """Keys by id, newest first, and the key of the blind index.

    The blind index uses the key called ``index`` when there is one, else the last listed: the
    index must not change when a new key is put in front.
    """

    keys: dict[str, bytes] = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> KeyRing:
        """Read ``id:base64,id:base64`` (32 bytes each), newest first.

        Raises:
            SecrecyError: saying which entry is wrong, never what it holds.
        """
        keys: dict[str, bytes] = {}
        for number, part in enumerate(filter(None, text.split(",")), start=1):
            key_id, _, encoded = part.strip().partition(":")
            try:
                key = base64.b64decode(encoded, validate=True)
            except (binascii.Error, ValueError):
                key = b""
            if not key_id.isalnum() or len(key) != KEY_BYTES or key_id in keys:
                raise SecrecyError(f"key {number} must read id:base64 of {KEY_BYTES} bytes")
            keys[key_id] = key
        if not keys:
            raise SecrecyError("no keys given")
        return cls(keys)

    @property
    def current(self) -> str:
        """Id of the key that seals new values."""
        return next(key_id for key_id in self.keys if key_id != "index")

    @property
    def index_id(self) -> str:
        """Id of the key that the blind index is made with."""
        return "index" if "index" in self.keys else list(self.keys)[-1]

    @property
    def index_key(self) -> bytes:
        """Key of the blind index."""
        return hmac.new(self.keys[self.index_id], b"matchsvc blind index", hashlib.sha256).digest()


_ring: list[KeyRing] = []


def use(ring: KeyRing) -> None:
    """Use these keys from now on. Called once by each process."""
    _ring[:] = [ring]


def _keys() -> KeyRing:
    if not _ring:
        raise SecrecyError("no encryption keys are loaded")
    return _ring[0]


def key_ids() -> list[str]:
    """Ids of the keys in use, that which seals first."""
    ring = _keys()
    return [ring.current, *(key_id for key_id in ring.keys if key_id != ring.current)]


def looks_sealed(value: str) -> bool:
    """Whether a text begins as everything does that :func:`encrypt` made."""
    return value.startswith(SEALED)


def prefix_of(key_id: str) -> str:
    """What every value begins with that was sealed with a key."""
    return f"{_VERSION}.{key_id}."


def encrypt(value: str, purpose: str) -> str:
    """Seal a text for one purpose (``table.column``)."""
    ring = _keys()
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(ring.keys[ring.current]).encrypt(nonce, value.encode(), purpose.encode())
    return f"{_VERSION}.{ring.current}.{base64.b64encode(nonce + sealed).decode()}"


def decrypt(value: str, purpose: str) -> str:
    """Open a sealed text.

    Raises:
        SecrecyError: the key is not known, or the value was changed or moved.
    """
    version, _, rest = value.partition(".")
    key_id, _, encoded = rest.partition(".")
    if version != _VERSION or key_id not in _keys().keys:
        raise SecrecyError(f"sealed with unknown key {key_id!r}")
    raw = base64.b64decode(encoded)
    try:
        opened = AESGCM(_keys().keys[key_id]).decrypt(
            raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], purpose.encode()
        )
    except InvalidTag as tampered:
        raise SecrecyError("a sealed value does not open: changed or moved") from tampered
    return opened.decode()


def encrypt_bytes(value: bytes, purpose: str) -> bytes:
    """Seal bytes for one purpose: as :func:`encrypt`, without base64, which would add a third."""
    ring = _keys()
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(ring.keys[ring.current]).encrypt(nonce, value, purpose.encode())
    return f"{_VERSION}.{ring.current}.".encode() + nonce + sealed


def decrypt_bytes(value: bytes, purpose: str) -> bytes:
    """Open sealed bytes.

    Raises:
        SecrecyError: the key is not known, or the value was changed or moved.
    """
    version, _, rest = value.partition(b".")
    key_id, _, raw = rest.partition(b".")
    key = _keys().keys.get(key_id.decode(errors="replace"))
    if version.decode(errors="replace") != _VERSION or key is None:
        raise SecrecyError("sealed with an unknown key")
    try:
        return AESGCM(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], purpose.encode())
    except InvalidTag as tampered:
        raise SecrecyError("sealed bytes do not open: changed or moved") from tampered


def blind_index(value: str, purpose: str) -> str:
    """A keyed hash of an already normalised value: equal values, equal index. 64 hex digits."""
    message = purpose.encode() + b"\0" + value.encode()
    return hmac.new(_keys().index_key, message, hashlib.sha256).hexdigest()


def hash_token(token: str) -> str:
    """Hash a random token (at least 128 bits) for storage. Needs no salt: it can't be guessed."""
    return hashlib.sha256(token.encode()).hexdigest()
