"""What somebody says is wrong: kept word for word, told to the case worker, answered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.own_page import corrections
from matchsvc.own_page.models import CorrectionKind, CorrectionOutcome
from matchsvc.participants import protection
from matchsvc.swedish import add_months
from matchsvc.workday.models import Task
from tests.factories import identity_number

WORDS = "Jag slutade inte själv.\nDe stängde  restaurangen."


@pytest.fixture
def said(session, desk, clock):
    return corrections.say_correction(
        session, desk.actor, desk.samira.id, CorrectionKind.WRONG, WORDS, language="ar",
        interpreter="Amir", **clock,
    )  # fmt: skip


def answer(session, actor, desk, row, clock, **changes):
    given = {"outcome": CorrectionOutcome.CORRECTED, "answer": "Nu står det rätt.", "version": None}
    return corrections.answer_correction(
        session, actor, desk.samira.id, row.id, **given | changes, **clock
    )


def test_it_is_kept_word_for_word_and_encrypted(session, said):
    assert said.words == WORDS
    session.flush()
    raw = session.execute(text("select words, interpreter from correction")).one()
    assert "restaurangen" not in raw.words
    assert "Amir" not in raw.interpreter


def test_her_case_worker_has_a_month_to_answer(session, desk, said, clock):
    task = session.scalar(select(Task))
    assert (task.kind, task.owner_id) == ("correction", desk.johan.id)
    assert task.due_on == add_months(clock["today"], 1)
    assert task.words == {"alias": desk.samira.alias}


def test_an_answer_says_what_was_done_and_comes_once(session, desk, said, clock):
    answer(session, desk.actor, desk, said, clock)
    assert (said.outcome, said.answered_by_id) == (CorrectionOutcome.CORRECTED, desk.johan.id)
    assert said.words == WORDS
    with pytest.raises(RuleViolation):
        answer(session, desk.actor, desk, said, clock)


def test_two_who_answer_at_once_see_it(session, desk, said, clock):
    with pytest.raises(Conflict):
        answer(session, desk.actor, desk, said, clock, version=said.version + 1)


def test_empty_words_and_identity_numbers_are_refused(session, desk, said, clock):
    for words in ("", "  ", f"Mitt nummer är {identity_number()}"):
        with pytest.raises(Invalid):
            corrections.say_correction(
                session, desk.actor, desk.samira.id, CorrectionKind.DISSENT, words, **clock
            )
        with pytest.raises(Invalid):
            answer(session, desk.actor, desk, said, clock, answer=words)


def test_only_her_own_worker_reads_writes_and_answers(session, desk, said, make, clock):
    with pytest.raises(Refused):
        corrections.list_corrections(session, desk.other, desk.samira.id, today=clock["today"])
    with pytest.raises(Refused):
        answer(session, desk.other, desk, said, clock)
    other = make.participant(desk.johan)
    with pytest.raises(NotFound):
        corrections.answer_correction(
            session, desk.actor, other.id, said.id, outcome=CorrectionOutcome.KEPT, answer="Nej",
            version=None, **clock,
        )  # fmt: skip
    protection.protect(session, desk.actor, desk.samira.id, today=clock["today"])
    with pytest.raises(NotFound):
        corrections.list_corrections(session, desk.other, desk.samira.id, today=clock["today"])


def test_those_that_wait_stand_first(session, desk, said, clock):
    answer(session, desk.actor, desk, said, clock)
    later = clock | {"now": clock["now"] + timedelta(minutes=5)}
    second = corrections.say_correction(
        session, desk.actor, desk.samira.id, CorrectionKind.DISSENT, "Jag tycker annat", **later
    )
    found = corrections.list_corrections(session, desk.actor, desk.samira.id, today=clock["today"])
    assert [each.id for each in found] == [second.id, said.id]


def test_from_the_page_through_my_tasks_to_the_answer(client_as, desk):
    johan = client_as(desk.johan)
    visit = johan.post(desk.path, data={"language": "en"}).location
    sent = johan.post(
        f"{visit}/corrections", data={"kind": "dissent", "words": WORDS}, follow_redirects=True
    ).get_data(as_text=True)
    assert "Your words have been saved" in sent
    assert "Waiting for an answer" in sent
    tasks = johan.get("/tasks").get_data(as_text=True)
    assert f"{desk.samira.alias} säger att något är fel" in tasks
    listed = f"/participants/{desk.samira.alias}/corrections"
    page = johan.get(listed).get_data(as_text=True)
    assert "restaurangen" in page
    assert "antecknat av Johan Ekdal" in page
    path = page.partition(f'action="{listed}/')[2].partition('"')[0]
    refused = johan.post(f"{listed}/{path}", data={"answer": "Vi ändrade inget."})
    assert refused.status_code == 422
    assert "Vi ändrade inget." in refused.get_data(as_text=True)
    data = {"outcome": "noted", "answer": "Det står nu bredvid."}
    done = johan.post(f"{listed}/{path}", data=data, follow_redirects=True)
    assert "Svaret är sparat." in done.get_data(as_text=True)
    again = johan.get(visit).get_data(as_text=True)
    assert "What you say now stands beside" in again
    assert "Det står nu bredvid." in again


def test_a_form_without_words_keeps_its_choice(client_as, desk):
    johan = client_as(desk.johan)
    visit = johan.post(desk.path, data={"language": "sv"}).location
    page = johan.post(f"{visit}/corrections", data={"kind": "dissent", "words": ""})
    assert page.status_code == 422
    assert 'value="dissent" checked' in page.get_data(as_text=True)


def test_programs_say_list_and_answer(client_as, desk):
    johan = client_as(desk.johan)
    path = f"/api/v1/participants/{desk.samira.alias}/corrections"
    made = johan.post(path, json={"kind": "wrong", "words": WORDS})
    assert (made.status_code, made.json["words"]) == (201, WORDS)
    data = {"outcome": "kept", "answer": "Det stod rätt.", "version": made.json["version"]}
    answered = johan.post(f"{path}/{made.json['id']}/answer", json=data)
    assert answered.json["outcome"] == "kept"
    assert johan.post(f"{path}/{made.json['id']}/answer", json=data).status_code == 409
    assert [each["answer"] for each in johan.get(path).json] == ["Det stod rätt."]
    assert client_as().get(path).status_code == 403
