"""Search: misspelt or not, nobody is found who may not be opened, and no name stands anywhere."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.errors import Invalid
from matchsvc.participants import protection
from matchsvc.participants.enrolment import set_identity
from matchsvc.search.finding import By, Kind, find, fold
from matchsvc.swedish import parse_identity_number, sort_key
from tests.factories import TODAY, identity_number


@pytest.fixture
def worker(make):
    return make.user(role=Role.CASE_WORKER)


@pytest.fixture
def actor(make, worker):
    return make.actor(user=worker)


@pytest.fixture
def samira(session, make, worker):
    person = make.participant(
        worker, given_name="Samira", family_name="Håkansson-Öz", phone="+46701740615"
    )
    session.commit()
    return person


def titles(session, actor, words, kind=None):
    return [
        hit.title
        for hit in find(session, actor, words, today=TODAY)
        if kind is None or hit.kind is kind
    ]


class TestPeople:
    @pytest.mark.parametrize(
        "words",
        ["Samira", "sam", "samria", "hakansson", "Håkanson", "oz samira", "SAMIRA HÅK", "Sámira"],
    )
    def test_her_own_worker_finds_her_by_a_name_misspelt_or_begun(
        self, session, actor, samira, words
    ):
        assert titles(session, actor, words) == ["Samira Håkansson-Öz"]

    @pytest.mark.parametrize("words", ["Sofia", "Samir Khan", "bd"])
    def test_other_names_do_not_find_her(self, session, actor, samira, words):
        assert titles(session, actor, words) == []

    @pytest.mark.parametrize("words", ["070-174 06 15", "1740615", "+46 70 174 06 15"])
    def test_by_phone(self, session, actor, samira, words):
        (hit,) = find(session, actor, words, today=TODAY)
        assert (hit.id, hit.by) == (samira.id, By.PHONE)

    def test_a_colleague_finds_her_by_alias_and_sees_the_alias(self, session, make, samira):
        other = make.actor()
        assert titles(session, other, "Samira") == []
        assert titles(session, other, "070-174 06 15") == []
        assert titles(session, other, samira.alias.lower()) == [samira.alias]
        assert titles(session, other, samira.external_id) == [samira.alias]

    def test_by_the_whole_identity_number_and_no_part_of_it(self, session, make, samira):
        number = identity_number(date(1985, 3, 12))
        set_identity(samira, parse_identity_number(number, today=TODAY))
        session.commit()
        other = make.actor()
        (hit,) = find(session, other, number, today=TODAY)
        assert (hit.title, hit.by) == (samira.alias, By.IDENTITY)
        assert titles(session, other, number[:8]) == []

    def test_of_a_protected_person_her_handler_finds_the_alias_and_others_nothing(
        self, session, make, actor, samira
    ):
        protection.protect(session, actor, samira.id, today=TODAY)
        session.commit()
        manager = make.actor(Role.UNIT_MANAGER)
        for words in ("Samira", samira.alias):
            assert titles(session, manager, words) == []
        assert titles(session, actor, samira.alias) == [samira.alias]
        assert titles(session, actor, "Samira") == []

    def test_nobody_of_another_unit(self, session, make, samira):
        other = make.user(unit_id=make.unit(name="Annan").id)
        assert titles(session, make.actor(user=other), samira.alias) == []

    def test_an_alias_of_somebody_without_a_number_is_not_called_a_number(
        self, session, actor, samira
    ):
        (hit,) = find(session, actor, samira.alias, today=TODAY)
        assert hit.by is By.ALIAS

    def test_a_number_that_nobody_has_stands_in_the_log_as_tried(self, session, actor):
        find(session, actor, identity_number(date(1985, 3, 12)), today=TODAY)
        session.commit()
        event = session.scalars(select(AuditEvent).where(AuditEvent.object_type == "search")).one()
        assert event.fields == ["identity"]

    def test_her_supervisor_finds_her_by_name_and_not_by_phone(self, session, make, samira):
        supervisor = make.user(role=Role.SUPERVISOR)
        make.involve(samira, supervisor, capacity="supervisor")
        session.commit()
        other = make.actor(user=supervisor)
        assert titles(session, other, "samira") == ["Samira Håkansson-Öz"]
        assert titles(session, other, "070-174 06 15") == []


class TestEmployersAndOffers:
    def test_by_name_number_and_contact(self, session, make, actor):
        employer = make.employer(name="Bageri Solrosen", sort_key=sort_key("Bageri Solrosen"))
        make.contact(employer, name="Gunnel Åkerlund", email="gunnel@example.se")
        session.commit()
        for words in ("bagari solros", "Solrosen", "akerlund", "gunnel@example.se"):
            assert titles(session, actor, words) == ["Bageri Solrosen"], words

    def test_an_employer_by_the_name_of_a_site(self, session, make, actor):
        employer = make.employer(name="Kommunen", sort_key="kommunen")
        make.site(employer, name="Kvarnköket")
        session.commit()
        (hit,) = find(session, actor, "kvarnkok", today=TODAY)
        assert (hit.title, hit.detail, hit.by) == ("Kommunen", "Kvarnköket", By.SITE)

    def test_offers_by_title_place_and_tasks(self, session, make, actor):
        make.offer(title="Trädgårdsbiträde", tasks="Plantera tulpaner.")
        session.commit()
        assert titles(session, actor, "tradgard", Kind.OFFER) == ["Trädgårdsbiträde"]
        assert titles(session, actor, "tulpaner", Kind.OFFER) == ["Trädgårdsbiträde"]

    def test_a_supervisor_finds_her_own_people_and_no_employers(self, session, make, samira):
        supervisor = make.user(role=Role.SUPERVISOR)
        make.involve(samira, supervisor, capacity="supervisor")
        make.employer(name="Samiras kök", sort_key="samiras kok")
        session.commit()
        found = titles(session, make.actor(user=supervisor), "samira")
        assert found == ["Samira Håkansson-Öz"]


class TestWhatIsAsked:
    @pytest.mark.parametrize("words", ["", "   ", "%", "_", "😀", "a", "\x00", "%%__", "'; --"])
    def test_nothing_to_look_for_says_what_to_write(self, session, actor, samira, words):
        with pytest.raises(Invalid, match="Rätta"):
            find(session, actor, words, today=TODAY)

    def test_five_thousand_letters_are_too_many(self, session, actor):
        with pytest.raises(Invalid) as error:
            find(session, actor, "a" * 5000, today=TODAY)
        assert "för lång" in error.value.fields["q"]

    @pytest.mark.parametrize("words", ["100 % or 1=1", "sam%", "😀 samria"])
    def test_signs_are_no_wildcards(self, session, actor, samira, words):
        assert titles(session, actor, words) == ([] if "1" in words else ["Samira Håkansson-Öz"])

    def test_letters_with_and_without_marks_meet(self):
        assert fold("Åsa Öberg-Müller") == fold("asa oberg muller")

    def test_the_log_has_who_was_shown_and_never_the_words(self, session, actor, samira):
        find(session, actor, "Samria", today=TODAY)
        session.commit()
        event = session.scalars(select(AuditEvent).where(AuditEvent.object_type == "search")).one()
        assert event.subjects == [str(samira.id)]
        assert "amria" not in repr(vars(event))

    def test_more_people_do_not_cost_more_queries(self, session, make, actor, worker, queries):
        make.participant(worker)
        session.commit()
        with queries() as few:
            find(session, actor, "samira", today=TODAY)
        for _ in range(5):
            make.participant(worker)
        session.commit()
        with queries() as many:
            find(session, actor, "samira", today=TODAY)
        assert many.total == few.total


class TestPages:
    def test_the_box_finds_and_the_name_stands_in_no_address(self, client_as, worker, samira):
        client = client_as(worker)
        page = client.post("/search", data={"q": "samria"})
        assert "Samira Håkansson-Öz" in page.get_data(as_text=True)
        assert f"/participants/{samira.id}" in page.get_data(as_text=True)

    def test_suggestions_are_options_of_a_list(self, client_as, worker, samira):
        part = client_as(worker).post("/search/suggest", data={"q": "sam"}).get_data(as_text=True)
        assert 'role="option"' in part
        assert "<html" not in part

    def test_a_whole_number_is_not_looked_for_while_it_is_written(self, client_as, worker):
        number = identity_number(date(1985, 3, 12))
        assert client_as(worker).post("/search/suggest", data={"q": number}).status_code == 204

    def test_what_cannot_be_searched_is_said_and_kept(self, client_as, worker):
        page = client_as(worker).post("/search", data={"q": "%"})
        assert page.status_code == 422
        assert "Skriv minst två bokstäver" in page.get_data(as_text=True)

    def test_identity_numbers_are_not_tried_out(self, client_as, worker):
        client = client_as(worker)
        answers = [
            client.post("/search", data={"q": identity_number(date(1980, 1, day))}).status_code
            for day in range(1, 13)
        ]
        assert answers[0] == 200
        assert answers[-1] == 409
        assert client.post("/search", data={"q": "samira"}).status_code == 200

    def test_who_has_nothing_to_find_has_no_box(self, client_as):
        client = client_as(Role.AUDITOR)
        assert client.post("/search", data={"q": "samira"}).status_code == 403
        assert "data-search" not in client.get("/reports").get_data(as_text=True)

    def test_programs_get_the_same_hits(self, client_as, worker, samira):
        answer = client_as(worker).post("/api/v1/search", json={"q": "samria"}).get_json()
        assert [hit["id"] for hit in answer["hits"]] == [str(samira.id)]
