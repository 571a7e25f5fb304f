"""Secrets at rest: key ids, rotation, purposes, the blind index."""

from __future__ import annotations

import base64
import os

import pytest

from matchsvc import secrecy
from matchsvc.secrecy import KeyRing, SecrecyError


def key():
    return base64.b64encode(os.urandom(32)).decode()


@pytest.fixture(autouse=True)
def keep_the_ring():
    kept = list(secrecy._ring)
    yield
    secrecy._ring[:] = kept


def test_a_sealed_value_opens_and_names_its_key():
    secrecy.use(KeyRing.parse(f"k1:{key()}"))
    sealed = secrecy.encrypt("198503129994", "participant.personal_id")
    assert sealed.startswith("v1.k1.")
    assert "19850312" not in sealed
    assert secrecy.decrypt(sealed, "participant.personal_id") == "198503129994"


def test_a_value_moved_to_another_column_does_not_open():
    secrecy.use(KeyRing.parse(f"k1:{key()}"))
    sealed = secrecy.encrypt("x", "participant.personal_id")
    with pytest.raises(SecrecyError):
        secrecy.decrypt(sealed, "outbox_message.body")


def test_a_new_key_seals_and_the_old_one_still_opens():
    old = f"k1:{key()}"
    secrecy.use(KeyRing.parse(old))
    sealed = secrecy.encrypt("x", "p")
    index = secrecy.blind_index("x", "p")
    secrecy.use(KeyRing.parse(f"k2:{key()},{old}"))
    assert secrecy.decrypt(sealed, "p") == "x"
    assert secrecy.encrypt("y", "p").startswith("v1.k2.")
    assert secrecy.blind_index("x", "p") == index  # rotation must not lose anybody


def test_an_old_key_called_index_keeps_the_blind_index_and_seals_nothing():
    old = key()
    secrecy.use(KeyRing.parse(f"k1:{old}"))
    index = secrecy.blind_index("x", "p")
    secrecy.use(KeyRing.parse(f"k2:{key()},index:{old}"))
    assert secrecy.blind_index("x", "p") == index
    assert secrecy.key_ids() == ["k2", "index"]


def test_the_same_value_seals_differently_each_time():
    secrecy.use(KeyRing.parse(f"k1:{key()}"))
    assert secrecy.encrypt("x", "p") != secrecy.encrypt("x", "p")


@pytest.mark.parametrize("text", ["", "k1", "k1:abc", "k 1:" + "A" * 44, "k1:" + "A" * 40])
def test_malformed_keys_are_refused_without_repeating_them(text):
    with pytest.raises(SecrecyError) as refused:
        KeyRing.parse(text)
    assert "AAAA" not in str(refused.value)


def test_an_unknown_key_id_is_refused():
    secrecy.use(KeyRing.parse(f"k1:{key()}"))
    with pytest.raises(SecrecyError):
        secrecy.decrypt("v1.k9.AAAA", "p")


def test_sealed_bytes_open_for_their_purpose_alone_and_outlive_a_new_key():
    old = f"k1:{key()}"
    secrecy.use(KeyRing.parse(old))
    sealed = secrecy.encrypt_bytes(b"%PDF-1.7 x.y", "paper:1")
    assert sealed.startswith(b"v1.k1.")
    assert b"PDF" not in sealed
    secrecy.use(KeyRing.parse(f"k2:{key()},{old}"))
    assert secrecy.decrypt_bytes(sealed, "paper:1") == b"%PDF-1.7 x.y"
    with pytest.raises(SecrecyError):
        secrecy.decrypt_bytes(sealed, "paper:2")


@pytest.mark.parametrize("place", [0, 4, 10, 30, -1])
def test_sealed_bytes_that_were_changed_do_not_open(place):
    secrecy.use(KeyRing.parse(f"k1:{key()}"))
    sealed = bytearray(secrecy.encrypt_bytes(b"x" * 40, "p"))
    sealed[place] ^= 1
    with pytest.raises(SecrecyError):
        secrecy.decrypt_bytes(bytes(sealed), "p")
