"""Who has opened the record, for her alone; and a copy of what is kept."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, func, select

from matchsvc.accounts.actors import ActorKind
from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.activities.models import Activity, ActivityGroup, ActivityKind, GroupMember
from matchsvc.errors import Invalid
from matchsvc.own_page import record_log
from matchsvc.own_page.record_log import Did
from matchsvc.participants.case_models import CasePause, PauseReason
from matchsvc.participants.cases import latest_case
from matchsvc.participants.enrolment import set_identity
from matchsvc.participants.overview import get_overview
from matchsvc.progression.models import StudyVisit
from matchsvc.swedish import local_date, parse_identity_number
from tests.factories import identity_number


def event(make, actor, action, about, *, at, subjects=(), request_id=None):
    return make.save(
        AuditEvent(
            at=at, actor=actor, action=action, object_type="participant", object_id=str(about),
            subjects=[str(each) for each in subjects], fields=[], reason=None,
            request_id=request_id,
        )
    )  # fmt: skip


class TestTheLog:
    def read(self, session, desk, clock, **changes):
        given = {"alone": True, "now": clock["now"] + timedelta(minutes=1)} | changes
        return record_log.read_log(session, desk.actor, desk.samira, **given)

    def test_role_unit_and_time_and_no_names(self, session, make, desk, clock):
        lena = make.actor(Role.UNIT_MANAGER, name="Lena Forsberg")
        get_overview(session, lena, desk.samira.id, today=clock["today"])
        session.commit()
        (found,) = self.read(session, desk, clock)
        assert found.roles == (Role.UNIT_MANAGER,)
        assert (found.unit, found.did) == ("Arbetsmarknadsenheten", Did.READ)
        assert "Lena" not in repr(found)

    def test_it_is_counted_from_what_is_left_and_says_since_when(self, session, make, desk, clock):
        about = desk.samira.id
        for days, request_id in ((500, "a"), (3, "b"), (3, "b"), (2, "c")):
            event(make, desk.actor.label, "read", about, at=clock["now"] - timedelta(days=days),
                  request_id=request_id)  # fmt: skip
        session.commit()
        oldest = session.scalar(select(func.min(AuditEvent.at)))
        assert record_log.count_left(session, desk.samira).openings == 3
        session.execute(delete(AuditEvent).where(AuditEvent.at == oldest))
        left = record_log.count_left(session, desk.samira)
        assert left.openings == 2
        assert left.since > local_date(oldest)

    def test_a_list_that_showed_her_counts_and_others_do_not(self, session, make, desk, clock):
        at, other = clock["now"], make.participant(desk.johan)
        event(make, desk.actor.label, "list", "x", at=at, subjects=[other.id, desk.samira.id])
        event(make, desk.actor.label, "read", other.id, at=at)
        assert [each.did for each in self.read(session, desk, clock)] == [Did.READ]

    def test_one_request_is_one_opening_by_the_gravest_that_was_done(
        self, session, make, desk, clock
    ):
        at, about = clock["now"], desk.samira.id
        for number, actions in enumerate(
            (["read", "change"], ["read", "export"], ["read", "disclose"], ["read", "list"])
        ):
            for action in actions:
                event(make, desk.actor.label, action, about, at=at, request_id=f"r{number}")
        event(make, "link:1", "read", about, at=at)
        event(make, "job:warn", "read", about, at=at)
        found = self.read(session, desk, clock)
        assert [each.did for each in found] == [
            *(Did.READ, Did.READ, Did.READ, Did.TOLD, Did.TOOK_OUT, Did.CHANGED),
        ]
        assert [each.kind for each in found[:2]] == [ActorKind.JOB, ActorKind.LINK]

    def test_who_was_refused_opened_nothing_and_who_has_left_is_one_of_the_staff(
        self, session, make, desk, clock
    ):
        at, about = clock["now"], desk.samira.id
        event(make, desk.other.label, "refused", about, at=at)
        event(make, f"user:{uuid4()}", "read", about, at=at)
        (found,) = self.read(session, desk, clock)
        assert (found.kind, found.roles, found.unit) == (ActorKind.USER, (), None)

    def test_it_reaches_a_year_back(self, session, make, desk, clock):
        long_ago = clock["now"] - timedelta(days=366)
        event(make, desk.actor.label, "read", desk.samira.id, at=long_ago)
        assert self.read(session, desk, clock) == []

    def test_it_is_refused_until_it_was_said_that_she_alone_looks(self, session, desk, clock):
        with pytest.raises(Invalid):
            self.read(session, desk, clock, alone=False)

    def test_the_page_asks_first_and_shows_nothing_without_the_tick(
        self, client_as, make, session, desk, clock
    ):
        event(make, desk.actor.label, "read", desk.samira.id, at=clock["now"])
        session.commit()
        johan = client_as(desk.johan)
        visit = johan.post(desk.path, data={"language": "en"}).location
        for answer, status in (
            (johan.get(f"{visit}/log"), 200),
            (johan.get(f"{visit}/log?alone=1"), 200),
            (johan.post(f"{visit}/log"), 422),
        ):
            page = answer.get_data(as_text=True)
            assert answer.status_code == status
            assert "Are you the only one" in page
            assert "Case worker" not in page
        page = johan.post(f"{visit}/log", data={"alone": "1"}).get_data(as_text=True)
        assert "Case worker" in page
        assert "Johan Ekdal" not in page.partition("<main")[2]
        session.expire_all()
        found = select(AuditEvent).where(AuditEvent.object_type == "record_log")
        assert len(session.scalars(found).all()) == 1

    def test_no_page_but_this_one_and_no_program_gives_it(self, client_as, desk):
        johan = client_as(desk.johan)
        visit = johan.post(desk.path, data={"language": "sv"}).location
        assert "Läsning" not in johan.get(visit).get_data(as_text=True)
        path = f"/api/v1/participants/{desk.samira.alias}/own-page/log"
        assert johan.get(path).status_code == 404


class TestTheCopy:
    @pytest.fixture
    def known(self, session, make, desk, meet):
        number = parse_identity_number(identity_number(), today=desk.samira.created_at.date())
        set_identity(desk.samira, number)
        desk.samira.phone = "+46701740612"
        make.wish(desk.samira, own_words="Jag vill laga mat.")
        make.competence(desk.samira, "laga-mat-storkok", own_words="lagat till 40")
        meet()
        session.commit()
        return number.digits

    def test_it_can_be_read_and_holds_what_is_kept(self, client_as, desk, known):
        johan = client_as(desk.johan)
        visit = johan.post(desk.path, data={"language": "ar"}).location
        page = johan.get(f"{visit}/copy").get_data(as_text=True)
        for said in (
            *("Samira Haddad", known, "070-174 06 12", "Jag vill laga mat.", "lagat till 40"),
            *("Storgatan 4", "Det här står inte med"),
        ):
            assert said in page

    def test_it_holds_the_way_and_the_groups(self, client_as, session, make, desk, known):
        case = latest_case(session, desk.samira)
        session.add(
            CasePause(
                case_id=case.id,
                reason=PauseReason.STUDIES,
                paused_on=date(2026, 11, 2),
                returns_on=date(2027, 2, 1),
            )
        )
        session.add(StudyVisit(case_id=case.id, started_on=date(2026, 10, 1)))
        activity = make.save(
            Activity(
                unit_id=desk.samira.unit_id,
                name="Språkkafé",
                sort_key="sprakkafe",
                kind=ActivityKind.LANGUAGE_CAFE,
                minutes=60,
            )
        )
        group = make.save(
            ActivityGroup(
                unit_id=desk.samira.unit_id,
                activity_id=activity.id,
                name="Tisdagar",
                leader_id=desk.johan.id,
                capacity=8,
            )
        )
        make.save(
            GroupMember(
                group_id=group.id,
                participant_id=desk.samira.id,
                asked_at=datetime(2026, 11, 1, 8, tzinfo=UTC),
                joined_on=date(2026, 11, 3),
            )
        )
        session.commit()
        johan = client_as(desk.johan)
        visit = johan.post(desk.path, data={"language": "sv"}).location
        page = johan.get(f"{visit}/copy").get_data(as_text=True)
        for said in ("Paus: Studier", "Fördjupat studiebesök", "Språkkafé, Tisdagar", "3 nov 2026"):
            assert said in page

    def test_the_file_is_the_same_and_both_are_logged(self, client_as, session, desk, known):
        johan = client_as(desk.johan)
        visit = johan.post(desk.path, data={"language": "sv"}).location
        johan.get(f"{visit}/copy")
        answer = johan.get(f"{visit}/copy.json?lang=en")
        assert "attachment" in answer.headers["Content-Disposition"]
        about = answer.json["sections"][0]
        assert about["title"] == "Om dig"
        assert {"what": "Personnummer", "value": known} in about["rows"]
        path = f"/api/v1/participants/{desk.samira.alias}/own-page/copy"
        assert johan.get(path).json == answer.json
        session.expire_all()
        logged = session.scalars(
            select(AuditEvent).where(AuditEvent.object_type == "own_copy")
        ).all()
        assert [row.fields for row in logged] == [["print"], ["json"], ["json"]]
        assert client_as().get(path).status_code == 403
