"""The competence talk: where two people are in it, its hour, and what is not proposed again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.participants import talk
from matchsvc.participants.competences import (
    add_competence,
    describe_competence,
    figures_in,
)
from matchsvc.participants.guide import load_guide
from matchsvc.participants.models import CompetenceTalk, LearnedWhere, Rung, TalkView
from matchsvc.participants.talk import AreaStatus, Move, find_talk, place_of
from tests.factories import TODAY, identity_number

TEN = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
LIFE = [area.id for area in load_guide().areas.values() if area.learned_where in talk.LIFE]


@pytest.fixture
def worker(make):
    return make.user()


@pytest.fixture
def actor(make, worker):
    return make.actor(user=worker)


@pytest.fixture
def samira(make, worker):
    return make.participant(case_worker=worker)


@pytest.fixture
def go(session, actor, samira):
    """Take a step: ``go(Move.NEXT)``, minutes after ten."""

    def step(to, area_id=None, *, minutes=0, on=TODAY, **options):
        return talk.move(
            session,
            actor,
            samira.id,
            to,
            area_id=area_id,
            now=TEN + timedelta(minutes=minutes, days=(on - TODAY).days),
            today=on,
            **options,
        )

    return step


@pytest.fixture
def place(session, samira):
    def look(*, minutes=0, on=TODAY):
        at = TEN + timedelta(minutes=minutes, days=(on - TODAY).days)
        return place_of(find_talk(session, samira.id), today=on, now=at)

    return look


def test_before_the_first_step_they_are_at_the_first_question_and_nothing_is_kept(session, place):
    assert (place().area.id, place().at, place().version, place().minutes) == ("hemma", 0, 0, 0)
    assert set(place().statuses.values()) == {AreaStatus.OPEN}
    assert session.query(CompetenceTalk).count() == 0


def test_every_step_is_saved_so_that_they_resume_where_they_stopped(go, place):
    go(Move.GO, "forening")
    go(Move.NEXT)
    go(Move.NEXT)
    go(Move.PREVIOUS)
    go(Move.PAUSE)

    another_day = place(on=TODAY + timedelta(days=9))
    assert (another_day.area.id, another_day.at) == ("forening", 1)
    assert another_day.statuses["forening"] is AreaStatus.BEGUN


def test_after_the_last_question_the_area_is_done_and_the_next_open_one_follows(go, place):
    for _question in load_guide().areas["hemma"].questions:
        go(Move.NEXT)

    assert place().statuses["hemma"] is AreaStatus.DONE
    assert (place().area.id, place().at) == ("forening", 0)
    assert place().done == 1


def test_a_skipped_area_is_called_skipped_and_can_be_taken_up_again(go, place):
    go(Move.SKIP)
    assert (place().area.id, place().skipped) == ("forening", 1)
    go(Move.GO, "hemma")
    go(Move.NEXT)
    assert (place().statuses["hemma"], place().skipped) == (AreaStatus.BEGUN, 0)


def test_going_back_into_an_area_that_is_done_does_not_undo_it(go, place):
    for _question in load_guide().areas["hemma"].questions:
        go(Move.NEXT)
    go(Move.GO, "hemma")
    go(Move.NEXT)
    assert place().statuses["hemma"] is AreaStatus.DONE


def test_when_every_area_is_through_they_stay_and_nothing_follows(go, place):
    for _area in load_guide().areas:
        go(Move.SKIP)
    assert place().next_area is None
    assert place().skipped == len(load_guide().areas)
    go(Move.NEXT)
    assert place().at == 1


def test_informal_competence_counts_as_asked_when_every_area_of_life_was_offered(go, samira):
    for area_id in LIFE[:-1]:
        go(Move.GO, area_id)
        go(Move.SKIP)
    assert samira.informal_asked_on is None
    go(Move.GO, LIFE[-1])
    for _question in load_guide().areas[LIFE[-1]].questions:
        go(Move.NEXT)
    assert samira.informal_asked_on == TODAY


def test_skipping_everything_is_not_asking(go, samira):
    for _area in load_guide().areas:
        go(Move.SKIP)
    assert samira.informal_asked_on is None


def test_the_clock_counts_talk_but_neither_pauses_nor_a_page_left_open(go, place):
    go(Move.NEXT)
    assert place(minutes=9).minutes == 9
    go(Move.PAUSE, minutes=10)
    assert place(minutes=50).minutes == 10
    go(Move.NEXT, minutes=50)
    assert place(minutes=55).minutes == 15
    assert place(minutes=300).minutes == 25  # of a long silence a quarter of an hour


def test_another_day_is_another_hour(go, place):
    go(Move.NEXT)
    go(Move.NEXT, minutes=12)
    tomorrow = TODAY + timedelta(days=1)
    assert place(on=tomorrow).minutes == 0
    go(Move.NEXT, on=tomorrow)
    assert place(on=tomorrow, minutes=4).minutes == 4


def test_two_who_step_from_the_same_page_meet_a_conflict(go, place):
    shown = place().version
    go(Move.NEXT, version=shown)
    with pytest.raises(Conflict):
        go(Move.NEXT, version=shown)
    assert place().at == 1


def test_an_unknown_area_is_refused(go):
    with pytest.raises(Invalid):
        go(Move.GO, "rymden")


def test_what_was_turned_down_stays_away_today_and_may_come_again_tomorrow(
    session, actor, samira, place
):
    talk.dismiss(session, actor, samira.id, "laga-mat", now=TEN, today=TODAY)
    assert place().dismissed == {"laga-mat"}
    tomorrow = TODAY + timedelta(days=1)
    assert place(on=tomorrow).dismissed == frozenset()


def test_of_what_others_did_nothing_is_kept_but_the_concept(session, actor, samira):
    kept = talk.dismiss(session, actor, samira.id, "laga-mat", now=TEN, today=TODAY)
    assert kept.dismissed == ["laga-mat"]
    told = {column.name for column in CompetenceTalk.__table__.columns}
    assert not [name for name in told if "other" in name or "who" in name or "words" in name]


def test_a_slip_of_the_finger_is_undone(session, actor, samira, place):
    talk.dismiss(session, actor, samira.id, "laga-mat", now=TEN, today=TODAY)
    talk.propose_again(session, actor, samira.id, now=TEN, today=TODAY)
    assert place().dismissed == frozenset()


@pytest.mark.parametrize("concept_id", ["finns-inte", "", "' or 1=1 --", "<b>"])
def test_only_concepts_are_turned_down(session, actor, samira, concept_id):
    with pytest.raises(Invalid):
        talk.dismiss(session, actor, samira.id, concept_id, now=TEN, today=TODAY)


def test_the_language_of_the_questions_is_kept_for_the_next_time(session, actor, samira, place):
    talk.choose_view(session, actor, samira.id, language="ar", now=TEN, today=TODAY)
    assert (place().language, place().view) == ("ar", TalkView.BOTH)
    talk.choose_view(session, actor, samira.id, view=TalkView.OTHER, now=TEN, today=TODAY)
    assert (place().language, place().view) == ("ar", TalkView.OTHER)
    with pytest.raises(Invalid):
        talk.choose_view(session, actor, samira.id, language="xx", now=TEN, today=TODAY)


def test_only_her_own_worker_talks_with_her(session, make, samira):
    colleague = make.actor()
    with pytest.raises(Refused):
        talk.move(session, colleague, samira.id, Move.NEXT, now=TEN, today=TODAY)
    hidden = make.participant(case_worker=make.user(), protected=True)
    with pytest.raises(NotFound):
        talk.move(session, colleague, hidden.id, Move.NEXT, now=TEN, today=TODAY)


def test_an_area_that_the_files_no_longer_have_does_not_stop_the_talk(session, go, place):
    kept = go(Move.NEXT)
    kept.area, kept.areas = "borttagen", {"borttagen": {"at": 3, "status": "done"}}
    session.flush()
    assert (place().area.id, place().at, place().done) == ("hemma", 0, 0)


# What was said.


@pytest.fixture
def cooking(session, actor, samira):
    return add_competence(
        session,
        actor,
        samira.id,
        concept_id="laga-mat-storkok",
        own_words="lagat mat för 40 personer i föreningen i 6 år",
        learned_where=LearnedWhere.ASSOCIATION,
        today=TODAY,
    )


@pytest.mark.parametrize(
    ("words", "figures"),
    [
        ("lagat mat för 40 personer i 6 år", "40 personer, 6 år"),
        ("10 år, alltid 10 år", "10 år"),
        ("طبخت ٦ سنوات", "٦ سنوات"),
        ("2,5 år på truck", "2,5 år"),
        ("född 1985", None),
        ("sydde", None),
        ("", None),
        (None, None),
    ],
)
def test_how_long_and_how_many_are_heard(words, figures):
    assert figures_in(words) == figures


def test_figures_stay_with_the_first_rung(cooking):
    assert [piece.note for piece in cooking.evidence] == ["40 personer, 6 år"]


def test_an_example_is_one_step_up_and_another_one_is_one_more_example(session, actor, cooking):
    for example in ("Varje fredag.", "En bröllopsfest."):
        describe_competence(session, actor, cooking.id, example=example, today=TODAY)
    assert cooking.rung is Rung.EXEMPLIFIED
    told = [piece.note for piece in cooking.evidence if piece.rung is Rung.EXEMPLIFIED]
    assert told == ["Varje fredag.", "En bröllopsfest."]


def test_where_how_long_and_who_can_vouch_are_no_step(session, actor, cooking):
    describe_competence(
        session,
        actor,
        cooking.id,
        learned_detail="Föreningen Salam, 6 år",
        voucher="ordföranden i föreningen",
        today=TODAY,
    )
    assert cooking.rung is Rung.CLAIMED
    assert cooking.voucher == "ordföranden i föreningen"
    describe_competence(session, actor, cooking.id, example="Varje fredag.", today=TODAY)
    assert cooking.learned_detail == "Föreningen Salam, 6 år"


@pytest.mark.parametrize(
    "voucher", ["070-123 45 67", "ali@example.org", f"ordförande {identity_number()}", "5 5 5 5 5"]
)
def test_who_can_vouch_is_a_role_and_no_way_to_reach_somebody(session, actor, cooking, voucher):
    with pytest.raises(Invalid) as refusal:
        describe_competence(session, actor, cooking.id, voucher=voucher, today=TODAY)
    assert "voucher" in refusal.value.fields
    assert cooking.voucher is None


def test_saying_nothing_is_asked_again(session, actor, cooking):
    with pytest.raises(Invalid):
        describe_competence(session, actor, cooking.id, example="  ", today=TODAY)


def test_two_who_tell_at_once_meet_a_conflict(session, actor, cooking):
    shown = cooking.version
    describe_competence(session, actor, cooking.id, example="Ett.", version=shown, today=TODAY)
    with pytest.raises(Conflict):
        describe_competence(session, actor, cooking.id, example="Två.", version=shown, today=TODAY)


def test_the_same_words_sent_twice_are_one_thing(session, actor, samira):
    said = {"own_words": "sköter mina krukor", "learned_where": LearnedWhere.HOBBY}
    add_competence(session, actor, samira.id, **said, today=TODAY)
    with pytest.raises(RuleViolation) as refusal:
        add_competence(session, actor, samira.id, **said, today=TODAY)
    assert refusal.value.code == "words_known"
