"""The catalogue: the starting list, what suits whom, and what is unusual for a kind."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from matchsvc.accounts.models import Role
from matchsvc.activities import catalogue
from matchsvc.activities.catalogue import ActivityInput
from matchsvc.activities.kinds import USUAL, unusual
from matchsvc.activities.models import Activity, ActivityKind
from matchsvc.activities.starter import STARTER
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.participants.mapping_models import Orientation
from matchsvc.participants.models import Step
from matchsvc.participants.plan_models import Track
from tests.factories import TODAY, identity_number

WORKSHOP = ActivityInput("Workshop: Ekonomi", ActivityKind.WORKSHOP)


def add(session, unit, said=WORKSHOP, who="mona"):
    return catalogue.add_activity(session, unit.actor[who], said, today=TODAY)


def names(rows):
    return {row.code for row in rows}


def test_an_education_package_is_ten_times_three_hours_which_is_thirty():
    usual = USUAL[ActivityKind.EDUCATION_PACKAGE]
    assert (usual.times, usual.default, usual.hours) == (10, 180, 30)
    assert not unusual(ActivityKind.EDUCATION_PACKAGE, minutes=180, sessions=10, people=10)


@pytest.mark.parametrize(
    ("minutes", "people", "codes"),
    [
        (120, 10, []),
        (180, 12, []),
        (119, 10, ["minutes"]),
        (181, 10, ["minutes"]),
        (150, 13, ["people"]),
        (60, 30, ["minutes", "people"]),
    ],
)
def test_a_workshop_is_two_to_three_hours_for_about_ten(minutes, people, codes):
    found = unusual(ActivityKind.WORKSHOP, minutes=minutes, sessions=1, people=people)
    assert [each.code for each in found] == codes
    assert not any(each.is_hard for each in found)


def test_what_is_unusual_is_refused_until_somebody_says_why(session, unit):
    short = replace(WORKSHOP, minutes=60)
    with pytest.raises(RuleViolation, match="120 till 180 minuter") as refused:
        add(session, unit, short)
    assert refused.value.code == "limit"
    assert set(refused.value.fields) == {"limit_reason"}
    made = add(session, unit, replace(short, limit_reason="Lokalen finns en timme"))
    assert (made.minutes, made.size, made.limit_reason) == (60, 10, "Lokalen finns en timme")


def test_the_starting_list_is_switched_on_once_and_completed(session, unit, make):
    held = select(func.count()).select_from(Activity).where(Activity.unit_id == make.unit().id)
    assert session.scalar(held) == len(STARTER) == len({each.code for each in STARTER})
    assert catalogue.switch_on_starter(session, unit.actor["mona"]) == 0
    session.delete(session.scalars(select(Activity).where(Activity.code == "job_search")).one())
    session.flush()
    assert catalogue.switch_on_starter(session, unit.actor["mona"]) == 1


def test_the_starting_list_holds_the_nine_themes_and_nothing_unusual():
    themes = [each for each in STARTER if each.kind is ActivityKind.WORKSHOP]
    assert len(themes) == 9
    for each in STARTER:
        usual = USUAL[each.kind]
        asked = {"minutes": each.minutes or usual.default, "sessions": usual.times}
        assert not unusual(each.kind, people=usual.size, **asked), each.code


def test_an_orientation_filters_and_what_is_for_everybody_stays(session, unit):
    actor = unit.actor["lena"]
    rehabilitation = names(
        catalogue.list_activities(session, actor, orientation=Orientation.REHABILITATION)
    )
    assert {"rehabilitation", "workshop_fitness", "cv_seminar"} <= rehabilitation
    assert not {"language_cafe", "training"} & rehabilitation
    guidance = names(catalogue.list_activities(session, actor, orientation=Orientation.GUIDANCE))
    assert "training" in guidance
    assert "rehabilitation" not in guidance


def test_a_track_and_a_step_filter_and_what_belongs_to_any_stays(session, unit):
    actor = unit.actor["lena"]
    health = names(catalogue.list_activities(session, actor, track=Track.HEALTH))
    assert {"health_talk", "workshop_dreams"} <= health
    assert "job_search" not in health
    matching = names(catalogue.list_activities(session, actor, step=Step.MATCHING))
    assert {"education_package", "job_search"} <= matching
    assert "workshop_dreams" not in matching


def test_only_manager_and_coordinator_keep_the_catalogue(session, unit, make):
    for name in ("lena", "karin"):
        with pytest.raises(Refused):
            add(session, unit, who=name)
        with pytest.raises(Refused):
            catalogue.switch_on_starter(session, unit.actor[name])
    coordinator = make.actor(Role.PLACEMENT_COORDINATOR)
    assert catalogue.add_activity(session, coordinator, WORKSHOP, today=TODAY).id


def test_another_units_activity_is_not_there(session, unit, make, activity):
    other = make.actor(Role.UNIT_MANAGER, unit=make.unit(name="Norra"))
    with pytest.raises(NotFound):
        catalogue.get_activity(session, other, activity("job_search").id)
    assert catalogue.list_activities(session, other) == []


def test_what_is_archived_leaves_the_list_and_can_be_taken_back(session, unit, activity):
    row, mona = activity("job_search"), unit.actor["mona"]
    catalogue.set_ended(session, mona, row.id, ended=True, version=row.version, today=TODAY)
    assert "job_search" not in names(catalogue.list_activities(session, mona))
    assert names(catalogue.list_activities(session, mona, ended=True)) == {"job_search"}
    with pytest.raises(RuleViolation, match="arkiverad"):
        catalogue.change_activity(session, mona, row.id, WORKSHOP, version=None, today=TODAY)
    later = TODAY + timedelta(days=3)
    catalogue.set_ended(session, mona, row.id, ended=True, version=None, today=later)
    assert row.ended_on == TODAY
    catalogue.set_ended(session, mona, row.id, ended=False, version=None, today=later)
    assert "job_search" in names(catalogue.list_activities(session, mona))


def test_who_saves_second_sees_the_conflict(session, unit):
    row, mona = add(session, unit), unit.actor["mona"]
    shown = row.version
    changed = replace(WORKSHOP, name="Workshop: Pengar")
    catalogue.change_activity(session, mona, row.id, changed, version=shown, today=TODAY)
    with pytest.raises(Conflict):
        catalogue.change_activity(session, mona, row.id, WORKSHOP, version=shown, today=TODAY)


def test_no_identity_number_stands_in_a_name(session, unit):
    with pytest.raises(Invalid):
        add(session, unit, replace(WORKSHOP, name=f"Samtal {identity_number()}"))
