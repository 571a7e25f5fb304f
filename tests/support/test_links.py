"""The standing link: made and sent, opened without a trace, dead when it must be, renewed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from matchsvc.accounts.models import Role
from matchsvc.errors import NotFound, Refused, RuleViolation
from matchsvc.messages.models import MessageState, OutboxMessage, SignedLink
from matchsvc.participants import protection
from matchsvc.placements.models import PackagePart, Part, PartState
from matchsvc.support import links
from matchsvc.support.links import Standing
from matchsvc.support.models import SupportLink
from tests.factories import TODAY
from tests.placements.factories import NOW, URL
from tests.support.conftest import CLOCK


def stands(session, token, now=NOW):
    return links.open_link(session, token, now=now) is not None


def letters(session, kind="support_link"):
    found = select(OutboxMessage).where(OutboxMessage.kind == kind)
    return session.scalars(found.order_by(OutboxMessage.created_at, OutboxMessage.id)).all()


def test_each_contact_has_a_link_of_her_own(session, there, link):
    first, second = link(), link(there.olle)
    assert first != second
    assert stands(session, first)
    assert links.open_link(session, second, now=NOW).contact.id == there.olle.id


def test_the_address_fits_a_text_message_and_holds_128_bits(session, token):
    assert len(f"{URL}/l/{token}") <= links.ADDRESS_LONGEST
    assert len(token) == 22  # 16 bytes
    row = session.scalar(select(SignedLink))
    assert token not in {str(getattr(row, column.key)) for column in row.__table__.columns}


def test_the_letter_names_nobody_and_goes_to_the_registered_address(session, there, token):
    (sent,) = letters(session)
    assert sent.recipient == "petra@example.org"
    assert f"{URL}/l/{token}" in sent.body
    for word in ("Samira", "Haddad", there.participant.alias):
        assert word not in sent.body + sent.subject


def test_the_first_link_does_the_parts_that_its_page_holds(session, there, token):
    parts = {
        row.part: row.state
        for row in session.scalars(
            select(PackagePart).where(PackagePart.placement_id == there.placement.id)
        )
    }
    done = {part for part, state in parts.items() if state is PartState.DONE}
    assert done == {Part.QUESTIONS, Part.KEY_CONTACTS, Part.FOLLOW_UP_SCHEDULE}


def test_a_new_link_stops_the_old_one_and_its_letter(session, link):
    old, new = link(), link()
    assert not stands(session, old)
    assert stands(session, new)
    assert [m.state for m in letters(session)].count(MessageState.CANCELLED) == 1


def test_it_lives_to_the_end_and_thirty_days_more(session, there, token):
    last = there.placement.planned_end_date + timedelta(days=30)
    days = (last - TODAY).days
    assert stands(session, token, NOW + timedelta(days=days))
    assert not stands(session, token, NOW + timedelta(days=days + 1))


def test_when_the_placement_ends_early_the_link_does_too(session, there, token):
    there.placement.end_date = TODAY
    session.flush()
    assert stands(session, token, NOW + timedelta(days=30))
    assert not stands(session, token, NOW + timedelta(days=31))


def test_a_placement_that_was_called_off_has_none(session, there, token):
    there.placement.called_off_on, there.placement.begun_on = TODAY, None
    session.flush()
    assert not stands(session, token)


def test_staff_stop_one_contacts_link_and_not_the_others(session, there, link):
    petra, olle = link(), link(there.olle)
    row = links.open_link(session, petra, now=NOW).row
    links.revoke(session, there.maja, there.placement.id, row.id, **CLOCK)
    links.revoke(session, there.maja, there.placement.id, row.id, **CLOCK)  # again is nothing
    assert not stands(session, petra)
    assert stands(session, olle)
    assert not links.renew(session, petra, base_url=URL, now=NOW)


@pytest.mark.parametrize("change", ["inactive", "other_employer"])
def test_when_the_contact_leaves_the_link_leads_nowhere(session, make, there, token, change):
    if change == "inactive":
        there.contact.is_active = False
    else:
        there.contact.employer_id = make.employer().id
    session.flush()
    assert not stands(session, token)
    assert not links.renew(session, token, base_url=URL, now=NOW)


def test_protection_ends_every_link_at_once_and_lifting_brings_none_back(session, there, link):
    tokens = [link(), link(there.olle)]
    protection.protect(session, there.actor, there.participant.id, today=TODAY)
    assert not any(stands(session, token) for token in tokens)
    session.expire_all()
    assert {each.state for each in letters(session)} == {MessageState.CANCELLED}
    assert not links.renew(session, tokens[0], base_url=URL, now=NOW)
    assert not links.renew_by_address(session, "petra@example.org", base_url=URL, now=NOW)
    with pytest.raises(RuleViolation) as refused:
        links.make_link(
            session, there.actor, there.placement.id, there.contact.id, base_url=URL, **CLOCK
        )
    assert refused.value.code == "protected"
    there.participant.protected = False
    session.flush()
    assert not any(stands(session, token) for token in tokens)


def test_whoever_is_protected_by_any_way_loses_the_links(session, there, token):
    there.participant.protected = True  # the mark alone is enough
    session.flush()
    assert not stands(session, token)


def test_renewing_sends_only_to_the_registered_address_and_stops_the_one_before(session, link):
    old, newer = link(), link()
    assert links.renew(session, old, base_url=URL, now=NOW)
    assert not stands(session, newer)
    sent = letters(session)[-1]
    assert sent.recipient == "petra@example.org"
    new = sent.body.split("/l/")[1].split()[0]
    assert stands(session, new)


def test_whoever_it_was_forwarded_to_cannot_take_a_link_that_works(session, token):
    assert not links.renew(session, token, base_url=URL, now=NOW)
    assert stands(session, token)


def test_a_link_that_has_grown_old_is_renewed_while_the_placement_goes_on(session, there, token):
    there.placement.planned_end_date = None
    session.flush()
    later = NOW + links.LONGEST + timedelta(days=1)
    assert not stands(session, token, later)
    assert links.renew(session, token, base_url=URL, now=later)


def test_an_unknown_token_and_an_unknown_address_renew_nothing(session, token):
    assert not links.renew(session, "x" * 22, base_url=URL, now=NOW)
    assert not links.renew_by_address(session, "nobody@example.org", base_url=URL, now=NOW)
    assert len(letters(session)) == 1


def test_a_lost_link_is_sent_by_address(session, there, link):
    link(), link(there.olle)
    assert links.renew_by_address(session, " OLLE@example.org ", base_url=URL, now=NOW) == 1
    assert letters(session)[-1].recipient == "olle@example.org"


def test_not_more_than_a_few_links_a_day(session, link):
    old, _newer = link(), link()
    renewed = [links.renew(session, old, base_url=URL, now=NOW) for _ in range(3)]
    assert renewed == [True, False, False]
    assert session.scalar(select(func.count()).select_from(SupportLink)) == 3


def test_who_does_not_look_after_employers_makes_none(session, make, there):
    auditor = make.actor(Role.AUDITOR)
    elsewhere = make.actor(Role.EMPLOYER_LIAISON, unit=make.unit(name="Grannkommunen"))
    for actor, refusal in ((auditor, Refused), (elsewhere, NotFound)):
        with pytest.raises(refusal):
            links.make_link(
                session, actor, there.placement.id, there.contact.id, base_url=URL, **CLOCK
            )
    stranger = make.contact(make.employer())
    with pytest.raises(NotFound):
        links.make_link(session, there.maja, there.placement.id, stranger.id, base_url=URL, **CLOCK)


def test_a_link_cannot_be_made_when_all_is_over(session, there):
    there.placement.end_date = TODAY
    session.flush()
    later = {"today": TODAY + timedelta(days=31), "now": NOW + timedelta(days=31)}
    with pytest.raises(RuleViolation):
        links.make_link(
            session, there.maja, there.placement.id, there.contact.id, base_url=URL, **later
        )


def test_the_list_says_how_each_link_stands(session, there, token, visitor):
    session.commit()
    visitor.get(f"/l/{token}")
    seen = links.open_link(session, token, now=NOW).seen
    listed = links.list_links(session, there.maja, seen, **CLOCK)
    by_name = {each.contact.name: each for each in listed}
    assert by_name["Petra Holm"].standing is Standing.LIVE
    assert by_name["Petra Holm"].last_opened - NOW < timedelta(minutes=5)
    assert by_name["Olle Berg"].standing is Standing.NONE
