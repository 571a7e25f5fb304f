"""What the database file holds of a protected person: her name is sealed, her contacts are gone."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import String, select, text, type_coerce

from matchsvc import db
from matchsvc.accounts import rules as accounts
from matchsvc.participants import protection
from matchsvc.participants.models import Participant
from matchsvc.secrecy import hash_token
from matchsvc.swedish import sort_key
from tests.factories import TODAY, Make, identity_number

GIVEN, FAMILY = "Qvixandra", "Zöfränkel"
PHONE, MAIL, NUMBER = "0709171923", "qvixandra@example.org", identity_number(number=11)
WRITTEN = (GIVEN, FAMILY, FAMILY.lower(), "qvixandra", PHONE[1:], MAIL, NUMBER, NUMBER[2:])


def raw_names(session, person):
    stored = (
        type_coerce(name, String) for name in (Participant.given_name, Participant.family_name)
    )
    return session.execute(select(*stored).where(Participant.id == person.id)).one()


@pytest.fixture
def maja(make):
    return make.user(name="Maja")


@pytest.fixture
def her(make, maja):
    return make.participant(maja, given_name=GIVEN, family_name=FAMILY, phone=PHONE, email=MAIL)


def protect(session, user, person):
    actor = accounts.actor_of(session, user.id)
    return protection.protect(session, actor, person.id, today=TODAY)


def test_a_name_is_sealed_with_the_mark_and_opened_when_it_is_lifted(session, make, maja, her):
    assert tuple(raw_names(session, her)) == (GIVEN, FAMILY)
    protect(session, maja, her)
    assert all(name.startswith("v1.") for name in raw_names(session, her))
    session.expire_all()
    assert her.full_name == f"{GIVEN} {FAMILY}"
    assert her.sort_key == sort_key(her.alias)

    other = make.user(name="Karim")
    first, second = (accounts.actor_of(session, user.id) for user in (maja, other))
    protection.add_handler(session, first, her.id, other.id, today=TODAY)
    protection.ask_to_lift(session, first, her.id, today=TODAY)
    protection.confirm_lift(session, second, her.id, today=TODAY)
    assert tuple(raw_names(session, her)) == (GIVEN, FAMILY)
    assert her.sort_key == sort_key(f"{FAMILY} {GIVEN}")


def test_whoever_writes_a_protected_name_seals_it(session, maja, her):
    protect(session, maja, her)
    her.family_name, her.sort_key = "Nyström", sort_key("Nyström")
    session.flush()
    assert raw_names(session, her)[1].startswith("v1.")
    assert her.sort_key == sort_key(her.alias)
    session.expire_all()
    assert her.family_name == "Nyström"


def test_a_name_that_looks_sealed_is_kept_as_a_name(session, make):
    strange = make.participant(family_name="v1.dev.x")
    session.expire_all()
    assert strange.family_name == "v1.dev.x"


def test_names_from_before_are_sealed_by_the_job(session, maja, her):
    protect(session, maja, her)
    session.flush()
    session.execute(
        text(
            "update participant set given_name = 'Qvixandra', family_name = null where number = :n"
        ),
        {"n": her.number},
    )
    session.expire_all()
    assert protection.seal_names(session) == 1
    assert raw_names(session, her)[0].startswith("v1.")
    assert protection.seal_names(session) == 0


@pytest.mark.sqlite_only
def test_the_file_holds_nothing_to_know_a_protected_person_by(fresh_url, engine):
    path = Path(fresh_url.removeprefix("sqlite:///"))

    def found():
        own.dispose()  # the last one out writes everything into the one file
        content = path.read_bytes().lower()
        return [each for each in WRITTEN if each.lower().encode() in content]

    own = db.connect(fresh_url)
    try:
        with db.begin() as session:
            make = Make(session)
            maja = make.user(role="case_worker")
            her = make.participant(
                maja, given_name=GIVEN, family_name=FAMILY, phone=PHONE, email=MAIL,
                personal_id=NUMBER, personal_id_index=hash_token(NUMBER),
            )  # fmt: skip
            key, user_id = her.id, maja.id
        assert {GIVEN, FAMILY, PHONE[1:], MAIL} <= set(found())
        with db.begin() as session:
            protection.protect(session, accounts.actor_of(session, user_id), key, today=TODAY)
        assert found() == []
        with db.read() as session:
            assert session.get(Participant, key).full_name == f"{GIVEN} {FAMILY}"
    finally:
        own.dispose()
        db.bind(engine)
