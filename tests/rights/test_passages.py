"""Passages of a text are masked one by one, with a reason each; the log stays, the words do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text as sql

from matchsvc.accounts.models import Unit
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.rights import passages, records
from matchsvc.rights.masked_text import left_of
from matchsvc.rights.models import Decision, How
from matchsvc.rights.paper import make_paper
from matchsvc.rights.passages import Marking, sentences_of
from matchsvc.rights.provisions import provisions
from tests.rights.test_records import all_bytes, text_of

TEXT = (
    "Vill arbeta i ett kök. Har haft Kvicksilverkatten i lungan sedan i våras! "
    "Brodern Yusufnamnet kör dit.\nYusufnamnet slutar klockan tre."
)
LUNG, NAME = "Kvicksilverkatten", "Yusufnamnet"


@pytest.fixture
def asked(session, desk, make, clock):
    make.wish(desk.samira, TEXT)
    wanted = records.Wanted("wish", "Önskemålen", clock["today"], How.EMAIL)
    return records.register(session, desk.actor, desk.samira.id, wanted, today=clock["today"])


@pytest.fixture
def line(session, desk, asked, clock):
    found = records.get_record_request(session, desk.actor, asked.id, today=clock["today"])[2]
    return next(each for each in found if each.value == TEXT)


@pytest.fixture
def mark(session, desk, asked, line, clock):
    def do(sentences=(), words=(), provision="osl_21_1", reason="Rör hälsa.", **more):
        marking = Marking(set(sentences), list(words), provision, reason)
        given = {"actor": desk.actor, "version": None} | more
        return passages.mark(
            session, given["actor"], asked.id, line.position, marking,
            version=given["version"], today=clock["today"],
        )  # fmt: skip

    return do


@pytest.fixture
def decide(session, desk, asked, clock):
    def do(opened, reason="Det rör hälsa och en anhörig."):
        ruling = records.Ruling(opened, {}, reason)
        return records.decide(session, desk.actor, asked.id, ruling, version=None, **clock)

    return do


def test_sentences_and_words_are_masked_each_by_its_own_provision(mark, decide, line):
    mark([1])
    mark(words=[NAME.upper()], provision="osl_26_1", reason="En anhörig.")
    decide({line.position})
    assert line.provision is None
    assert line.told == (
        "Vill arbeta i ett kök. [Maskerat: OSL 21 kap. 1 §] "
        "Brodern [Maskerat: OSL 26 kap. 1 §] kör dit.\n[Maskerat: OSL 26 kap. 1 §] slutar klockan "
        "tre."
    )


def test_masked_words_are_neither_on_the_page_nor_in_the_papers_bytes(
    client_as, session, desk, asked, line, mark, decide, clock
):
    masks = [*mark([1]), *mark(words=[NAME], provision="osl_26_1", reason="En anhörig.")]
    decide({line.position})
    assert asked.decision is Decision.PARTLY
    session.commit()
    lines = records.get_record_request(session, desk.actor, asked.id, today=clock["today"])[2]
    unit = session.get_one(Unit, asked.unit_id)
    made = make_paper(asked, lines, unit, masks=masks, made_at=clock["now"])
    said = " ".join(text_of(made).split())
    assert "Vill arbeta i ett kök. [Maskerat: OSL 21 kap. 1 §]" in said
    assert "21 kap. 1 § offentlighets" in said  # cited, as of whole lines
    client = client_as(desk.johan)
    page = client.get(f"/rights/records/{asked.id}")
    file = client.get(f"/rights/records/{asked.id}/paper.pdf")
    assert "Vill arbeta i ett kök" in page.text
    for secret in (LUNG, NAME):
        for held in (all_bytes(made), all_bytes(file.data), page.data):
            for form in (secret.encode(), secret.encode("utf-16-be")):
                assert form not in held
                assert form.hex().encode() not in held.lower()
    assert client.get(f"/rights/records/{asked.id}/lines/{line.position}").status_code == 404


def test_the_log_of_masking_stays_also_of_what_was_taken_away(
    client_as, session, desk, asked, line, mark, decide, clock
):
    (wrong,) = mark([0], reason="Trodde fel.")
    mark([1])
    passages.unmark(session, desk.actor, asked.id, wrong.id, version=None, **clock)
    decide({line.position})
    assert line.told.startswith("Vill arbeta i ett kök. [Maskerat")
    found = passages.get_line(session, desk.actor, asked.id, line.position, today=clock["today"])
    assert [(each.reason, each.removed_at is None) for each in found.log] == [
        ("Trodde fel.", False), ("Rör hälsa.", True),
    ]  # fmt: skip
    assert {each.marked_by_id for each in found.log} == {desk.johan.id}
    session.commit()
    stored = session.execute(sql("select reason from record_mask")).scalars().all()
    assert not any("hälsa" in each for each in stored)  # sealed
    assert "Trodde fel." in client_as(desk.johan).get(f"/rights/records/{asked.id}").text
    with pytest.raises(RuleViolation):
        mark([0])
    with pytest.raises(RuleViolation):
        passages.unmark(session, desk.actor, asked.id, found.masks[0].id, version=None, **clock)


@pytest.mark.parametrize(
    ("marking", "field"),
    [
        ({}, "words"),
        ({"sentences": [99]}, "words"),
        ({"words": ["Finnsinte"]}, "words"),
        ({"words": ["kvicksilver"]}, "words"),  # a part of a word is no word
        ({"sentences": [0], "reason": "  "}, "reason"),
        ({"sentences": [0], "provision": "osl_99"}, "provision"),
    ],
)
def test_a_mark_says_what_by_which_provision_and_why(mark, marking, field):
    with pytest.raises(Invalid) as refused:
        mark(**marking)
    assert field in refused.value.fields


def test_a_line_that_is_not_opened_stays_shut_and_a_reason_is_asked_for(mark, decide, line):
    mark([1])
    with pytest.raises(Invalid):
        decide({line.position}, reason=None)
    decide(set())
    assert line.told is None
    assert line.readable == ""


def test_a_line_of_which_nothing_is_left_is_masked_as_a_whole(mark, decide, line):
    mark(range(4))
    decide({line.position})
    assert line.provision == "osl_21_1"
    assert line.readable == ""


def test_whoever_decides_of_marks_that_are_no_longer_shown_is_told(
    session, desk, asked, line, mark, clock
):
    (made,) = mark([1])
    seen = asked.version
    passages.unmark(session, desk.actor, asked.id, made.id, version=seen, **clock)
    with pytest.raises(Conflict):
        records.decide(
            session, desk.actor, asked.id, records.Ruling({line.position}, {}, "Skäl."),
            version=seen, **clock,
        )  # fmt: skip
    with pytest.raises(Conflict):
        mark([1], version=seen)


def test_nobody_else_marks_and_a_mark_belongs_to_its_request(
    session, desk, make, asked, line, mark, clock
):
    for actor in (desk.manager, desk.colleague):
        with pytest.raises((NotFound, Refused)):
            mark([1], actor=actor)
    (made,) = mark([1])
    other = make.participant(desk.johan)
    make.wish(other, "Något annat.")
    wanted = records.Wanted("wish", "Önskemålen", clock["today"], How.EMAIL)
    theirs = records.register(session, desk.actor, other.id, wanted, today=clock["today"])
    with pytest.raises(NotFound):
        passages.unmark(session, desk.actor, theirs.id, made.id, version=None, **clock)
    with pytest.raises(NotFound):
        passages.get_line(session, desk.actor, asked.id, 4711, today=clock["today"])


def test_the_pages_mark_without_script_and_keep_what_was_ticked(
    client_as, session, desk, asked, line
):
    client = client_as(desk.johan)
    path = f"/rights/records/{asked.id}/lines/{line.position}"
    assert path in client.get(f"/rights/records/{asked.id}").text
    form = {"sentences": ["1", "2"], "words": NAME, "provision": "osl_21_1"}
    refused = client.post(path, data=form)
    assert refused.status_code == 422
    assert refused.text.count(" checked") == 2
    saved = client.post(path, data=form | {"reason": "Rör hälsa."})
    assert saved.status_code == 303
    page = client.get(saved.location).text
    assert "Vill arbeta i ett kök. [Maskerat: OSL 21 kap. 1 §]" in page
    assert "slutar klockan tre" in page
    session.expire_all()
    masks = passages.masks_of(session, [line.id])
    assert len(masks) == 4
    gone = client.post(f"{path}/masks/{masks[0].id}/remove", data={})
    assert gone.status_code == 303
    api = f"/api/v1/rights/records/{asked.id}/lines/{line.position}/masks"
    assert len(client.get(api).json) == 4
    assert sum(each["removed_at"] is None for each in client.get(api).json) == 3


CODES = st.sampled_from(sorted(provisions()))
LETTERS = st.text(alphabet="ab .!?\n", min_size=1, max_size=60)


@given(LETTERS)
def test_sentences_hold_all_that_is_not_space_and_follow_each_other(text):
    spans = sentences_of(text)
    place = 0
    for starts, ends in spans:
        assert place <= starts < ends
        assert not text[place:starts].strip()
        place = ends
    assert not text[place:].strip()


@given(st.data(), LETTERS)
def test_what_is_left_is_what_no_span_touches(data, text):
    """Marked signs are drawn as x: not one of them is ever left, and no other sign is lost."""
    spans, marked = [], list(text)
    for _n in range(data.draw(st.integers(1, 4))):
        starts = data.draw(st.integers(0, len(text) - 1))
        ends = data.draw(st.integers(starts + 1, len(text)))
        spans.append((starts, ends, data.draw(CODES)))
        marked[starts:ends] = "x" * (ends - starts)
    drawn = "".join(marked)
    left = left_of(drawn, spans)
    if left is None:
        assert not drawn.replace("x", "").strip()
        return
    assert "x" not in left
    bare = left
    for start in left.split("[")[1:]:
        bare = bare.replace("[" + start.partition("]")[0] + "]", "")
    assert "".join(bare.split()) == "".join(drawn.replace("x", "").split())
