"""What rows of each kind become, and every refusal's sentence."""

from datetime import date
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from matchsvc.accounts.models import Role
from matchsvc.employers import merging
from matchsvc.employers.models import Contact, Employer, Offer, Site
from matchsvc.imports.planning import Action
from matchsvc.imports.runner import check, write
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.outcomes.rules import standing_events
from matchsvc.participants.models import (
    Capacity,
    Case,
    Competence,
    Involvement,
    Participant,
    Programme,
)
from matchsvc.placements.models import Employment, FollowUp, Placement
from matchsvc.workday.models import Task
from tests.factories import COMMAND, identity_number
from tests.imports.files import codes, job, load, look, row, sentences

LAW = identity_number(date(1985, 3, 12), 4)


@pytest.fixture
def fresh(session, make):
    make.unit()
    session.commit()
    return session


def the(session, table):
    session.expire_all()
    return session.scalars(select(table)).one()


def test_a_person_is_made_with_case_step_and_outcome(fresh):
    load("participants", {"Personnummer": LAW, "Avslutad": "2026-10-01", "Avslutsorsak": "mål nått",
                          "Destination": "studier", "Program": "SMS"})  # fmt: skip
    person = the(fresh, Participant)
    assert (person.birth_year, person.personal_id, person.alias[:2]) == (1985, LAW, "D-")
    case = the(fresh, Case)
    events = {event.kind: event for event in fresh.scalars(select(OutcomeEvent))}
    assert set(events) == {OutcomeKind.ENROLLED, OutcomeKind.EXITED}
    assert events[OutcomeKind.EXITED].detail == "studies"
    assert {event.programme for event in events.values()} == {"SMS"}
    assert {event.case_key for event in events.values()} == {case.outcome_key}


FULL = {
    "participants": {
        "Personnummer": LAW, "Förnamn": "Samira", "Efternamn": "Ek", "Telefon": "070-174 06 15",
        "E-post": "samira@example.org", "Kontaktspråk": "ar", "Tolk": "ja", "Program": "SMS",
        "Kompetenser": "Laga mat: exemplified @ unpaid_home", "Språk": "sv:tala B1|ar:läsa C2",
        "Timmar per vecka": "20", "Dagar": "må|ti", "Områden": "Centrum|Norr",
        "Behov": "lyfta-hogst-10",
    },
    "employers": {
        "Organisationsnummer": "212000-0142", "SNI": "56100", "Storlek": "10-49",
        "Postnummer": "12345", "Kontaktperson": "Petra Holm", "Roll": "hr",
        "E-post": "petra@example.org", "Telefon": "070-174 06 16", "Kanal": "telefon",
        "Status": "vilande", "Orsak": "Bygger om", "Ursprung": "undersökt", "Fack": "HRF",
        "Kollektivavtal": "ja", "Överenskommelse": "ICA", "Platser samtidigt": "3",
        "Erbjuder": "lyfta-hogst-10", "Utesluter": "utan-trappor", "Område": "Centrum",
    },
    "offers": {
        "Yrke": "9412", "Former": "arbetsträning|prova på", "Timmar högst": "25",
        "Dagar": "må|fr", "Start tidigast": "2027-01-11", "Start senast": "2027-02-01",
        "Giltig till": "2027-03-01", "Säsong": "04-01/10-15", "Handledare utsedd": "ja",
        "Krav": "Laga mat = Vi lagar lunch", "Språkkrav": "sv:tala A2 = Allergilistan",
        "Licenser": "B-körkort = Vi kör ut mat", "Erbjuder": "lyfta-hogst-10",
        "Chans till jobb": "ja", "För Arbetsförmedlingen": "ja", "Överenskommelse": "ICA",
        "Status": "pausad",
    },
    "placements": {
        "Planerat slut": "2026-11-30", "Slut": "2026-11-13", "Avslut": "fullföljd",
        "Beslutsfattare": "Arbetsförmedlingen", "Beslutsnummer": "AF-1",
        "Beslut från": "2026-09-01", "Beslut till": "2026-11-30", "Timmar start": "15",
        "Timmar mål": "25", "Överenskommelse": "ICA", "Program": "SMS", "Kommentar": "Bra",
    },
}  # fmt: skip


@pytest.mark.parametrize("kind", FULL)
def test_the_same_file_twice_changes_nothing(fresh, kind):
    if kind in {"offers", "placements"}:
        load("employers")
    if kind == "placements":
        load("participants")
    assert set(load(kind, FULL[kind]).actions.values()) == {Action.CREATE}
    before = fresh.scalar(select(func.count()).select_from(OutcomeEvent))
    assert set(load(kind, FULL[kind]).actions.values()) == {Action.UNCHANGED}
    assert set(load(kind).actions.values()) == {Action.UNCHANGED}  # blank leaves as it is
    assert fresh.scalar(select(func.count()).select_from(OutcomeEvent)) == before


people = st.fixed_dictionaries(
    {
        "Kön": st.sampled_from(["kvinna", "man", "okänt", "woman"]),
        "Födelseregion": st.sampled_from(["Sverige", "Europa utom Sverige", "outside_europe"]),
        "Födelseår": st.integers(1950, 2005).map(str) | st.just(""),
        "Timmar per vecka": st.integers(1, 40).map(str) | st.just("") | st.just("-"),
        "Dagar": st.sampled_from(["må|ti", "lö", "", "-"]),
        "Tolk": st.sampled_from(["ja", "nej", ""]),
        "Inskriven": st.dates(date(2020, 1, 1), date(2026, 1, 1)).map(str),
        "Kompetenser": st.sampled_from(["", "Laga mat", "Laga mat: observed @ care"]),
        "Språk": st.sampled_from(["", "sv:tala B1", "ar:skriva A1|sv:tala C1"]),
    }
)


@settings(max_examples=15, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(first=people, second=people)
def test_whatever_is_written_is_unchanged_when_written_again(fresh, first, second):
    for values in (first, second):
        load("participants", values)
        assert set(look("participants", values).actions.values()) == {Action.UNCHANGED}


def test_a_corrected_sex_corrects_every_outcome_and_keeps_what_stood_before(fresh):
    load("participants")
    load("participants", {"Kön": "man"})
    assert len(fresh.scalars(select(OutcomeEvent)).all()) == 2
    assert [event.sex for event in fresh.scalars(standing_events())] == ["man"]


def test_an_exit_that_is_cleared_is_taken_back(fresh):
    load("participants", {"Avslutad": "2026-10-01", "Avslutsorsak": "flyttat"})
    load("participants", {"Avslutad": "-"})
    assert {event.kind for event in fresh.scalars(standing_events())} == {OutcomeKind.ENROLLED}
    assert the(fresh, Case).exit_reason is None


def test_a_later_first_day_after_an_exit_is_a_new_case(fresh):
    load("participants", {"Avslutad": "2026-10-01", "Avslutsorsak": "flyttat"})
    load("participants", {"Inskriven": "2026-11-01"})
    assert sorted(case.enrolled_on for case in fresh.scalars(select(Case))) == [
        date(2026, 8, 10), date(2026, 11, 1),
    ]  # fmt: skip


def test_competences_are_added_and_raised_but_never_lowered_or_lost(fresh):
    load("participants", {"Kompetenser": "Laga mat: observed|Städa"})
    load("participants", {"Kompetenser": "Laga mat: claimed"})
    held = {c.concept_id: c.rung for c in fresh.scalars(select(Competence))}
    assert sorted(held.values()) == ["claimed", "observed"]


@pytest.mark.parametrize(
    ("values", "column", "code", "sentence"),
    [
        ({"Personnummer": "198503129999"}, "personal_id", "bad_personal_id",
         "Numret stämmer inte."),
        ({"Personnummer": LAW, "Födelseår": "1986"}, "birth_year", "birth_year_differs",
         "Födelseåret stämmer inte med personnumret."),
        ({"Födelseland": "Norge"}, "birth_country", "region_differs",
         "Norge hör till Europa utom Sverige."),
        ({"Avslutad": "2026-09-01"}, "exit_reason", "exit_reason_missing", "Skriv en avslutsorsak"),
        ({"Avslutad": "2026-01-01", "Avslutsorsak": "annat"}, "ended_on", "ends_before_start",
         "Avslutad ligger före Inskriven."),
        ({"Inskriven": "2027-01-01"}, "enrolled_on", "not_yet", "Dagen har inte varit än."),
        ({"Kompetenser": "Laga matt"}, "competences", "unknown_concept", "Menade du Laga mat?"),
        ({"Behov": "lyfta högst tio"}, "needs", "unknown_condition", "Villkoret finns inte."),
        ({"Handläggare": "ingen@example.org"}, "case_worker", "unknown_user", "Ingen användare"),
        ({"Enhet": "Okänd"}, "unit", "unknown_unit", "Enheten finns inte"),
        ({"Kön": ""}, "sex", "required", "Fyll i Kön."),
        ({"Skyddade personuppgifter": "ja"}, "case_worker", "handler_missing",
         "Skriv en handläggare"),
        ({"Skyddade personuppgifter": "ja", "Telefon": "070-174 06 15"}, "phone",
         "contact_of_protected", "Skriv inga kontaktuppgifter"),
    ],
)  # fmt: skip
def test_every_refused_person_says_why(fresh, values, column, code, sentence):
    found = look("participants", values)
    told = {(p.column, p.code): p.said() for p in found.problems}
    assert (column, code) in told
    assert sentence in told[column, code]


def test_every_error_of_every_row_comes_at_once_and_nothing_is_written(fresh):
    todo = job("participants", [
        row("participants", Kön="x", Inskriven="2026-02-31"),
        row("participants", **{"Deltagar-id": "D2"}),
        row("participants", **{"Deltagar-id": "D2", "Födelseregion": "x"}),
    ])  # fmt: skip
    found = check(todo)
    assert codes(found) == [
        (2, "sex", "unknown_choice"), (2, "enrolled_on", "bad_date"),
        (4, "birth_region", "unknown_choice"), (4, "external_id", "row_twice"),
    ]  # fmt: skip
    assert write(todo).written is False
    assert fresh.scalars(select(Participant)).all() == []


def test_an_error_repeats_the_cell_but_never_who_somebody_is(fresh):
    found = look("participants", {
        "Kön": LAW, "Telefon": "fel", "E-post": "fel", "Personnummer": "19850312-0000",
        "Födelseregion": "samira@example.org", "Inskriven": "i går", "Kompetenser": LAW,
    })  # fmt: skip
    told = {p.column: p.value for p in found.problems}
    assert told.pop("enrolled_on") == "i går"
    assert set(told.values()) == {None}
    assert LAW not in str([p.as_json() for p in found.problems])


def test_the_country_is_kept_only_where_the_programme_needs_it(fresh, make):
    unit = make.unit()
    make.save(Programme(unit_id=unit.id, code="JA", name="JA", needs_birth_country=True))
    fresh.commit()
    load("participants", {"Födelseland": "Syrien", "Program": "JA"},
         {"Deltagar-id": "D2", "Födelseland": "Syrien"})  # fmt: skip
    people = {p.external_id: p.birth_country for p in fresh.scalars(select(Participant))}
    assert people == {"D1": "SY", "D2": None}


def test_a_file_that_hits_a_protected_person_is_answered_like_any_other(fresh, make):
    handler = make.user(Role.CASE_WORKER)
    fresh.commit()
    load("participants", {"Personnummer": LAW, "Skyddade personuppgifter": "ja",
                          "Handläggare": handler.email})  # fmt: skip
    person = the(fresh, Participant)
    fresh.commit()
    plain = load("participants", {"Deltagar-id": "X9", "Förnamn": "Annan"})
    hit = load("participants", {"Deltagar-id": "X1", "Personnummer": LAW, "Förnamn": "Annan"})
    assert (hit.actions, hit.problems) == (plain.actions, plain.problems)
    assert fresh.scalar(select(Task.owner_id)) == handler.id
    assert {p.external_id for p in fresh.scalars(select(Participant))} == {"D1", "X9"}
    fresh.refresh(person)
    assert person.given_name is None


def test_a_case_worker_changes_only_her_own(fresh, make):
    mine, other = make.actor(Role.CASE_WORKER), make.user(Role.CASE_WORKER)
    fresh.commit()
    load("participants", {"Handläggare": other.email})
    found = look("participants", {"Timmar per vecka": "10"}, actor=mine)
    assert codes(found) == [(2, "external_id", "not_yours")]


def test_a_new_case_worker_takes_over_and_the_old_one_loses_sight(fresh, make):
    first, second = make.user(Role.CASE_WORKER), make.user(Role.CASE_WORKER)
    fresh.commit()
    load("participants", {"Handläggare": first.email})
    load("participants", {"Handläggare": second.email})
    held = fresh.scalars(select(Involvement).where(Involvement.capacity == Capacity.CASE_WORKER))
    assert [one.user_id for one in held] == [second.id]


def test_areas_come_from_the_unit_and_the_first_file_makes_the_list(fresh, make):
    assert "Centrum" in str(
        [w.said() for w in load("participants", {"Områden": "Centrum"}).warnings]
    )
    assert sentences(look("participants", {"Områden": "Centrun"})) == [
        "Området finns inte på enhetens lista. Menade du Centrum?"
    ]


def test_rows_gather_into_one_employer_with_its_sites_and_contacts(fresh):
    load("employers", {"Kontaktperson": "Petra Holm"},
         {"Arbetsställe-id": "S2", "Arbetsställe": "Norr", "Kontaktperson": "Petra Holm"},
         {"Kontaktperson": "Ali Ek"})  # fmt: skip
    counts = [fresh.scalar(select(func.count()).select_from(t)) for t in (Employer, Site, Contact)]
    assert counts == [1, 2, 2]


def test_rows_that_contradict_each_other_are_refused(fresh):
    found = look("employers", {}, {"Namn": "Annat namn"})
    assert sentences(found) == ["Rad 2 säger något annat. Skriv lika på båda raderna."]


@pytest.mark.parametrize(
    ("kind", "values", "column", "code"),
    [
        ("employers", {"Status": "förlorad"}, "status_reason", "reason_missing"),
        ("employers", {"Organisationsnummer": "212000-0143"}, "org_number", "bad_org_number"),
        ("employers", {"E-post": "a@example.org"}, "contact_name", "contact_name_missing"),
        ("employers", {"Erbjuder": "lyfta-hogst-10", "Utesluter": "lyfta-hogst-10"}, "excludes",
         "both_stances"),
        ("offers", {"Krav": "Laga mat"}, "required", "purpose_missing"),
        ("offers", {"Krav": "Under 30 år"}, "required", "protected_ground"),
        ("offers", {"Titel": "Ung tjej sökes"}, "title", "protected_ground"),
        ("offers", {"Timmar start": "45"}, "hours_start", "too_large"),
        ("offers", {"Timmar högst": "10"}, "hours_max", "invalid"),
        ("offers", {"Arbetsställe-id": "S9"}, "site_external_id", "unknown_site"),
        ("offers", {"Krav": "Laga mat = a|Laga mat = b"}, "required", "invalid"),
        ("placements", {"Deltagar-id": "D9"}, "participant", "not_found"),
        ("placements", {"Slut": "2026-10-01"}, "outcome", "required"),
        ("placements", {"Slut": "2026-08-01", "Avslut": "annat"}, "end_date", "ends_before_start"),
        ("placements", {"Form": "resursanställning"}, "subsidy", "required"),
        ("placements", {"Kommentar": f"Ring {LAW}"}, "comment", "identity_number"),
        ("placements", {"Start": "2026-12-01"}, "purpose", "start_refused"),
        ("placements", {"Erbjudande-id": "E9"}, "offer", "unknown_offer"),
    ],
)  # fmt: skip
def test_every_refused_row_says_which_cell(fresh, kind, values, column, code):
    load("employers")
    load("participants")
    found = look(kind, values)
    assert (column, code) in {(p.column, p.code) for p in found.problems}, sentences(found)


def test_the_id_of_a_row_that_was_merged_away_means_the_one_that_stands(fresh):
    load("employers", {}, {"Arbetsgivar-id": "A9", "Arbetsställe-id": "S9"})
    load("participants", {}, {"Deltagar-id": "D9"})
    for table, old in ((Employer, "A9"), (Participant, "D9")):
        gone = fresh.scalars(select(table).where(table.external_id == old)).one()
        kept = fresh.scalars(select(table).where(table.external_id != old)).one()
        gone.merged_into_id = kept.id
    fresh.commit()
    load("employers", {"Arbetsgivar-id": "A9", "Namn": "Kvarnköket Nya AB"})
    load("participants", {"Deltagar-id": "D9", "Förnamn": "Nadia"})
    load("placements", {"Deltagar-id": "D9"})
    for table, name, said in (
        (Employer, "name", "Kvarnköket Nya AB"),
        (Participant, "given_name", "Nadia"),
    ):
        rows = fresh.scalars(select(table).execution_options(populate_existing=True)).all()
        assert {bool(row.merged_into_id): getattr(row, name) for row in rows}[False] == said
        assert len(rows) == 2
    kept = fresh.scalars(select(Participant).where(Participant.merged_into_id.is_(None))).one()
    assert the(fresh, Placement).participant_id == kept.id
    twice = look("participants", {}, {"Deltagar-id": "D9"})
    assert codes(twice) == [(3, "external_id", "row_twice")]


def test_history_counts_and_asks_nobody(fresh):
    load("employers")
    load("participants")
    load("placements", FULL["placements"], {"Placerings-id": "P2", "Form": "anställning"},
         {"Placerings-id": "P3", "Form": "resursanställning", "Stödform": "Lönebidrag",
          "Stöd beslut": "1", "Planerat slut": "2027-01-01"})  # fmt: skip
    kinds = sorted(event.kind for event in fresh.scalars(select(OutcomeEvent)))
    assert kinds == ["employment_started", "enrolled", "municipal_employment_started",
                     "placement_ended", "placement_started"]  # fmt: skip
    assert the(fresh, Placement).is_history
    assert {job.is_history for job in fresh.scalars(select(Employment))} == {True}
    assert fresh.scalars(select(FollowUp)).all() == fresh.scalars(select(Task)).all() == []


def test_a_placement_that_starts_later_gets_the_rules_of_a_new_one(fresh, make):
    supervisor = make.user(Role.SUPERVISOR)
    fresh.commit()
    load("employers")
    load("participants")
    load("placements", {"Start": "2026-12-01", "Planerat slut": "2027-02-26", "Syfte": "Pröva kök",
                        "Beslutsnummer": "AF-1", "Beslut från": "2026-12-01",
                        "Beslut till": "2027-02-26", "Handledare": supervisor.email})  # fmt: skip
    assert the(fresh, Placement).is_history is False
    assert len(fresh.scalars(select(FollowUp)).all()) == 3
    started = select(OutcomeEvent).where(OutcomeEvent.kind == OutcomeKind.PLACEMENT_STARTED)
    assert fresh.scalars(started).all() == []  # it has not begun yet


def test_a_changed_period_corrects_what_reports_count(fresh):
    load("employers")
    load("participants")
    load("placements")
    load("placements", {"Start": "2026-09-15"})
    standing = standing_events().where(OutcomeEvent.kind == OutcomeKind.PLACEMENT_STARTED)
    assert [event.occurred_on for event in fresh.scalars(standing)] == [date(2026, 9, 15)]


def test_an_offer_keeps_what_a_blank_cell_leaves_and_clears_what_a_dash_says(fresh):
    load("employers")
    load("offers", FULL["offers"])
    load("offers", {"Säsong": "-", "Licenser": "-"})
    offer = the(fresh, Offer)
    assert (offer.season_start, offer.hours_max) == (None, 25)


def test_one_employer_in_three_spellings_is_told_and_nothing_is_refused(fresh):
    spelt = ["Lindvalla Storkök AB", "STORKÖK LINDVALLA", "Lindvalla storkök aktiebolag"]
    rows = [
        {"Arbetsgivar-id": f"A{n}", "Namn": name, "Arbetsställe-id": f"S{n}",
         "Organisationsnummer": "556703-7485" if n == 1 else None}
        for n, name in enumerate(spelt, start=1)
    ]  # fmt: skip
    told = look("employers", *rows)
    assert told.problems == []
    named = [warning for warning in told.warnings if warning.code == "same_name"]
    assert {(w.words["one"], w.words["other"]) for w in named} == {("A2", "A1"), ("A3", "A1")}
    load("employers", *rows)
    again = look("employers", *rows)
    assert again.warnings == []  # they are known now, and /employers/same shows the pairs
    pairs = merging.same_employers(fresh, COMMAND)
    assert {frozenset(pair.names) for pair in pairs} == set(map(frozenset, combinations(spelt, 2)))


def test_names_alike_with_numbers_that_differ_are_two_employers(fresh):
    one = {"Arbetsgivar-id": "A1", "Organisationsnummer": "556703-7485"}
    two = {"Arbetsgivar-id": "A2", "Organisationsnummer": "212000-0142", "Arbetsställe-id": "S2"}
    assert look("employers", one, two).warnings == []
