"""The pages of employers and offers, through the browser's eyes but without a browser."""

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from matchsvc import db
from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.employers.models import (
    Channel,
    Employer,
    Interaction,
    Offer,
    OfferStatus,
    Purpose,
    Requirement,
)
from matchsvc.swedish import local_date
from matchsvc.workday.models import Task
from tests.factories import TODAY

OFFER = {
    "title": "Köksbiträde",
    "tasks": "Laga lunch och diska.",
    "contribution": "experience",
    "places": "2",
    "hours_start": "15",
    "hours_max": "25",
    "weekdays": ["1", "2"],
    "requirements/0/concept_id": "laga-mat",
    "requirements/0/importance": "required",
    "requirements/0/purpose": "Lunch till 80 personer.",
    "languages/0/concept_id": "sv",
    "languages/0/part": "speak",
    "languages/0/level": "2",
    "languages/0/purpose": "Säkerhetsinstruktioner.",
}


@pytest.fixture
def liaison(client_as):
    return client_as(Role.EMPLOYER_LIAISON)


def text(response):
    return unescape(response.get_data(as_text=True))


def test_a_new_employer_leads_on_to_its_first_site_and_then_to_its_page(liaison, session):
    made = liaison.post("/employers/new", data={"name": "Kvarnköket", "type": "private"})
    employer = session.scalars(select(Employer)).one()
    site = liaison.post(made.location, data={"name": "Köket", "offers": ["lugn-plats"]})
    page = text(liaison.get(site.location))

    assert made.status_code == site.status_code == 303
    assert employer.unit_id == liaison.user.unit_id
    assert "Kvarnköket" in page
    assert "Det finns en lugn plats att arbeta på" in page


def test_what_was_typed_stays_when_something_is_wrong(liaison):
    answer = liaison.post(
        "/employers/new", data={"name": "Kvarnköket", "type": "private", "sni": "mat"}
    )

    assert answer.status_code == 422
    assert 'value="Kvarnköket"' in text(answer)
    assert 'href="#sni"' in text(answer)
    assert 'id="sni"' in text(answer)


def test_the_same_organisation_number_is_asked_about_once(liaison, session):
    form = {"name": "Kvarnköket", "type": "private", "org_number": "556703-7485"}
    liaison.post("/employers/new", data=form)
    asked = liaison.post("/employers/new", data=form | {"name": "Kvarnens lager"})
    saved = liaison.post(
        "/employers/new", data=form | {"name": "Kvarnens lager", "is_separate": "true"}
    )

    assert (asked.status_code, saved.status_code) == (409, 303)
    assert 'name="is_separate"' in text(asked)


def test_the_list_shows_status_owner_and_last_contact(liaison, make):
    employer = make.employer(name="Åbrinkens förskola", owner_id=liaison.user.id)
    make.save(
        Interaction(
            employer_id=employer.id,
            by_id=liaison.user.id,
            happened_on=TODAY - timedelta(days=3),
            channel=Channel.VISIT,
            purpose=Purpose.BUILD,
            result="Bra samtal.",
        )
    )
    make.employer(name="Bageriet")
    make.session.commit()

    everything = text(liaison.get("/employers"))
    mine = text(liaison.get("/employers?mine=1"))
    nothing = text(liaison.get("/employers?q=zzz"))

    assert everything.index("Bageriet") < everything.index("Åbrinkens förskola")
    assert f"fre 20 nov 2026 · {liaison.user.name}" in everything
    assert "Bageriet" not in mine
    assert "Ingen arbetsgivare stämmer med sökningen." in nothing


def test_a_visit_is_logged_and_stands_first_on_the_employers_page(liaison, make):
    employer = make.employer()
    make.contact(employer)
    make.session.commit()
    form = text(liaison.get(f"/employers/{employer.id}/log?channel=visit"))
    logged = liaison.post(
        f"/employers/{employer.id}/log",
        data={
            "happened_on": local_date(db.utcnow()).isoformat(),
            "channel": "visit",
            "purpose": "build",
            "result": "De vill ta emot två.",
            "next_step": "Skicka informationspaket",
            "next_on": local_date(db.utcnow()).isoformat(),
        },
    )
    page = text(liaison.get(f"/employers/{employer.id}"))

    assert "Ingen kollega har hört av sig de senaste 90 dagarna." in form
    assert "kan bli allmän handling" in form
    assert re.search(r'value="visit" checked', form)
    assert logged.status_code == 303
    assert "De vill ta emot två." in page
    assert "Skicka informationspaket" in page


def test_the_last_90_days_are_shown_before_a_new_contact(liaison, make):
    employer = make.employer()
    lena = make.user(Role.EMPLOYER_LIAISON, name="Lena Ek")
    today = local_date(db.utcnow())
    for days, result in [(10, "Ringde om våren."), (91, "Gammalt.")]:
        make.save(
            Interaction(
                employer_id=employer.id,
                by_id=lena.id,
                happened_on=today - timedelta(days=days),
                channel=Channel.PHONE,
                purpose=Purpose.BUILD,
                result=result,
            )
        )
    make.session.commit()
    form = text(liaison.get(f"/employers/{employer.id}/log"))

    assert "1 kontakt de senaste 90 dagarna" in form
    assert "Ringde om våren." in form
    assert "Lena Ek" in form
    assert "Gammalt." not in form


def test_what_was_promised_is_ticked_off_with_one_button(liaison, make, session):
    employer = make.employer()
    step = make.save(
        Interaction(
            employer_id=employer.id,
            by_id=liaison.user.id,
            happened_on=TODAY,
            channel=Channel.PHONE,
            purpose=Purpose.BUILD,
            result="Ring igen.",
            next_step="Ring Petra",
            next_on=TODAY,
        )
    )
    session.commit()
    url = f"/employers/{employer.id}/steps/{step.id}/done"

    assert url in text(liaison.get(f"/employers/{employer.id}"))
    assert liaison.post(url).status_code == 303
    assert "Ring Petra" not in text(liaison.get(f"/employers/{employer.id}"))


def test_a_status_that_needs_a_reason_asks_for_it(liaison, make):
    employer = make.employer(status="active")
    make.session.commit()
    url = f"/employers/{employer.id}/status"
    form = {"status": "paused", "version": "1"}

    asked = liaison.post(url, data=form)
    saved = liaison.post(url, data=form | {"status_reason": "Ombyggnad till mars."})

    assert (asked.status_code, saved.status_code) == (422, 303)
    assert "Skriv varför." in text(asked)
    assert "Ombyggnad till mars." in text(liaison.get(f"/employers/{employer.id}"))


def test_an_old_version_shows_both_and_keeps_what_was_typed(liaison, make, session):
    employer = make.employer(name="Kvarnköket")
    session.commit()
    url = f"/employers/{employer.id}/edit"
    form = {"name": "Nya köket", "type": "municipal", "version": "1"}
    liaison.post(url, data=form)
    late = liaison.post(url, data=form | {"name": "Mitt kök", "type": "region"})
    page = text(late)
    again = liaison.post(url, data=form | {"name": "Mitt kök", "version": "2"})

    assert late.status_code == 409
    assert 'value="Mitt kök"' in page
    assert "<td>Nya köket</td>" in page
    assert "<td>Kommunal</td><td>Region</td>" in page
    assert 'name="version" value="2"' in page
    assert again.status_code == 303


@pytest.mark.parametrize("what", ["sites", "contacts"])
def test_sites_and_contacts_show_conflicts_too(liaison, make, what):
    employer = make.employer()
    row = make.site(employer) if what == "sites" else make.contact(employer)
    make.session.commit()
    url = f"/employers/{employer.id}/{what}/{row.id}/edit"
    form = {"name": "Först", "version": "1"}

    assert liaison.get(url).status_code == 200
    assert liaison.post(url, data=form).status_code == 303
    late = liaison.post(url, data=form | {"name": "Sedan"})
    assert late.status_code == 409
    assert "<td>Först</td><td>Sedan</td>" in text(late)


def test_a_contact_is_added_with_a_readable_telephone(liaison, make):
    employer = make.employer()
    make.session.commit()
    url = f"/employers/{employer.id}/contacts/new"

    wrong = liaison.post(url, data={"name": "Petra Holm", "phone": "12"})
    right = liaison.post(url, data={"name": "Petra Holm", "phone": "0701740615"})
    page = text(liaison.get(f"/employers/{employer.id}"))

    assert (wrong.status_code, right.status_code) == (422, 303)
    assert "070-174 06 15" in page
    assert "tel:+46701740615" in page


def test_an_offer_is_created_shown_and_leads_to_possible_participants(liaison, make, session):
    site = make.site(make.employer(name="Kvarnköket"))
    session.commit()
    made = liaison.post("/offers/new", data=OFFER | {"site": str(site.id), "status": "open"})
    offer = session.scalars(select(Offer)).one()
    page = text(liaison.get(made.location))

    assert made.status_code == 303
    assert "2 platser · 15 tim/vecka, kan öka till 25 · 1 krav" in page
    assert "Laga mat" in page
    assert "Lunch till 80 personer." in page
    assert "Svenska, tala lägst A2" in page
    assert "måndag, tisdag" in page
    assert f'href="/matching/offers/{offer.id}"' in page


def test_a_row_is_added_and_removed_without_saving_or_losing_anything(liaison, make, session):
    site = make.site()
    session.commit()
    form = OFFER | {"site": str(site.id)}

    added = text(liaison.post("/offers/new", data=form | {"add": "requirements"}))
    removed = text(liaison.post("/offers/new", data=form | {"remove": "requirements/0"}))

    assert 'id="requirements/1/text"' in added
    assert 'value="Lunch till 80 personer."' in added
    assert "requirements/0/" not in removed
    assert 'value="Säkerhetsinstruktioner."' in removed
    assert 'value="Köksbiträde"' in removed
    assert session.scalar(select(Offer)) is None


def test_own_words_are_proposed_concepts_to_choose_from_and_none_is_chosen(liaison, make, session):
    site = make.site()
    session.commit()
    form = OFFER | {
        "site": str(site.id),
        "requirements/1/text": "laga mat till många",
        "requirements/1/purpose": "Storhushåll.",
    }
    asked = liaison.post("/offers/new", data=form)
    page = text(asked)
    saved = liaison.post(
        "/offers/new", data=form | {"requirements/1/concept_id": "laga-mat-storkok"}
    )
    concepts = set(session.scalars(select(Requirement.concept_id)))

    assert asked.status_code == 422
    assert 'name="requirements/1/concept_id" value="laga-mat-storkok"' in page
    assert not re.search(r'name="requirements/1/concept_id" value="[^"]*" checked', page)
    assert "Välj vad du menar, eller ta bort kravet." in page
    assert saved.status_code == 303
    assert concepts == {"laga-mat", "laga-mat-storkok"}


def test_every_fault_of_an_offer_is_told_at_once(liaison, make):
    site = make.site()
    make.session.commit()
    wrong = OFFER | {
        "site": str(site.id),
        "requirements/0/purpose": "",
        "requirements/1/text": "xyzzy",
        "hours_max": "10",
    }
    page = text(liaison.post("/offers/new", data=wrong))

    for anchor in ("requirements/0/purpose", "requirements/1/text", "hours_max"):
        assert f'href="#{anchor}"' in page
        assert f'id="{anchor}"' in page
    assert "Varför behövs kravet? Skriv syftet, eller ta bort kravet." in page


@pytest.mark.parametrize(
    "typed", [{"title": "Ung kille till lagret"}, {"requirements/1/text": "Under 30 år"}]
)
def test_a_forbidden_wish_is_refused_explained_logged_and_escalated(liaison, make, session, typed):
    make.user(Role.UNIT_MANAGER)
    site = make.site()
    session.commit()
    answer = liaison.post("/offers/new", data=OFFER | typed | {"site": str(site.id)})

    assert answer.status_code == 422
    assert "Ålder får inte vara ett krav. Ta bort det." in text(answer)
    assert "Diskrimineringslagen gäller också praktik." in text(answer)
    assert session.scalar(select(Offer)) is None
    assert len(session.scalars(select(Task)).all()) == 1
    actions = session.scalars(select(AuditEvent.reason)).all()
    assert "protected_ground" in actions


def test_an_offer_is_edited_and_an_old_version_refused(liaison, make, session):
    offer = make.offer(required=["laga-mat"])
    session.commit()
    url = f"/offers/{offer.id}/edit"
    page = text(liaison.get(url))
    form = OFFER | {"version": "1", "title": "Kock"}
    saved = liaison.post(url, data=form)
    late = liaison.post(url, data=form | {"title": "Diskare"})

    assert 'value="Behövs varje dag."' in page
    assert saved.status_code == 303
    assert late.status_code == 409
    assert "<td>Kock</td><td>Diskare</td>" in text(late)
    assert 'name="version" value="2"' in text(late)


def test_an_offer_is_paused_and_opened_with_a_button(liaison, make, session):
    offer = make.offer()
    session.commit()
    url = f"/offers/{offer.id}/status"

    assert liaison.post(url, data={"status": "paused", "version": "1"}).status_code == 303
    session.refresh(offer)
    assert offer.status is OfferStatus.PAUSED
    stale = liaison.post(url, data={"status": "open", "version": "1"})
    assert stale.status_code == 409
    assert "Någon annan har sparat samtidigt." in text(stale)


@pytest.mark.parametrize(
    ("role", "reads", "edits", "logs"),
    [
        (Role.EMPLOYER_LIAISON, 200, 200, 200),
        (Role.PLACEMENT_COORDINATOR, 200, 200, 200),
        (Role.CASE_WORKER, 200, 403, 200),
        (Role.UNIT_MANAGER, 200, 403, 403),
        (Role.SUPERVISOR, 403, 403, 403),
        (Role.AUDITOR, 403, 403, 403),
        (Role.ADMIN, 403, 403, 403),
    ],
)
def test_each_role_sees_what_it_may_do_and_nothing_else(client_as, make, role, reads, edits, logs):
    employer = make.employer()
    offer = make.offer(make.site(employer))
    client = client_as(role)

    for url in ("/employers", f"/employers/{employer.id}", "/offers", f"/offers/{offer.id}"):
        assert client.get(url).status_code == reads
    for url in ("/employers/new", f"/employers/{employer.id}/edit", f"/offers/{offer.id}/edit"):
        assert client.get(url).status_code == edits
    assert client.get(f"/employers/{employer.id}/log").status_code == logs
    if reads == 200:
        page = text(client.get(f"/employers/{employer.id}"))
        assert (f"/employers/{employer.id}/edit" in page) is (edits == 200)
        assert (f"/employers/{employer.id}/log" in page) is (logs == 200)


def test_another_units_pages_answer_as_if_they_did_not_exist(liaison, make):
    employer = make.employer(unit=make.unit(name="Grannkommunen"))
    site = make.site(employer)
    offer = make.offer(site)
    make.session.commit()

    for url in (
        f"/employers/{employer.id}",
        f"/employers/{employer.id}/edit",
        f"/employers/{employer.id}/log",
        f"/offers/{offer.id}",
        f"/offers/{offer.id}/edit",
        f"/offers/new?site={site.id}",
    ):
        assert liaison.get(url).status_code == 404


def test_reading_an_employers_contacts_is_logged(liaison, make, session):
    employer = make.employer()
    session.commit()
    liaison.get(f"/employers/{employer.id}")

    read = session.scalars(select(AuditEvent).where(AuditEvent.action == "read")).one()
    assert (read.object_type, read.object_id) == ("employer", str(employer.id))


def test_pages_make_as_many_queries_for_5_as_for_50(liaison, make, session, queries):
    employer = make.employer()

    def add(count):
        for number in range(count):
            make.offer(make.site(make.employer(owner_id=liaison.user.id)), required=["laga-mat"])
            make.contact(employer, name=f"Person {number}")
            make.offer(make.site(employer))
            make.save(
                Interaction(
                    employer_id=employer.id,
                    by_id=liaison.user.id,
                    happened_on=TODAY,
                    channel=Channel.PHONE,
                    purpose=Purpose.BUILD,
                    result="Pratade.",
                )
            )
        session.commit()

    def run():
        session.expunge_all()
        counted = {}
        for url in ("/employers", "/offers", f"/employers/{employer.id}"):
            with queries() as count:
                assert liaison.get(url).status_code == 200
            counted[url] = count.total
        return counted

    add(5)
    few = run()
    add(45)

    assert run() == few


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_page_reads_in_both_languages(liaison, make, language):
    employer = make.employer(owner_id=liaison.user.id)
    site = make.site(employer)
    offer = make.offer(site, required=["laga-mat"])
    make.session.commit()
    pages = [
        "/employers",
        "/employers/new",
        f"/employers/{employer.id}",
        f"/employers/{employer.id}/edit",
        f"/employers/{employer.id}/log",
        f"/employers/{employer.id}/sites/new",
        f"/employers/{employer.id}/contacts/new",
        "/offers",
        f"/offers/new?site={site.id}",
        f"/offers/{offer.id}",
        f"/offers/{offer.id}/edit",
    ]
    for url in pages:
        page = liaison.get(f"{url}{'&' if '?' in url else '?'}lang={language}")
        assert page.status_code == 200
        assert ("Employers" in text(page)) is (language == "en")


def test_a_name_that_is_there_already_is_asked_about_before_it_is_made_again(
    session, make, client_as
):
    make.employer(name="Lindvalla Storkök AB", org_number="5567037485")
    liaison = client_as(Role.EMPLOYER_LIAISON)
    form = {"name": "Storkök Lindvala", "type": "private", "status": "prospect"}
    asked = liaison.post("/employers/new", data=form)
    assert asked.status_code == 409
    page = asked.get_data(as_text=True)
    assert "Lindvalla Storkök AB finns redan" in page
    assert 'value="Storkök Lindvala"' in page
    assert 'name="is_separate"' in page
    assert liaison.post("/employers/new", data=form | {"is_separate": "true"}).status_code == 303
