"""The pages as people use them: forms, refusals, conflicts, and what each sight shows."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlalchemy import func, select

from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.participants.models import (
    Capacity,
    Case,
    Competence,
    ExitDestination,
    Involvement,
    LanguageSkill,
    Participant,
    Wish,
)
from tests.factories import identity_number

WORDS = "lagat mat för 40 personer i föreningen"


@pytest.fixture
def worker(make):
    return make.user(name="Johan Ekdal")


@pytest.fixture
def samira(make, worker):
    person = make.participant(case_worker=worker, family_name="Haddad")
    make.wish(person, "Jag vill odla.")
    return person


@pytest.fixture
def johan(client_as, worker):
    return client_as(worker)


@pytest.fixture
def here(samira):
    return f"/participants/{samira.alias}"


def words_of(page):
    """What a reader sees, without tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.get_data(as_text=True)).split())


def fresh(session, row):
    session.expire_all()
    return session.get(type(row), row.id)


def log(session, action):
    return session.scalars(select(AuditEvent).where(AuditEvent.action == action)).all()


def test_the_list_shows_own_names_first_and_others_by_alias(make, johan, samira):
    other = make.participant(given_name="Leila", family_name="Nilsson")
    make.session.commit()

    shown = words_of(johan.get("/participants"))

    assert shown.index("Samira Haddad") < shown.index(other.alias)
    assert "Leila" not in shown
    assert "Nilsson" not in shown


def test_a_list_is_one_row_in_the_log_with_the_ids_shown(session, make, johan, samira):
    other = make.participant()
    session.commit()
    johan.get("/participants")

    (row,) = log(session, "list")
    assert set(row.subjects) == {str(samira.id), str(other.id)}


@pytest.mark.parametrize(
    ("search", "found"),
    [("haddad", True), ("Samira Had", True), ("nilsson", False), ("D-", False), ("%", False)],
)
def test_search_finds_own_by_name_and_nobody_else(make, johan, samira, search, found):
    make.participant(given_name="Leila", family_name="Nilsson")
    make.session.commit()

    shown = words_of(johan.post("/participants/search", data={"q": search}))

    assert ("Samira Haddad" in shown) is found
    assert "Leila" not in shown
    assert found or "Ingen träff." in shown


def test_search_finds_anybody_of_the_unit_by_alias(make, johan, samira):
    other = make.participant()
    make.session.commit()
    shown = words_of(johan.post("/participants/search", data={"q": other.alias.lower()}))
    assert other.alias in shown
    assert "Samira" not in shown


@pytest.mark.parametrize("scope", ["open", "mine", "ended", "nonsens"])
def test_an_empty_list_says_why_and_what_to_do(client_as, scope):
    page = client_as(Role.CASE_WORKER).get(f"/participants?scope={scope}")
    assert page.status_code == 200
    assert 'class="empty"' in page.get_data(as_text=True)


def test_the_list_takes_as_many_queries_for_fifty_as_for_five(make, johan, worker, queries):
    def fill(count):
        for _ in range(count):
            make.wish(make.participant(case_worker=worker))
        make.session.commit()
        make.session.expire_all()
        with queries() as counted:
            assert johan.get("/participants").status_code == 200
        return counted.total

    five = fill(5)
    assert fill(45) == five


def test_fifty_stand_on_a_page(make, johan):
    for _ in range(51):
        make.participant()
    make.session.commit()

    first, second = johan.get("/participants"), johan.get("/participants?page=2")

    assert "Sida 1 av 2" in words_of(first)
    assert len(re.findall(r'<tr[^>]*>\s*<th scope="row"', second.get_data(as_text=True))) == 1


def test_enrolling_by_the_form(session, johan, worker):
    answer = johan.post(
        "/participants/new",
        data={
            "given_name": "Amina",
            "family_name": "Dahl",
            "personal_id": identity_number(),
            "sex": "woman",
            "birth_region": "outside_europe",
            "enrolled_on": "2026-11-02",
            "contact_language": "ar",
            "interpreter": "1",
        },
    )

    assert answer.status_code == 303
    amina = session.scalars(select(Participant).where(Participant.given_name == "Amina")).one()
    assert (amina.contact_language, amina.interpreter, amina.birth_year) == ("ar", True, 1985)
    assert session.scalar(select(Case.case_worker_id)) == worker.id


def test_a_form_that_is_refused_keeps_what_was_typed(johan):
    page = johan.post(
        "/participants/new",
        data={"given_name": "Amina", "personal_id": "12", "enrolled_on": "2026-02-30"},
    )
    html = page.get_data(as_text=True)

    assert page.status_code == 422
    assert 'value="Amina"' in html
    assert 'value="2026-02-30"' in html
    assert "Datumet finns inte." in html
    assert 'href="#sex"' in html


def test_a_hidden_hit_answers_the_form_exactly_as_an_entry_does(make, session, johan):
    handler, digits = make.user(), identity_number()
    hidden = make.participant(case_worker=handler, protected=True)
    from matchsvc.participants import enrolment
    from matchsvc.swedish import IdentityNumber

    enrolment.set_identity(hidden, IdentityNumber(digits, is_coordination=False))
    session.commit()
    form = {"sex": "woman", "birth_region": "sweden", "enrolled_on": "2026-11-02"}

    entry = johan.post("/participants/new", data=form | {"personal_id": identity_number()})
    hit = johan.post("/participants/new", data=form | {"personal_id": digits})

    assert (hit.status_code, hit.location) == (entry.status_code, entry.location)
    assert hidden.alias not in words_of(johan.get(hit.location))


def test_her_page_shows_lanes_competences_and_her_own_words(make, johan, samira, here):
    make.competence(samira, "laga-mat", learned_detail="Föreningen Salam, 6 år")
    make.session.commit()

    shown = words_of(johan.get(here))

    for words in (
        "Samira Haddad",
        "Vägen till arbete",
        "Kartläggning",
        "Lärt i livet",
        "Laga mat",
        "Föreningen Salam, 6 år",
        "Påstådd",
        "Jag vill odla.",
        "Nästa steg: Fråga om kompetens från livet",
    ):
        assert words in shown


def test_others_see_alias_and_competences_but_no_name_no_words_no_contact(
    make, client_as, samira, here
):
    make.competence(samira, "laga-mat", own_words="som hos mormor", learned_detail="Salam")
    make.competence(samira, None, own_words="sköter mina systrars barn")
    samira.phone, samira.email = "+46701740615", "samira@exempel.se"
    make.session.commit()

    shown = words_of(client_as(Role.EMPLOYER_LIAISON).get(here))

    assert samira.alias in shown
    assert "Laga mat" in shown
    assert "Fråga Johan Ekdal." in shown
    for hidden in (
        "Samira",
        "Haddad",
        "Jag vill odla",
        "mormor",
        "systrar",
        "Salam",
        "070",
        "exempel.se",
    ):
        assert hidden not in shown


def test_a_manager_reads_with_a_logged_reason_until_the_end_of_the_day(
    session, client_as, samira, here
):
    manager = client_as(Role.UNIT_MANAGER)
    assert "Haddad" not in words_of(manager.get(here))
    assert manager.post(f"{here}/read", data={"reason": " "}).status_code == 422

    assert manager.post(f"{here}/read", data={"reason": "Klagomål"}).status_code == 303

    shown = words_of(manager.get(here))
    assert "Samira Haddad" in shown
    assert "Avsluta ärendet" not in shown
    held = session.scalars(
        select(Involvement).where(Involvement.capacity == Capacity.READING_WITH_REASON)
    ).one()
    assert held.until is not None
    assert [row.reason for row in log(session, "involve")] == ["Klagomål"]


def test_every_read_of_a_page_is_in_the_log(session, johan, samira, here):
    johan.get(here)
    (row,) = log(session, "read")
    assert (row.object_id, row.subjects) == (str(samira.id), [str(samira.id)])


def test_words_are_answered_with_equal_proposals_that_a_person_confirms(session, johan, here):
    page = johan.post(
        f"{here}/competences/suggest",
        data={"own_words": WORDS, "learned_where": "association"},
    )
    shown = words_of(page)
    assert "Är det här samma sak?" in shown
    assert "Laga mat i större mängd" in shown
    assert "Spara orden som de är" in shown
    assert session.scalar(select(func.count(Competence.id))) == 0

    johan.post(
        f"{here}/competences",
        data={
            "own_words": WORDS,
            "learned_where": "association",
            "learned_detail": "Salam, 6 år",
            "concept_id": "laga-mat-storkok",
        },
    )
    held = session.scalars(select(Competence)).one()
    assert (held.concept_id, held.own_words) == ("laga-mat-storkok", WORDS)
    assert "Laga mat i större mängd" in words_of(johan.get(f"{here}/competences/new?saved=1"))


def test_words_that_fit_nothing_are_saved_as_they_are(session, johan, here):
    johan.post(f"{here}/competences", data={"own_words": WORDS, "learned_where": "association"})
    held = session.scalars(select(Competence)).one()
    assert (held.concept_id, held.own_words) == (None, WORDS)

    page = johan.get(f"{here}/competences/{held.id}")
    assert "Orden väntar på ett ord i listan." in words_of(page)
    johan.post(
        f"{here}/competences/{held.id}/concept",
        data={"concept_id": "laga-mat-storkok", "version": held.version},
    )
    assert fresh(session, held).concept_id == "laga-mat-storkok"


def test_a_rung_is_raised_by_the_form(session, make, johan, samira, here):
    held = make.competence(samira, "laga-mat")
    make.session.commit()
    data = {"rung": "observed", "happened_on": "2026-10-14", "version": held.version}
    refused = johan.post(f"{here}/competences/{held.id}/evidence", data=data)
    assert refused.status_code == 422
    assert "Skriv på vilken arbetsplats det sågs." in words_of(refused)

    data["workplace"] = "Södergårdens kök"
    assert johan.post(f"{here}/competences/{held.id}/evidence", data=data).status_code == 303
    shown = words_of(johan.get(here))
    assert "Observerad 14 okt · Södergårdens kök · Johan E." in shown


def test_a_conflict_shows_theirs_beside_mine_and_keeps_what_was_typed(
    session, make, johan, samira, here
):
    held = make.competence(samira, "laga-mat")
    make.session.commit()
    data = {
        "rung": "observed",
        "happened_on": "2026-10-14",
        "workplace": "Växthuset",
        "version": held.version + 7,
    }
    page = johan.post(f"{here}/competences/{held.id}/evidence", data=data)

    assert page.status_code == 409
    assert "Någon annan har sparat samtidigt" in words_of(page)
    assert 'value="Växthuset"' in page.get_data(as_text=True)
    assert f'name="version" value="{held.version}"' in page.get_data(as_text=True)


def test_sharing_and_archiving(session, make, johan, samira, here):
    held = make.competence(samira, "laga-mat")
    make.session.commit()
    johan.post(
        f"{here}/competences/{held.id}/share", data={"is_shared": "1", "version": held.version}
    )
    assert fresh(session, held).is_shared
    assert johan.post(f"{here}/competences/{held.id}/archive", data={}).status_code == 422
    johan.post(f"{here}/competences/{held.id}/archive", data={"reason": "Fel ord"})
    assert fresh(session, held).archived_reason == "Fel ord"
    assert johan.get(f"{here}/competences/{held.id}").status_code == 404


def test_languages_by_skill(session, johan, here):
    assert johan.get(f"{here}/languages").status_code == 200
    johan.post(f"{here}/languages", data={"concept_id": "sv", "speak": "2", "write": "0"})

    assert "Tala A2 · skriva inget" in words_of(johan.get(here))
    johan.post(f"{here}/languages/remove", data={"concept_id": "sv"})
    assert session.scalar(select(func.count(LanguageSkill.id))) == 0


def test_a_wish_is_written_down_with_what_it_is_about(session, johan, here):
    page = johan.post(f"{here}/wish", data={"own_words": "Jag vill laga mat", "suggest": "1"})
    assert 'value="laga-mat"' in page.get_data(as_text=True)
    assert session.scalar(select(func.count(Wish.id))) == 1

    johan.post(f"{here}/wish", data={"own_words": "Jag vill laga mat", "concepts": ["laga-mat"]})

    shown = words_of(johan.get(here))
    assert "”Jag vill laga mat”" in shown
    assert "Önskemålet handlar om Laga mat" in shown


def test_profile_by_the_form_and_a_conflict_that_keeps_everything(
    session, make, johan, samira, here
):
    centrum = make.area("Centrum")
    make.session.commit()
    data = {
        "hours_per_week": "15",
        "weekdays": ["0", "4"],
        "available_from": "2026-12-01",
        "areas": [str(centrum.id)],
        "needs": ["lyfta-hogst-10"],
        "note_lyfta-hogst-10": "vagn beställd",
        "version": samira.version,
    }
    assert johan.post(f"{here}/profile", data=data).status_code == 303
    person = fresh(session, samira)
    assert (person.hours_per_week, person.weekdays) == (15, 0b10001)
    assert "Lyfta högst 10 kg vagn beställd" in words_of(johan.get(here))

    again = johan.post(f"{here}/profile", data=data | {"hours_per_week": "25"})

    assert again.status_code == 409
    html = again.get_data(as_text=True)
    assert 'value="25"' in html
    assert 'value="vagn beställd"' in html
    assert "Måndag, fredag" in html
    assert fresh(session, samira).hours_per_week == 15


def test_needs_stand_in_groups_and_only_those_with_a_chosen_need_are_open(johan, samira, here):
    johan.post(
        f"{here}/profile",
        data={"needs": ["korta-dagar", "oka-stegvis"], "version": samira.version},
    )
    html = johan.get(f"{here}/profile").get_data(as_text=True)
    groups = re.findall(
        r'<details class="disclosure disclosure--row"( open)?><summary><span>([^<]+)', html
    )
    assert [name for _, name in groups][:2] == ["Kroppen", "Rummet"]
    assert [name for is_open, name in groups if is_open] == ["Tider · 2 valda"]


def test_impossible_hours_are_refused_at_their_field(johan, samira, here):
    page = johan.post(f"{here}/profile", data={"hours_per_week": "60"})
    assert page.status_code == 422
    assert 'id="hours_per_week-error"' in page.get_data(as_text=True)


def test_the_person_by_the_form_and_a_conflict(session, johan, samira, here):
    data = {
        "given_name": "Samira",
        "family_name": "Ali",
        "sex": "woman",
        "birth_region": "europe",
        "birth_year": "1985",
        "contact_language": "sv",
        "phone": "070-174 06 15",
        "version": samira.version,
    }
    assert johan.get(f"{here}/person").status_code == 200
    assert johan.post(f"{here}/person", data=data).status_code == 303
    assert fresh(session, samira).phone == "+46701740615"

    again = johan.post(f"{here}/person", data=data | {"family_name": "Omar"})
    assert again.status_code == 409
    assert 'value="Omar"' in again.get_data(as_text=True)


def test_from_asked_to_ready_with_two_buttons(session, make, johan, samira, here):
    make.signed_mapping(samira)
    session.commit()
    early = johan.post(f"{here}/ready")
    assert early.status_code == 409
    assert "Fråga först om kompetens från livet." in words_of(early)

    johan.post(f"{here}/informal-asked")
    assert "Gör klar för matchning" in words_of(johan.get(here))
    johan.post(f"{here}/ready")

    assert fresh(session, samira).ready_on is not None
    assert "Visa erbjudanden" in words_of(johan.get(here))


def test_steps_begin_and_end_by_the_form(session, johan, samira, here):
    form = {"step": "work", "start_date": "2026-11-02", "label": "Södergårdens kök"}
    assert johan.post(f"{here}/steps", data=form).status_code == 303
    assert johan.post(f"{here}/steps", data=form).status_code == 409
    page = johan.get(f"{here}/steps").get_data(as_text=True)
    step_id = re.search(r'name="step_id" value="([^"]+)"', page).group(1)

    ended = johan.post(f"{here}/steps/end", data={"step_id": step_id, "end_date": "2026-11-10"})

    assert ended.status_code == 303
    assert "2 nov–10 nov · Södergårdens kök" in words_of(johan.get(here))


def test_the_case_is_ended_corrected_and_opened_again(session, johan, samira, here):
    data = {"ended_on": "2026-11-10"}
    refused = johan.post(f"{here}/end", data=data)
    assert refused.status_code == 422
    assert "Välj varför ärendet avslutas." in words_of(refused)

    data |= {"reason": "moved", "destination": "studies"}
    assert johan.post(f"{here}/end", data=data).status_code == 303
    assert "Avslutad tis 10 nov 2026 Studier" in words_of(johan.get(here))
    case = session.scalars(select(Case).where(Case.participant_id == samira.id)).one()
    assert case.exit_destination is ExitDestination.STUDIES

    assert johan.post(f"{here}/end", data=data | {"version": "1"}).status_code == 409
    assert johan.post(f"{here}/reopen").status_code == 303
    assert fresh(session, case).ended_on is None


def test_a_manager_appoints_a_case_worker(session, make, client_as, samira, here):
    successor = make.user(name="Karin Sjöholm")
    manager = client_as(Role.UNIT_MANAGER)
    assert "Karin Sjöholm" in words_of(manager.get(f"{here}/case-worker"))

    manager.post(
        f"{here}/case-worker", data={"case_worker_id": str(successor.id), "reason": "workload"}
    )

    case = session.scalars(select(Case).where(Case.participant_id == samira.id)).one()
    assert case.case_worker_id == successor.id


def test_protection_from_mark_to_lift(session, make, client_as, johan, samira, here):
    samira.phone = "+46701740615"
    manager_user = make.user(Role.UNIT_MANAGER)
    session.commit()
    johan.post(f"{here}/protect", data={"version": samira.version})
    assert fresh(session, samira).phone is None
    shown = words_of(johan.get(here))
    assert "Samira" not in shown
    assert "Skyddade uppgifter" in shown

    manager = client_as(manager_user)
    assert manager.get(here).status_code == 404
    alone = johan.post(f"{here}/protect/lift", data={"step": "ask"})
    assert alone.status_code == 409
    johan.post(f"{here}/protect/handlers", data={"user_id": str(manager_user.id)})
    johan.post(f"{here}/protect/lift", data={"step": "ask"})
    assert "En annan person måste bekräfta." in words_of(johan.get(f"{here}/protect"))
    assert johan.post(f"{here}/protect/lift", data={"step": "confirm"}).status_code == 409
    assert manager.post(f"{here}/protect/lift", data={"step": "confirm"}).status_code == 303
    assert not fresh(session, samira).protected


def test_the_page_takes_as_many_queries_for_many_competences_as_for_few(
    session, make, johan, samira, here, queries
):
    def count():
        session.commit()
        session.expire_all()
        with queries() as counted:
            assert johan.get(here).status_code == 200
        return counted.total

    concepts = ["laga-mat", "laga-mat-storkok", "laga-frukost"]
    make.competence(samira, concepts[0])
    make.wish(samira)
    one = count()
    for concept_id in concepts[1:]:
        make.competence(samira, concept_id)
    for number in range(10):
        make.competence(samira, None, own_words=f"ord {number}")
        make.case(samira, enrolled_on=date(2020, 1, 1 + number), ended_on=date(2020, 2, 1))
    assert count() == one


def test_in_english_no_swedish_words_are_left_on_the_page(make, johan, samira, here):
    make.competence(samira, "laga-mat")
    make.session.commit()
    shown = words_of(johan.get(f"{here}?lang=en"))
    assert "The way to work" in shown
    assert "Nästa steg" not in shown
