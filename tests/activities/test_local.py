"""The service map with its gaps and overlaps, and obstacles that are nobody's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from matchsvc.accounts.models import Role
from matchsvc.activities import obstacles, services
from matchsvc.activities.models import (
    ObstacleLevel,
    ObstacleSighting,
    ObstacleState,
    ProviderType,
    StructuralObstacle,
)
from matchsvc.activities.services import ServiceInput, map_of
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.participants.models import Step
from tests.factories import TODAY, identity_number

CAFE = ServiceInput(Step.MAPPING, "Mötesplatsen", "Språkkafé", TODAY, ladder=1)


def save(session, unit, said=CAFE, who="mona", **values):
    return services.save_service(session, unit.actor[who], said, today=TODAY, **values)


def note(session, unit, who="lena", **values):
    said = {
        "description": "Kön till svenska är fyra månader.",
        "level": ObstacleLevel.MUNICIPALITY,
        "owner": "Vuxenutbildningen",
    }
    return obstacles.add_obstacle(session, unit.actor[who], **said | values, today=TODAY)


def test_a_step_without_services_is_a_gap_and_several_for_one_are_an_overlap(session, unit):
    save(session, unit)
    save(session, unit, replace(CAFE, organisation="Biblioteket"))
    save(session, unit, replace(CAFE, step=Step.MATCHING, ladder=4))
    found = map_of(services.list_services(session, unit.actor["karin"], on=TODAY))
    assert found.gaps == (Step.WORK_TRAINING, Step.WORK)
    assert found.ladder_gaps == (2, 3)
    [(step, ladder, held)] = found.overlaps
    assert (step, ladder) == (Step.MAPPING, 1)
    assert [each.organisation for each in held] == ["Biblioteket", "Mötesplatsen"]


def test_another_number_of_the_ladder_is_no_overlap():
    assert map_of([]).gaps == tuple(Step)
    assert map_of([]).ladder_gaps == ()


def test_what_is_not_valid_that_day_is_not_on_the_map(session, unit):
    save(session, unit, replace(CAFE, valid_until=TODAY))
    actor = unit.actor["lena"]
    assert len(services.list_services(session, actor, on=TODAY)) == 1
    for day in (TODAY - timedelta(days=1), TODAY + timedelta(days=1)):
        assert services.list_services(session, actor, on=day) == []
    assert len(services.list_services(session, actor)) == 1


def test_only_keepers_write_the_map_and_dates_stand_in_order(session, unit, make):
    with pytest.raises(Refused):
        save(session, unit, who="lena")
    with pytest.raises(Invalid):
        save(session, unit, replace(CAFE, valid_until=TODAY - timedelta(days=1)))
    row = save(session, unit)
    other = make.actor(Role.UNIT_MANAGER, unit=make.unit(name="Norra"))
    with pytest.raises(NotFound):
        services.save_service(session, other, CAFE, service_id=row.id, today=TODAY)


def test_who_saves_a_service_second_sees_the_conflict(session, unit):
    row = save(session, unit)
    shown = row.version
    procured = replace(CAFE, provider_type=ProviderType.PROCURED)
    save(session, unit, procured, service_id=row.id, version=shown)
    assert row.provider_type is ProviderType.PROCURED
    with pytest.raises(Conflict):
        save(session, unit, service_id=row.id, version=shown)


@pytest.mark.parametrize(
    "words",
    [
        "Samira kommer inte in på kursen",
        "Haddads väntan är lång",
        "Det gäller Nora",  # protected
        f"Gäller {identity_number()}",
    ],
)
@pytest.mark.parametrize("field", ["description", "owner"])
def test_a_text_that_names_a_participant_is_refused(session, unit, words, field):
    with pytest.raises(Invalid) as refused:
        note(session, unit, **{field: words})
    assert set(refused.value.fields) == {field}
    assert session.scalars(select(StructuralObstacle)).all() == []


def test_people_of_other_units_are_not_named_either(session, unit, make):
    make.participant(unit=make.unit(name="Norra"), given_name="Zainab", family_name="Okoro")
    with pytest.raises(Invalid):
        note(session, unit, description="Zainab fick vänta")


def test_a_sighting_is_a_day_and_nothing_else(session, unit):
    row = note(session, unit)
    obstacles.see_again(session, unit.actor["karin"], row.id, today=TODAY + timedelta(days=2))
    [line] = obstacles.list_obstacles(session, unit.actor["lena"])
    assert (line.count, line.last_seen) == (2, TODAY + timedelta(days=2))
    assert set(ObstacleSighting.__table__.columns.keys()) == {"id", "obstacle_id", "seen_on"}
    keys = {key.column.table.name for key in StructuralObstacle.__table__.foreign_keys}
    assert keys == {"unit"}


def test_the_state_is_the_keepers_and_what_is_removed_is_not_seen_again(session, unit):
    row = note(session, unit)
    state = {"version": row.version, "today": TODAY}
    with pytest.raises(Refused):
        obstacles.set_state(session, unit.actor["lena"], row.id, ObstacleState.REMOVED, **state)
    obstacles.set_state(session, unit.actor["mona"], row.id, ObstacleState.REMOVED, **state)
    with pytest.raises(Conflict):
        obstacles.set_state(session, unit.actor["mona"], row.id, ObstacleState.IDENTIFIED, **state)
    with pytest.raises(RuleViolation, match="undanröjt"):
        obstacles.see_again(session, unit.actor["lena"], row.id, today=TODAY)


def test_the_most_seen_stands_first_and_removed_ones_last(session, unit):
    seldom = note(session, unit, description="Bussen går sällan.")
    often = note(session, unit)
    gone = note(session, unit, description="Öppettiderna är korta.")
    for _ in range(3):
        obstacles.see_again(session, unit.actor["lena"], often.id, today=TODAY)
        obstacles.see_again(session, unit.actor["lena"], gone.id, today=TODAY)
    obstacles.set_state(
        session, unit.actor["mona"], gone.id, ObstacleState.REMOVED, version=None, today=TODAY
    )
    order = [each.obstacle.id for each in obstacles.list_obstacles(session, unit.actor["lena"])]
    assert order == [often.id, seldom.id, gone.id]
    only = obstacles.list_obstacles(session, unit.actor["lena"], state=ObstacleState.REMOVED)
    assert [each.obstacle.id for each in only] == [gone.id]
