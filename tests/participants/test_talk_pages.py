"""The page of the talk as two people use it, with and without a script, and what it never loses."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
import time_machine
from sqlalchemy import func, select

from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.participants.models import Competence, CompetenceTalk, LanguageSkill, Rung
from tests.factories import identity_number

WORDS = "lagat mat för 40 personer i föreningen"
SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def worker(make):
    return make.user(name="Johan Ekdal")


@pytest.fixture
def samira(make, worker):
    return make.participant(case_worker=worker, family_name="Haddad", contact_language="ar")


@pytest.fixture
def johan(client_as, worker):
    return client_as(worker)


@pytest.fixture
def here(samira):
    return f"/participants/{samira.alias}"


def words_of(page):
    """What a reader sees, without tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.get_data(as_text=True)).split())


def html_of(page):
    return page.get_data(as_text=True)


def kept(session):
    session.expire_all()
    return session.scalars(select(Competence)).all()


def step(client, here, do, **form):
    return client.post(f"{here}/talk/step", data={"do": do} | form)


def test_the_same_question_stands_in_two_languages_side_by_side(johan, here):
    page = johan.get(f"{here}/talk")
    html, shown = html_of(page), words_of(page)
    assert "Hemma · fråga 1 av 6" in shown
    assert "Vilken mat lagar du, och åt hur många?" in shown
    assert "في البيت · السؤال ١ من ٦" in shown
    assert '<div class="talk-other" lang="ar" dir="rtl">' in html
    assert "Översättningen är ett utkast." in shown
    for area in ("Hemma", "I föreningen", "Tidigare jobb", "Vård av anhöriga", "Körkort och intyg"):
        assert area in shown


def test_the_earlier_address_shows_the_same_page(johan, here):
    assert "Hemma · fråga 1 av 6" in words_of(johan.get(f"{here}/competences/new"))


def test_looking_at_the_page_changes_nothing(session, johan, here):
    johan.get(f"{here}/talk")
    assert session.scalar(select(func.count(CompetenceTalk.id))) == 0


def test_one_language_or_both_as_they_like_and_as_they_left_it(johan, here):
    johan.post(f"{here}/talk/view", data={"view": "first"})
    assert "السؤال" not in words_of(johan.get(f"{here}/talk"))
    johan.post(f"{here}/talk/view", data={"view": "other"})
    alone = words_of(johan.get(f"{here}/talk"))
    assert "السؤال" in alone
    assert "fråga 1 av 6" not in alone
    johan.post(f"{here}/talk/view", data={"language": "uk"})
    both = words_of(johan.get(f"{here}/talk"))
    assert "Удома · запитання 1 з 6" in both
    assert "Hemma · fråga 1 av 6" in both


def test_somebody_without_a_second_language_may_still_choose_one(johan, make, worker):
    person = make.participant(case_worker=worker, contact_language="so")
    make.session.commit()
    page = words_of(johan.get(f"/participants/{person.alias}/talk"))
    assert "Fler språk" in page
    assert "Båda" not in page


def test_a_script_gets_only_what_the_words_resemble_and_a_spoken_summary(session, johan, here):
    answer = johan.post(f"{here}/competences/suggest", data={"own_words": WORDS}, headers=SCRIPT)
    html = html_of(answer)
    assert "<html" not in html
    assert "Är det här samma sak?" in html
    assert '<span class="like">lagat mat</span>' in html
    assert re.search(r'hx-target="#talk-status">\d+ ord liknar: .*Laga mat i större mängd', html)
    assert kept(session) == []


def test_suggestions_look_alike_and_none_is_chosen(johan, here):
    html = html_of(
        johan.post(f"{here}/competences/suggest", data={"own_words": WORDS}, headers=SCRIPT)
    )
    rows = html.split('<li class="suggestion">')[1:]
    assert len(rows) > 1
    shapes = {
        re.sub(
            r"<[^/][^>]*\bvalue=\"[^\"]*\"",
            "",
            "".join(
                re.findall(r'class="[^"]*"', row.split("</li>")[0].split("suggestion__answers")[1])
            ),
        )
        for row in rows
    }
    assert len(shapes) == 1
    assert "checked" not in html
    assert "%" not in words_of_text(html)


def words_of_text(html):
    return re.sub(r"<[^>]+>", " ", html)


def test_the_page_works_by_a_button_without_a_script(johan, here):
    page = johan.post(f"{here}/competences/suggest", data={"own_words": WORDS})
    assert "<html" in html_of(page)
    assert "Visa ord som liknar" in words_of(page)
    assert "Laga mat i större mängd" in words_of(page)


def test_a_confirmed_word_is_saved_where_the_area_says_and_the_words_stay_for_the_next(
    session, johan, here
):
    page = johan.post(
        f"{here}/competences",
        data={"own_words": WORDS, "area": "forening", "concept_id": "laga-mat-storkok"},
    )
    held = kept(session)[0]
    assert (held.concept_id, held.own_words) == ("laga-mat-storkok", WORDS)
    assert held.learned_where.value == "association"
    shown = words_of(page)
    assert "Sparat: Laga mat i större mängd." in shown
    assert "Finns redan, påstådd" in shown
    assert f">\n{WORDS}</textarea>" in html_of(page)
    assert f'name="saved_words" value="{WORDS}"' in html_of(page)


def test_the_ladder_says_what_is_one_step_up_in_both_languages(johan, here):
    page = words_of(
        johan.post(
            f"{here}/competences",
            data={"own_words": WORDS, "area": "forening", "concept_id": "laga-mat-storkok"},
        )
    )
    assert "Ett steg till: berätta om en gång. När? Hur många? Vad gjorde du själv?" in page
    assert "خطوة أخرى: مثال عن مرة واحدة." in page


def test_an_example_is_told_on_the_same_page(session, make, johan, samira, here):
    johan.post(f"{here}/competences", data={"own_words": WORDS, "area": "forening"})
    held = kept(session)[0]
    opened = johan.post(
        f"{here}/competences/suggest", data={"own_words": "något nytt", "open": str(held.id)}
    )
    assert 'name="example"' in html_of(opened)
    assert "något nytt" in html_of(opened)

    told = johan.post(
        f"{here}/talk/tell",
        data={
            "own_words": "något nytt",
            "about": str(held.id),
            "about_version": held.version,
            "example": "Varje fredag åt 40 personer.",
            "learned_detail": "Föreningen Salam, 6 år",
            "voucher": "ordföranden",
        },
    )
    held = kept(session)[0]
    assert (held.rung, held.voucher) == (Rung.EXEMPLIFIED, "ordföranden")
    assert held.learned_detail == "Föreningen Salam, 6 år"
    assert "Ett steg till: någon ser när du gör det på en arbetsplats." in words_of(told)
    assert "något nytt" in html_of(told)


def test_an_example_about_what_somebody_else_changed_is_not_lost(session, johan, here):
    johan.post(f"{here}/competences", data={"own_words": WORDS, "area": "forening"})
    held = kept(session)[0]
    page = johan.post(
        f"{here}/talk/tell",
        data={"about": str(held.id), "about_version": held.version + 5, "example": "Varje fredag."},
    )
    assert page.status_code == 409
    assert "Någon annan har sparat samtidigt" in words_of(page)
    assert "Varje fredag.</textarea>" in html_of(page)


@pytest.mark.parametrize(
    ("answer", "said"), [("concept_id", "visas inte igen"), ("others", "Vad gjorde du själv?")]
)
def test_what_is_not_theirs_is_not_proposed_again_that_day(session, johan, here, answer, said):
    page = johan.post(f"{here}/talk/dismiss", data={"own_words": WORDS, answer: "laga-mat-storkok"})
    shown = words_of(page)
    assert said in shown
    assert "Laga mat i större mängd" not in shown
    assert "Visa 1 bortvalt ord igen" in shown
    assert kept(session) == []
    again = words_of(johan.post(f"{here}/talk/dismiss", data={"own_words": WORDS, "again": "1"}))
    assert "Laga mat i större mängd" in again


def test_nothing_in_the_database_says_what_others_did(session, johan, here):
    johan.post(f"{here}/talk/dismiss", data={"own_words": WORDS, "others": "laga-mat"})
    held = session.scalars(select(CompetenceTalk)).one()
    assert held.dismissed == ["laga-mat"]
    assert "others" not in str(held.areas)
    assert [e.fields for e in session.scalars(select(AuditEvent)) if "other" in str(e.fields)] == []


def test_free_words_are_always_possible_and_all_words_can_be_searched(session, johan, here):
    page = johan.post(f"{here}/competences/suggest", data={"own_words": "körkort", "source": "all"})
    assert "Ur alla ord" in words_of(page)
    assert "B-körkort" in words_of(page)
    nothing = johan.post(f"{here}/competences/suggest", data={"own_words": "qqq zzz"})
    assert "Spara orden som de är" in words_of(nothing)
    johan.post(f"{here}/competences", data={"own_words": "qqq zzz", "area": "fritid"})
    assert [each.own_words for each in kept(session)] == ["qqq zzz"]


def test_a_language_named_in_the_talk_gets_its_levels_there(session, johan, here):
    step(johan, here, "go:sprak")
    form = {"area": "sprak", "own_words": "jag talar arabiska"}
    found = johan.post(f"{here}/competences/suggest", data=form)
    assert "Ange nivå : Arabiska" in words_of(found)
    opened = johan.post(f"{here}/competences/suggest", data=form | {"open": "language:ar"})
    assert 'name="understand"' in html_of(opened)
    saved = johan.post(
        f"{here}/talk/language", data=form | {"concept_id": "ar", "speak": "6", "understand": "6"}
    )
    assert "Språket är sparat." in words_of(saved)
    assert session.scalars(select(LanguageSkill.speak)).all() == [6]


def test_steps_are_saved_and_the_tiles_say_what_was_talked_about(johan, here):
    assert step(johan, here, "skip", version="0").status_code == 303
    for _question in range(6):
        step(johan, here, "next")
    page = words_of(johan.get(f"{here}/talk"))
    assert re.search(r"Hemma (\S+ \S+ )?Hoppades över", page)
    assert re.search(r"I föreningen (\S+ \S+ )?Klar", page)
    assert "Ni har pratat om 1 område av 10. 1 hoppade ni över." in page
    assert "Tidigare jobb · fråga 1 av 5" in page


def test_a_pause_leads_back_and_the_talk_goes_on_where_it_was(johan, here):
    step(johan, here, "go:gard")
    step(johan, here, "next")
    answer = step(johan, here, "pause")
    assert answer.location == f"{here}?saved=talk"
    assert "Samtalet är pausat." in words_of(johan.get(answer.location))
    assert "Gård och djur · fråga 2 av 5" in words_of(johan.get(f"{here}/talk"))


def test_words_that_are_not_saved_are_asked_about_before_the_next_question(session, johan, here):
    page = step(johan, here, "next", own_words=WORDS, version="0")
    assert page.status_code == 200
    assert "Något ni skrev är inte sparat." in words_of(page)
    assert WORDS in html_of(page)
    assert session.scalar(select(func.count(CompetenceTalk.id))) == 0
    gone = johan.post(f"{here}/talk/step", data={"leave": "next", "own_words": WORDS})
    assert gone.status_code == 303
    saved = step(johan, here, "next", own_words=WORDS, saved_words=WORDS)
    assert saved.status_code == 303


def test_two_who_step_at_once_see_both_places_and_lose_no_words(johan, here):
    step(johan, here, "go:gard", version="0")
    page = step(johan, here, "next", version="0", area="hemma", own_words=WORDS, saved_words=WORDS)
    assert page.status_code == 409
    shown = words_of(page)
    assert "Någon annan har sparat samtidigt" in shown
    assert re.search(r"Område Gård och djur · fråga 1 av 5 Hemma", shown)
    assert WORDS in html_of(page)


def test_the_hour_is_shown_and_its_end_is_said(client_as, worker, here):
    with time_machine.travel(datetime(2026, 11, 23, 9, 0, tzinfo=UTC), tick=False) as clock:
        johan = client_as(worker)
        for _quarter in range(5):
            step(johan, here, "next")
            clock.shift(14 * 60)
        shown = words_of(johan.get(f"{here}/talk"))
    assert "70 av högst 60 min" in shown
    assert "Ni har pratat i en timme." in shown


def test_an_identity_number_is_warned_about_and_nowhere_kept(session, johan, here):
    words = f"jag är {identity_number()} och lagar mat"
    for path in ("competences/suggest", "competences"):
        page = johan.post(f"{here}/{path}", data={"own_words": words, "area": "hemma"})
        assert page.status_code == 422
        assert "Ta bort personnumret ur texten." in words_of(page)
        assert words in html_of(page)
    typing = johan.post(f"{here}/competences/suggest", data={"own_words": words}, headers=SCRIPT)
    assert "Ta bort personnumret" in words_of(typing)
    assert "suggestion__what" not in html_of(typing)
    assert kept(session) == []


@pytest.mark.parametrize(
    "words",
    [
        "😀🍲👩‍🍳",
        "ትግርኛ ቋንቋ",
        "мию посуду в ресторане",
        "'; drop table competence; --",
        "<script>alert(1)</script>",
        "%(name)s {{ 7*7 }} %s",
        "a" * 2000,
    ],
)
def test_strange_words_are_read_kept_and_shown_as_words(session, johan, here, words):
    for headers in ({}, SCRIPT):
        asked = johan.post(
            f"{here}/competences/suggest", data={"own_words": words}, headers=headers
        )
        assert asked.status_code == 200
        assert "<script>alert" not in html_of(asked)
    johan.post(f"{here}/competences", data={"own_words": words, "area": "fritid"})
    assert [each.own_words for each in kept(session)] == [words]
    assert "<script>alert" not in html_of(johan.get(f"{here}/talk"))


def test_ten_thousand_signs_are_refused_and_stay_in_the_field(session, johan, here):
    words = "lagat mat " * 1000
    for path in ("competences/suggest", "competences"):
        page = johan.post(f"{here}/{path}", data={"own_words": words, "area": "hemma"})
        assert page.status_code == 422
        assert "Texten är för lång. Korta den." in words_of(page)
        assert words.strip() in html_of(page)
    assert kept(session) == []


def test_empty_words_are_asked_for_and_a_made_up_button_is_refused(session, johan, here):
    empty = johan.post(f"{here}/competences", data={"own_words": "  ", "area": "hemma"})
    assert empty.status_code == 422
    assert "Skriv vad personen kan, med egna ord." in words_of(empty)
    assert step(johan, here, "fly").status_code == 422
    assert step(johan, here, "go:rymden").status_code == 422
    assert johan.post(f"{here}/talk/tell", data={"example": "x"}).status_code == 422
    assert johan.post(f"{here}/talk/view", data={"language": "xx"}).status_code == 422
    assert kept(session) == []


def test_the_talk_is_for_her_own_workers_alone(make, client_as, samira, here):
    stranger = client_as(Role.CASE_WORKER)
    paths = ("talk/step", "talk/dismiss", "talk/tell", "talk/view", "talk/language")
    assert stranger.get(f"{here}/talk").status_code == 403
    for path in (*paths, "competences/suggest", "competences"):
        data = {"do": "next", "concept_id": "laga-mat", "view": "both", "own_words": "x"}
        known = {"talk/step": ("do",), "talk/dismiss": ("concept_id",), "talk/view": ("view",)}
        form = {name: data[name] for name in known.get(path, ("own_words",))}
        form |= {"concept_id": "ar", "speak": "1"} if path == "talk/language" else {}
        form |= {"about": str(samira.id), "example": "x"} if path == "talk/tell" else {}
        form |= {"area": "hemma"} if path == "competences" else {}
        answer = stranger.post(f"{here}/{path}", data=form)
        assert answer.status_code in {403, 404}, path
    assert client_as(Role.EMPLOYER_LIAISON).get(f"{here}/talk").status_code == 403


def test_a_protected_person_has_a_talk_only_with_her_handlers(make, client_as, worker):
    hidden = make.participant(case_worker=worker, protected=True)
    make.session.commit()
    assert client_as(Role.CASE_WORKER).get(f"/participants/{hidden.alias}/talk").status_code == 404
    shown = words_of(client_as(worker).get(f"/participants/{hidden.alias}/talk"))
    assert hidden.alias in shown
    assert "Samira" not in shown


def test_in_english_the_talk_is_in_english_and_arabic(johan, here):
    shown = words_of(johan.get(f"{here}/talk?lang=en"))
    assert "At home · question 1 of 6" in shown
    assert "السؤال" in shown
    assert "Hemma" not in shown


def test_own_words_stand_in_no_address_and_no_log(session, johan, here):
    johan.post(f"{here}/competences", data={"own_words": WORDS, "area": "hemma"})
    answer = step(johan, here, "next", own_words=WORDS, saved_words=WORDS)
    assert "lagat" not in answer.location
    rows = session.scalars(select(AuditEvent)).all()
    assert [row for row in rows if "lagat" in f"{row.fields}{row.reason}{row.object_id}"] == []
    assert {"create", "change", "read"} <= {row.action for row in rows}


# The same rules for programs.


def test_the_talk_by_the_interface(session, johan, samira):
    root = f"/api/v1/participants/{samira.id}"
    first = johan.get(f"{root}/talk").json
    assert (first["area"], first["question"], first["version"]) == ("hemma", "mat", 0)
    moved = johan.post(f"{root}/talk/steps", json={"to": "go", "area": "gard", "version": 0})
    assert (moved.status_code, moved.json["area"]) == (200, "gard")
    assert johan.post(f"{root}/talk/steps", json={"to": "next", "version": 0}).status_code == 409
    assert johan.post(f"{root}/talk/steps", json={"to": "fly"}).status_code == 422
    gone = johan.post(f"{root}/talk/dismissed", json={"concept_id": "laga-mat"})
    assert gone.json["dismissed"] == ["laga-mat"]
    made = johan.post(
        f"{root}/competences",
        json={"own_words": WORDS, "learned_where": "association", "voucher": "ordföranden"},
    ).json
    assert made["voucher"] == "ordföranden"
    told = johan.post(f"{root}/competences/{made['id']}/told", json={"example": "Varje fredag."})
    assert (told.status_code, told.json["rung"]) == (200, "exemplified")


def test_the_interface_hides_what_the_page_hides(make, client_as, samira):
    stranger = client_as(Role.CASE_WORKER)
    root = f"/api/v1/participants/{samira.id}"
    assert stranger.get(f"{root}/talk").status_code == 403
    assert stranger.post(f"{root}/talk/steps", json={"to": "next"}).status_code == 403
    make.competence(samira, "laga-mat", voucher="grannen")
    make.session.commit()
    seen = stranger.get(root).json["competences"][0]
    assert seen["voucher"] is None


@pytest.mark.parametrize("page", ["/talk", "/portfolio"])
def test_the_pages_ask_the_database_as_often_for_much_as_for_little(
    session, make, johan, samira, here, queries, page
):
    def count():
        session.commit()
        session.expire_all()
        with queries() as counted:
            assert johan.get(here + page).status_code == 200
        return counted.total

    make.competence(samira, "laga-mat")
    little = count()
    for concept_id in ("laga-mat-storkok", "laga-frukost", "sy"):
        make.competence(samira, concept_id)
    for number in range(20):
        make.competence(samira, None, own_words=f"ord {number}")
    assert count() == little
