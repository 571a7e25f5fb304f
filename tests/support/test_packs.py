"""The information pack: edited blocks, versions that never change, and the PDF."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from matchsvc.accounts.models import Role
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.placements.models import PackagePart, Part, PartState
from matchsvc.support import packs
from matchsvc.support.models import InfoPack
from matchsvc.support.packs import BlockInput, Piece
from matchsvc.support.starter import BLOCKS
from tests.factories import TODAY, identity_number

BLOCK = BlockInput("Parkering", "Bakom huset.", "Parking", "Behind the house.")


def information(session, there):
    found = select(PackagePart).where(
        PackagePart.placement_id == there.placement.id, PackagePart.part == Part.INFORMATION
    )
    return session.scalars(found).one()


@pytest.fixture
def published(session, there):
    packs.add_starter(session, there.maja)
    return packs.publish(session, there.maja, today=TODAY)


def test_the_starter_says_what_the_law_asks_and_promises_nothing_for_others(session, there):
    assert packs.add_starter(session, there.maja) == len(BLOCKS) >= 8
    assert packs.add_starter(session, there.maja) == 0
    text = " ".join(block["body_sv"] for block in BLOCKS)
    for word in (
        *("arbetsmiljölagen", "Introduktion", "Handledare", "tillbud", "diskrimineringslagen"),
        *("praktik", "Arbetsförmedlingen prövar och beslutar", "följer upp varje månad"),
    ):
        assert word in text


def test_what_was_published_stays_as_it_was(session, there, published):
    before = dict(published.content)
    (first, *_rest) = packs.list_blocks(session, there.maja)
    packs.save_block(session, there.maja, BLOCK, block_id=first.id, today=TODAY)
    session.expire_all()
    assert session.get(InfoPack, published.id).content == before
    second = packs.publish(session, there.maja, today=TODAY)
    assert (published.number, second.number) == (1, 2)
    assert second.content["en"][0]["title"] == "Parking"


def test_the_same_words_make_no_new_version(session, there, published):
    assert packs.publish(session, there.maja, today=TODAY).id == published.id


def test_a_placement_keeps_the_version_that_was_shared(session, there, published):
    packs.share(session, there.maja, there.placement.id, today=TODAY)
    packs.save_block(session, there.maja, BLOCK, today=TODAY)
    newer = packs.publish(session, there.maja, today=TODAY)
    assert packs.shared_pack(session, there.placement.id)[1].id == published.id
    packs.share(session, there.maja, there.placement.id, today=TODAY)
    assert packs.shared_pack(session, there.placement.id)[1].id == newer.id


def test_sharing_does_the_part_and_without_a_version_it_is_refused(session, there):
    with pytest.raises(RuleViolation) as refused:
        packs.share(session, there.maja, there.placement.id, today=TODAY)
    assert refused.value.code == "not_published"
    packs.add_starter(session, there.maja)
    packs.publish(session, there.maja, today=TODAY)
    packs.share(session, there.maja, there.placement.id, today=TODAY)
    part = information(session, there)
    assert (part.state, part.happened_on) == (PartState.DONE, TODAY)


def test_a_link_carries_the_pack_that_is_published(session, there, published, token):
    assert packs.shared_pack(session, there.placement.id)[1].id == published.id
    assert information(session, there).state is PartState.DONE


def test_blocks_change_places_and_those_that_are_off_are_left_out(session, there):
    packs.add_starter(session, there.maja)
    first, second, *_rest = packs.list_blocks(session, there.maja)
    packs.move_block(session, there.maja, second.id, up=True)
    packs.move_block(session, there.maja, second.id, up=True)  # is the first already
    assert packs.list_blocks(session, there.maja)[0].id == second.id
    off = BlockInput("Av", "x", "Off", "x", is_on=False)
    packs.save_block(session, there.maja, off, block_id=first.id, today=TODAY)
    titles = [b["title"] for b in packs.draft_content(packs.list_blocks(session, there.maja))["sv"]]
    assert "Av" not in titles


def test_nothing_to_publish_and_identity_numbers_are_refused(session, there):
    with pytest.raises(Invalid):
        packs.publish(session, there.maja, today=TODAY)
    numbered = BlockInput("Ring", identity_number(), "Call", "x")
    with pytest.raises(Invalid) as refused:
        packs.save_block(session, there.maja, numbered, today=TODAY)
    assert set(refused.value.fields) == {"body_sv"}


def test_two_who_write_the_same_block_see_it(session, there):
    row = packs.save_block(session, there.maja, BLOCK, today=TODAY)
    version = row.version
    changed = BlockInput("Parkering", "På gatan.", "Parking", "In the street.")
    packs.save_block(session, there.maja, changed, block_id=row.id, version=version, today=TODAY)
    with pytest.raises(Conflict):
        packs.save_block(
            session, there.manager, BLOCK, block_id=row.id, version=version, today=TODAY
        )


def test_who_does_not_write_and_another_unit_change_nothing(session, make, there):
    row = packs.save_block(session, there.maja, BLOCK, today=TODAY)
    with pytest.raises(Refused):
        packs.list_blocks(session, make.actor(Role.SUPERVISOR))
    elsewhere = make.actor(Role.UNIT_MANAGER, unit=make.unit(name="Grannkommunen"))
    with pytest.raises(NotFound):
        packs.get_block(session, elsewhere, row.id)
    assert list(packs.list_blocks(session, elsewhere)) == []


def test_a_text_is_read_as_paragraphs_and_lists():
    assert packs.pieces("Ett.\n\n- a\n- b\n\nTvå.\nTre.") == [
        Piece(("Ett.",), is_list=False),
        Piece(("a", "b"), is_list=True),
        Piece(("Två.",), is_list=False),
        Piece(("Tre.",), is_list=False),
    ]
