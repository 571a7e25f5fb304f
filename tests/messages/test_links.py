"""Signed links: one purpose, hashed, revocable, dead when they should be."""

from __future__ import annotations

import base64
import threading
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, select

from matchsvc import db
from matchsvc.accounts import rules as accounts
from matchsvc.errors import RuleViolation
from matchsvc.messages.links import (
    LinkState,
    create_link,
    find_link,
    find_link_session,
    find_live_link,
    link_state,
    mark_answered,
    revoke_link,
    start_link_session,
)
from matchsvc.messages.models import LinkKind, LinkSession, MessageState, SignedLink
from matchsvc.messages.outbox import queue_message

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
END = NOW + timedelta(days=21)


@pytest.fixture
def made(session, make):
    def create(kind=LinkKind.ANSWER, expires_at=END):
        return create_link(
            session,
            kind=kind,
            purpose="employer_survey",
            subject_id=uuid4(),
            unit_id=make.unit().id,
            expires_at=expires_at,
        )

    return create


def test_a_link_is_found_by_its_token_and_only_by_that(session, made):
    token, link = made()

    assert find_live_link(session, token, NOW) is link
    assert find_live_link(session, token[:-1], NOW) is None
    assert find_live_link(session, "", NOW) is None
    assert find_live_link(session, link.token_hash, NOW) is None


def test_a_token_is_at_least_128_random_bits_and_is_stored_hashed(session, made):
    tokens = {made()[0] for _ in range(20)}
    stored = set(session.scalars(select(SignedLink.token_hash)))

    assert len(tokens) == 20
    assert all(len(base64.urlsafe_b64decode(token + "==")) >= 16 for token in tokens)
    assert tokens.isdisjoint(stored)


def test_a_link_dies_at_its_instant(session, made):
    token, link = made()

    assert find_live_link(session, token, END - timedelta(seconds=1)) is link
    assert find_live_link(session, token, END) is None
    assert link_state(link, END) is LinkState.EXPIRED
    with pytest.raises(RuleViolation):
        start_link_session(session, link, END)


def test_a_session_lasts_thirty_minutes_and_the_link_can_start_new_ones(session, made):
    token, link = made()
    first = start_link_session(session, link, NOW)

    found = find_link_session(session, first, NOW + timedelta(minutes=29, seconds=59))
    assert found is not None
    assert found.link is link
    assert find_link_session(session, first, NOW + timedelta(minutes=30)) is None
    second = start_link_session(session, link, NOW + timedelta(minutes=31))
    assert find_link_session(session, second, NOW + timedelta(minutes=32)) is not None
    assert find_link_session(session, token, NOW) is None  # the link's token is not a session's


def test_a_session_never_outlives_its_link(session, made):
    _, link = made()
    token = start_link_session(session, link, END - timedelta(minutes=5))

    assert find_link_session(session, token, END - timedelta(minutes=1)) is not None
    assert find_link_session(session, token, END) is None


def test_an_answered_link_is_dead_with_its_sessions_and_says_why(session, made):
    token, link = made()
    answering = start_link_session(session, link, NOW)

    mark_answered(session, link, NOW)

    assert find_live_link(session, token, NOW) is None
    assert find_link_session(session, answering, NOW) is None
    assert link_state(find_link(session, token), NOW) is LinkState.ANSWERED


def test_a_standing_link_lives_on_after_an_answer(session, made):
    token, link = made(kind=LinkKind.STANDING)

    mark_answered(session, link, NOW)

    assert find_live_link(session, token, NOW) is link


def test_a_second_answer_is_refused(session, made):
    _, link = made()
    mark_answered(session, link, NOW)

    with pytest.raises(RuleViolation) as refusal:
        mark_answered(session, link, NOW)

    assert refusal.value.code == "link_dead"


@pytest.mark.parametrize("way", ["revoked", "expired"])
def test_a_dead_link_takes_no_answer(session, made, way):
    _, link = made()
    if way == "revoked":
        revoke_link(session, link, NOW)

    with pytest.raises(RuleViolation):
        mark_answered(session, link, NOW if way == "revoked" else END)


def test_revoking_ends_sessions_and_takes_back_messages_not_yet_sent(session, make, made):
    token, link = made()
    answering = start_link_session(session, link, NOW)
    message = queue_message(
        session,
        unit_id=make.unit().id,
        kind="employer_survey",
        recipient="petra@example.org",
        subject="Enkät",
        body=f"https://example.org/l/{token}",
        link_id=link.id,
    )

    revoke_link(session, link, NOW)
    session.refresh(message)

    assert find_live_link(session, token, NOW) is None
    assert find_link_session(session, answering, NOW) is None
    assert link_state(link, NOW) is LinkState.REVOKED
    assert (message.state, message.body) == (MessageState.CANCELLED, None)


def test_of_two_answers_at_once_one_is_refused(engine):
    db.bind(engine)
    with db.begin() as session:
        unit_id = accounts.ensure_default_unit(session).id
        _, link = create_link(
            session,
            kind=LinkKind.ANSWER,
            purpose="employer_survey",
            subject_id=uuid4(),
            unit_id=unit_id,
            expires_at=END,
        )
    barrier, results = threading.Barrier(2), []

    def answer():
        barrier.wait()
        try:
            with db.begin() as session:
                mark_answered(session, session.get(SignedLink, link.id), NOW)
            results.append("taken")
        except RuleViolation:
            results.append("refused")

    threads = [threading.Thread(target=answer) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with db.begin() as session:
        session.execute(delete(LinkSession))
        session.execute(delete(SignedLink))

    assert sorted(results) == ["refused", "taken"]
