"""The page on a shared screen: who helps, in which language, what is read, answered, taken back."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from sqlalchemy import select

from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.matching import proposals
from matchsvc.matching.gate_words import Words
from matchsvc.matching.models import ProposalState
from matchsvc.own_page import page as own_page
from matchsvc.own_page import visits
from matchsvc.own_page.corrections import answer_correction, say_correction
from matchsvc.own_page.models import CorrectionKind, CorrectionOutcome
from matchsvc.participants import plans
from matchsvc.participants.cases import latest_case
from matchsvc.participants.consent_models import (
    Category,
    Consent,
    ConsentAnswer,
    ConsentScope,
    DisclosureRule,
    Party,
    RevokedHow,
)
from matchsvc.participants.disclosures import Told, disclose
from matchsvc.participants.models import Capacity, CaseStep, Step
from matchsvc.participants.presentation_answers import latest_answer, require_presentable
from matchsvc.participants.presentation_models import PresentationAnswer, PresentationSaid
from matchsvc.placements.models import DecisionAuthority, Placement
from matchsvc.rights.models import Decision, RightKind
from matchsvc.rights.requests import requests_of
from matchsvc.workday.models import Task
from tests.factories import identity_number

EVIL = "<script>alert('x')</script>"


@pytest.fixture
def visit(session, desk, clock):
    """``visit("ar", interpreter=...)``: the page is being shown."""

    def do(language="sv", interpreter=None, actor=None, **when):
        return visits.start_visit(
            session,
            actor or desk.actor,
            desk.samira.id,
            language=language,
            interpreter=interpreter,
            **clock | when,
        )

    return do


@pytest.fixture
def agreed(make, desk, clock):
    """A consent to tell the employment service and employers what she can."""
    row = Consent(
        participant_id=desk.samira.id,
        unit_id=desk.samira.unit_id,
        answer=ConsentAnswer.GIVEN,
        text_version="1",
        text_language="sv",
        content_hash="x",
        valid_from=clock["today"] - timedelta(10),
        valid_until=clock["today"] + timedelta(90),
        recorded_by_id=desk.johan.id,
        scopes=[
            ConsentScope(party=Party.EMPLOYMENT_SERVICE, category=Category.PLANNING),
            ConsentScope(party=Party.EMPLOYER, category=Category.COMPETENCE),
        ],
    )
    return make.save(row)


@pytest.fixture
def shown(client_as, session, desk, visit):
    """``shown("ar")``: the page as Johan shows it, its address and its words."""

    def do(language="sv", interpreter=None):
        row = visit(language, interpreter)
        session.commit()
        client = client_as(desk.johan)
        path = f"{desk.path}/{row.id}"
        return SimpleNamespace(
            client=client,
            path=path,
            visit=row,
            words=lambda tail="": client.get(path + tail).get_data(as_text=True),
        )

    return do


def rows(session, object_type, action):
    session.commit()
    found = select(AuditEvent).where(
        AuditEvent.object_type == object_type, AuditEvent.action == action
    )
    return session.scalars(found).all()


class TestAssistedUse:
    def test_it_is_noted_who_helps_in_which_language_and_that_somebody_interprets(
        self, session, desk, visit
    ):
        row = visit("ar", "Amir")
        assert (row.assisted_by_id, row.language, row.interpreter) == (desk.johan.id, "ar", "Amir")
        (noted,) = rows(session, "own_page", "assist")
        assert noted.subjects == [str(desk.samira.id)]
        assert noted.fields == ["ar", "interpreter"]  # never the name

    def test_only_her_own_worker_shows_it(self, session, desk, make, visit):
        with pytest.raises(Refused):
            visit(actor=desk.other)
        with pytest.raises(NotFound):
            visit(actor=make.actor(unit=make.unit(name="Grannkommunen")))

    def test_a_protected_person_has_her_page_with_her_handler_and_nobody_else(
        self, session, desk, make, visit
    ):
        desk.samira.protected = True
        make.involve(desk.samira, desk.johan, Capacity.PROTECTED_HANDLER)
        assert visit().id
        with pytest.raises(NotFound):
            visit(actor=desk.other)

    def test_it_ends_when_it_is_ended_when_a_new_one_begins_and_after_three_hours(
        self, session, desk, visit, clock
    ):
        def open_(row, **later):
            when = clock | {"now": clock["now"] + timedelta(**later)}
            return visits.get_visit(session, desk.actor, desk.samira.id, row.id, **when)

        first = visit()
        assert open_(first, hours=2)
        with pytest.raises(NotFound):
            open_(first, hours=3, minutes=1)
        second = visit()
        with pytest.raises(NotFound):
            open_(first)
        visits.end_visit(session, desk.actor, desk.samira.id, second.id, **clock)
        with pytest.raises(NotFound):
            open_(second)

    def test_nobody_goes_on_with_a_colleagues_visit(self, session, desk, make, visit, clock):
        row = visit()
        colleague = make.user()
        make.involve(desk.samira, colleague, Capacity.CASE_WORKER)
        with pytest.raises(NotFound):
            visits.get_visit(session, make.actor(user=colleague), desk.samira.id, row.id, **clock)

    def test_an_unknown_language_and_an_identity_number_are_refused(self, session, desk, visit):
        with pytest.raises(Invalid):
            visit("xx")
        with pytest.raises(Invalid):
            visit("sv", f"Amir {identity_number()}")

    def test_the_form_keeps_what_was_typed(self, client_as, desk):
        johan = client_as(desk.johan)
        answer = johan.post(desk.path, data={"language": "xx", "interpreter": "Amir"})
        page = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert 'value="Amir"' in page
        assert "Välj ett språk i listan." in page

    def test_from_the_form_to_the_page_another_language_and_the_end(self, client_as, desk):
        johan = client_as(desk.johan)
        answer = johan.post(desk.path, data={"language": "ar", "interpreter": "Amir"})
        assert answer.status_code == 303
        page = johan.get(answer.location).get_data(as_text=True)
        assert '<div class="own" lang="ar" dir="rtl">' in page
        assert "Johan Ekdal" in page
        assert "Amir" in page
        assert "/my-week" not in page  # nothing of the staff's own
        english = johan.post(
            f"{answer.location}/language", data={"language": "en"}, follow_redirects=True
        )
        assert "My page" in english.get_data(as_text=True)
        assert johan.post(f"{answer.location}/end").status_code == 303
        over = johan.get(answer.location)
        assert (over.status_code, over.location) == (303, desk.path)

    def test_a_stranger_is_refused_every_part_of_it(self, client_as, session, desk, visit):
        row = visit()
        session.commit()
        for who, status in ((Role.CASE_WORKER, 403), (Role.SUPERVISOR, 403)):
            client = client_as(who)
            for tail in ("", "/log", "/copy", "/copy.json"):
                assert client.get(f"{desk.path}/{row.id}{tail}").status_code == status
            assert client.get(desk.path).status_code == status


class TestWhatIsShown:
    def test_steps_plan_meetings_and_schedule(self, make, session, desk, shown, meet, clock):
        case = latest_case(session, desk.samira)
        make.save(CaseStep(case_id=case.id, step=Step.MAPPING, start_date=date(2026, 9, 1)))
        plans.begin_plan(
            session, desk.actor, desk.samira.id, goals="Jobba i kök", today=clock["today"]
        )
        meet(days=2)
        make.save(
            Placement(
                unit_id=desk.samira.unit_id,
                external_id="L1",
                participant_id=desk.samira.id,
                case_id=case.id,
                site_id=make.site(name="Kvarnköket").id,
                form="sol_practice",
                begun_on=clock["today"] - timedelta(7),
                start_date=clock["today"] - timedelta(7),
                planned_end_date=clock["today"] + timedelta(60),
                hours_start=10,
                hours_goal=20,
                decision_authority=DecisionAuthority.NONE,
            )
        )
        words = shown().words()
        for said in (
            *("Kartläggning: vi pratar om", "tisdag 1 september 2026", "Jobba i kök"),
            *("Planen är ett utkast", "Storgatan 4", "Med: Johan Ekdal", "Kvarnköket"),
            *("10 timmar i veckan", "målet är 20 timmar"),
        ):
            assert said in words
        assert "Samtal för kartläggning" not in words  # a meeting never says why

    def test_an_empty_page_says_what_comes_next(self, shown):
        words = shown().words()
        for said in (
            *("Det första steget är ett samtal", "Det finns ingen plan än."),
            *("Inget möte är bokat.", "Ingen arbetsträning är bestämd."),
            *("Inget av det du kan är valt", "Du har inte sagt ja till att vi pratar"),
        ):
            assert said in words

    def test_in_a_draft_language_swedish_stands_beside_and_the_interpreter_is_named(
        self, shown, agreed
    ):
        words = shown("ar", "Amir").words()
        for section in ("plan", "shown", "consents"):
            part = words.partition(f'id="{section}"')[2].partition("</section>")[0]
            assert 'class="beside" lang="sv" dir="ltr"' in part, section
            assert "Översättningen är ett utkast" in part, section
            assert "Amir" in part, section
        alone = shown("sv").words()
        assert 'class="beside"' not in alone
        assert "utkast. Den svenska" not in alone

    def test_without_an_interpreter_that_is_said(self, shown, agreed):
        assert "Ingen tolk är med." in shown("ar").words()

    def test_what_people_wrote_is_never_markup(self, make, session, desk, shown, clock):
        desk.samira.given_name = EVIL
        plans.begin_plan(session, desk.actor, desk.samira.id, goals=EVIL, today=clock["today"])
        for language in ("sv", "ar"):
            there = shown(language, EVIL)
            there.client.post(f"{there.path}/corrections", data={"kind": "wrong", "words": EVIL})
            there.client.post(
                f"{there.path}/presentation", data={"answer": "change", "words": EVIL}
            )
            for tail in ("", "/copy"):
                words = there.words(tail)
                assert EVIL not in words
                assert "&lt;script&gt;" in words
        johan = there.client
        assert EVIL not in johan.get(f"/participants/{desk.samira.alias}/corrections").text

    def test_her_meeting_for_a_calendar(self, shown, meet, session):
        meeting = meet()
        there = shown()
        answer = there.client.get(f"{there.path}/meetings/{meeting.id}.ics")
        assert answer.mimetype == "text/calendar"
        assert "artläggning" not in answer.get_data(as_text=True)
        assert there.client.get(f"{there.path}/meetings/{uuid4()}.ics").status_code == 404

    def test_a_long_case_asks_no_more_questions_than_a_short_one(
        self, shown, meet, queries, session
    ):
        there = shown()
        meet()
        session.commit()
        there.words()
        with queries() as few:
            there.words()
        for day in range(3, 9):
            meet(days=day)
        session.commit()
        with queries() as many:
            there.words()
        assert many.total <= few.total


class TestThePresentation:
    def answer(self, session, desk, clock, said, words=None, row=None, **more):
        return own_page.answer_what_is_shown(
            session, desk.actor, desk.samira, row, answer=said, words=words,
            **{"shown_hash": None, **clock} | more,
        )  # fmt: skip

    def test_the_answer_is_kept_with_its_day_language_and_interpreter(
        self, session, desk, visit, clock
    ):
        row = visit("ar", "Amir")
        said = self.answer(session, desk, clock, PresentationSaid.APPROVED, row=row)
        assert (said.language, said.interpreter, said.answered_at) == ("ar", "Amir", clock["now"])
        require_presentable(session, desk.samira.id)
        assert session.scalar(select(Task)) is None

    def test_a_no_is_told_the_case_worker_and_holds_until_there_is_a_yes(
        self, session, desk, clock
    ):
        self.answer(session, desk, clock, PresentationSaid.REFUSED)
        task = session.scalar(select(Task))
        assert (task.kind, task.owner_id) == ("presentation_wish", desk.johan.id)
        with pytest.raises(RuleViolation) as refused:
            require_presentable(session, desk.samira.id)
        assert refused.value.code == "presentation_refused"
        later = clock | {"now": clock["now"] + timedelta(minutes=1)}
        self.answer(session, desk, later, PresentationSaid.APPROVED)
        require_presentable(session, desk.samira.id)
        assert len(session.scalars(select(PresentationAnswer)).all()) == 2

    def test_a_wish_to_change_needs_words_and_holds_too(self, session, desk, clock):
        with pytest.raises(Invalid):
            self.answer(session, desk, clock, PresentationSaid.CHANGE)
        self.answer(session, desk, clock, PresentationSaid.CHANGE, "Skriv laga mat först")
        assert latest_answer(session, desk.samira.id).words == "Skriv laga mat först"
        with pytest.raises(RuleViolation) as refused:
            require_presentable(session, desk.samira.id)
        assert refused.value.code == "presentation_to_change"

    def test_something_else_than_was_read_is_not_answered_about(
        self, session, desk, make, clock, shown
    ):
        there = shown()
        make.competence(desk.samira, "laga-mat-storkok", is_shared=True)
        session.commit()
        old = {"answer": "approved", "shown": "0" * 64}
        assert there.client.post(f"{there.path}/presentation", data=old).status_code == 409
        with pytest.raises(Conflict):
            self.answer(session, desk, clock, PresentationSaid.APPROVED, shown_hash="0" * 64)

    def test_the_page_says_when_what_is_shown_has_changed_since(
        self, session, desk, make, clock, shown
    ):
        self.answer(session, desk, clock, PresentationSaid.APPROVED)
        there = shown()
        assert "Du sa ja" in there.words()
        assert "har ändrats sedan dess" not in there.words()
        make.competence(desk.samira, "laga-mat-storkok", is_shared=True)
        session.commit()
        assert "har ändrats sedan dess" in there.words()

    def test_after_a_no_no_employer_is_shown_anything(self, session, desk, make, clock, agreed):
        desk.samira.ready_on = desk.samira.informal_asked_on = date(2026, 9, 1)
        make.wish(desk.samira)
        make.competence(desk.samira, "laga-mat-storkok", is_shared=True)
        offer = make.offer(required=["laga-mat-storkok"])
        session.flush()
        proposal = proposals.propose(
            session, desk.actor, participant_key=desk.samira.id, offer_key=offer.id,
            reason="Har lagat mat till många.", words=Words(), said_yes=True, **clock,
        )  # fmt: skip
        told = Told(
            Party.EMPLOYER, "Kvarnköket", Category.COMPETENCE, "Plats i kök",
            DisclosureRule.CONSENT, uuid4(),
        )  # fmt: skip
        self.answer(session, desk, clock, PresentationSaid.REFUSED)
        for tell in (
            lambda: proposals.present(
                session, desk.actor, proposal.id, approved=True, contact_id=None, **clock
            ),
            lambda: disclose(session, desk.actor, desk.samira.id, told, **clock),
        ):
            with pytest.raises(RuleViolation) as refused:
                tell()
            assert refused.value.code == "presentation_refused"
        assert proposal.state is ProposalState.WANTED

    def test_the_case_worker_reads_the_answer_where_the_task_leads(self, shown, desk):
        there = shown("ar", "Amir")
        assert "inte fått frågan" in there.client.get(desk.path).get_data(as_text=True)
        data = {"answer": "change", "words": "Skriv laga mat först"}
        there.client.post(f"{there.path}/presentation", data=data)
        words = there.client.get(desk.path).get_data(as_text=True)
        for said in ("Något ska ändras först", "Skriv laga mat först", "Amir", "Inget visas för"):
            assert said in words

    def test_on_the_page_and_by_program(self, shown, session, desk, client_as):
        there = shown("en")
        said = there.client.post(
            f"{there.path}/presentation", data={"answer": "refused"}, follow_redirects=True
        )
        assert "You said no on" in said.get_data(as_text=True)
        missing = there.client.post(f"{there.path}/presentation", data={"answer": "change"})
        assert missing.status_code == 422
        assert "Skriv vad som ska stå" in missing.get_data(as_text=True)
        path = f"/api/v1/participants/{desk.samira.alias}/own-page/presentation"
        made = there.client.post(path, json={"answer": "approved"})
        assert (made.status_code, made.json["answer"]) == (201, "approved")
        assert client_as().post(path, json={"answer": "approved"}).status_code == 403


class TestConsents:
    def test_one_tap_takes_one_party_back_and_the_rest_stands(self, shown, session, agreed):
        there = shown("ar")
        answer = there.client.post(
            f"{there.path}/consents/{agreed.id}/revoke",
            data={"parties": "employment_service"},
            follow_redirects=True,
        )
        assert "Du har tagit tillbaka det." in answer.get_data(as_text=True)
        session.expire_all()
        assert agreed.revoked_how is RevokedHow.BY_HERSELF
        scopes = session.scalars(select(ConsentScope)).all()
        revoked = {each.party for each in scopes if each.revoked_at}
        assert revoked == {Party.EMPLOYMENT_SERVICE}
        assert "Arbetsgivare" in there.words()


class TestHerRights:
    def test_the_page_says_which_they_are_and_takes_a_request_in_her_words(
        self, session, desk, shown
    ):
        page = shown("en", "Amir")
        words = page.words()
        assert "Get a copy of everything that is kept about you" in words
        assert "bara sparas och inte används" in words  # the Swedish stands beside the draft
        refused = page.client.post(f"{page.path}/rights", data={"right": "copy"})
        assert refused.status_code == 422
        said = page.client.post(
            f"{page.path}/rights", data={"right": "copy", "right_words": "Everything, please"}
        )
        assert said.status_code == 303
        (row,) = requests_of(session, desk.samira.id)
        assert (row.kind, row.words) == (RightKind.COPY, "Everything, please")
        assert "Waiting for an answer" in page.words()

    def test_a_correction_stands_in_the_register_and_its_answer_closes_it(
        self, session, desk, clock
    ):
        said = say_correction(
            session, desk.actor, desk.samira.id, CorrectionKind.WRONG, "Fel datum", **clock
        )
        (row,) = requests_of(session, desk.samira.id)
        assert (row.kind, row.correction_id) == (RightKind.CORRECTION, said.id)
        assert len(session.scalars(select(Task)).all()) == 1  # not two for the same thing
        answer_correction(
            session, desk.actor, desk.samira.id, said.id, outcome=CorrectionOutcome.KEPT,
            answer="Det stämmer.", version=None, **clock,
        )  # fmt: skip
        assert row.decision is Decision.REFUSED
        assert row.answered_on == clock["today"]
