"""What a unit sets itself: within limits, by those who may, with a reason, never overwritten."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from inspect import getsource

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from matchsvc.accounts import settings
from matchsvc.accounts.models import AuditEvent, Role, UnitSetting
from matchsvc.accounts.settings_list import DEFINITIONS, IN_ORDER, REGISTRY
from matchsvc.accounts.settings_shapes import Shape
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from tests.factories import identity_number

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)


@pytest.fixture
def manager(make):
    return make.actor(Role.UNIT_MANAGER)


def change(session, actor, values, *, reason="Avtalet säger så", bases=None, now=NOW):
    found = settings.current_settings(session, actor)
    began = {key: found[key].number for key in values if key in found} if bases is None else bases
    return settings.change(session, actor, values, reason=reason, bases=began, now=now, today=TODAY)


@pytest.mark.parametrize("each", DEFINITIONS, ids=lambda each: each.key)
def test_every_setting_is_read_by_the_module_that_it_names(each):
    assert f'"{each.key}"' in getsource(import_module(each.used_by))


@pytest.mark.parametrize("each", DEFINITIONS, ids=lambda each: each.key)
def test_every_default_keeps_its_own_limits(each):
    assert settings._fault(each, settings._normal(each, each.default), today=TODAY) is None


def test_defaults_are_in_order():
    assert settings._out_of_order({each.key: each.default for each in DEFINITIONS}) == {}
    assert all(
        REGISTRY[key].shape is Shape.NUMBER
        for small, large, _ in IN_ORDER
        for key in (small, large)
    )


class TestChanging:
    def test_a_change_holds_from_then_on_and_says_who_and_why(self, session, manager):
        assert settings.number(session, manager.unit_id, "full_week_hours") == 40
        assert change(session, manager, {"full_week_hours": " 38 "}) == ["full_week_hours"]
        assert settings.number(session, manager.unit_id, "full_week_hours") == 38
        now = settings.current_settings(session, manager)["full_week_hours"]
        assert (now.number, now.made_by, now.reason) == (1, manager.name, "Avtalet säger så")
        assert not now.is_default

    def test_nothing_is_overwritten(self, session, manager):
        change(session, manager, {"full_week_hours": "38"}, reason="Först")
        change(session, manager, {"full_week_hours": "37"}, reason="Sedan", now=NOW + timedelta(1))
        told = settings.history(session, manager).changes
        assert [(each.before, each.after, each.reason) for each in told] == [
            ("38", "37", "Sedan"),
            ("40", "38", "Först"),
        ]

    def test_going_back_to_the_default_is_a_change_too(self, session, manager):
        change(session, manager, {"full_week_hours": "38"})
        change(session, manager, {"full_week_hours": "40"}, reason="Tillbaka")
        now = settings.current_settings(session, manager)["full_week_hours"]
        assert now.is_default
        assert now.number == 2

    def test_only_what_is_different_is_written(self, session, manager):
        changed = change(session, manager, {"full_week_hours": "40", "day_ends": "17"})
        assert changed == ["day_ends"]
        assert [row.key for row in session.scalars(select(UnitSetting))] == ["day_ends"]

    def test_the_log_says_which_and_why_but_not_what(self, session, manager):
        change(session, manager, {"sender_name": "AME Exempelby"})
        session.commit()
        row = session.scalars(
            select(AuditEvent).where(AuditEvent.object_type == "unit_setting")
        ).one()
        assert (row.action, row.fields, row.reason) == (
            "change",
            ["sender_name"],
            "Avtalet säger så",
        )

    def test_another_unit_keeps_its_own(self, session, make, manager):
        other = make.unit(name="Vuxenutbildningen")
        change(session, manager, {"full_week_hours": "38"})
        assert settings.number(session, other.id, "full_week_hours") == 40
        assert settings.history(session, make.actor(Role.ADMIN, unit=other)).changes == []

    def test_jobs_learn_what_holds_in_every_unit(self, session, make, manager):
        other = make.unit(name="Vuxenutbildningen")
        change(session, manager, {"consent_first_warning": "40"})
        change(session, manager, {"consent_first_warning": "50"})
        told = settings.numbers_by_unit(session, "consent_first_warning")
        assert told[manager.unit_id] == {"consent_first_warning": 50}
        assert told[other.id] == {"consent_first_warning": 30}


class TestRefusing:
    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("full_week_hours", "41"),
            ("full_week_hours", "-38"),
            ("full_week_hours", "38,5"),
            ("full_week_hours", "³⁸"),
            ("full_week_hours", ""),
            ("full_week_hours", "9" * 400),
            ("mapping_talk_minutes", "61"),
            ("smallest_count", "4"),
            ("smallest_denominator", "9"),
            ("supervisor_keeps_days", "15"),
            ("mark", "AME"),
            ("reply_to", "ingen adress"),
            ("reply_to", "a@b.se\r\nBcc: c@d.se"),
            ("letter_greeting", " "),
            ("sender_name", "Maja\x07"),
            ("letter_signature", f"Maja {identity_number()}"),
        ],
    )
    def test_what_is_outside_its_limits(self, session, manager, key, value):
        with pytest.raises(Invalid) as refusal:
            change(session, manager, {key: value})
        assert set(refusal.value.fields) == {key}

    @pytest.mark.parametrize("reason", ["", "  ", f"Om {identity_number()}"])
    def test_a_change_without_a_reason_that_can_be_kept(self, session, manager, reason):
        with pytest.raises(Invalid) as refusal:
            change(session, manager, {"day_ends": "17"}, reason=reason)
        assert set(refusal.value.fields) == {"reason"}

    def test_a_day_that_ends_before_it_begins(self, session, manager):
        with pytest.raises(Invalid) as refusal:
            change(session, manager, {"day_starts": "12", "day_ends": "12"})
        assert set(refusal.value.fields) == {"day_starts"}

    def test_a_last_warning_before_the_first(self, session, manager):
        with pytest.raises(Invalid):
            change(session, manager, {"consent_last_warning": "30"})

    def test_a_change_that_changes_nothing(self, session, manager):
        with pytest.raises(RuleViolation) as refusal:
            change(session, manager, {"full_week_hours": "040"})
        assert refusal.value.code == "nothing_changes"

    def test_a_setting_that_does_not_exist(self, session, manager):
        with pytest.raises(NotFound):
            change(session, manager, {"colour_of_the_moon": "1"})

    def test_the_second_of_two_who_began_from_the_same(self, session, make, manager):
        change(session, manager, {"full_week_hours": "38"}, bases={"full_week_hours": 0})
        with pytest.raises(Conflict) as refusal:
            change(
                session,
                make.actor(Role.ADMIN),
                {"full_week_hours": "37"},
                bases={"full_week_hours": 0},
            )
        assert refusal.value.theirs == {"full_week_hours": "38"}

    def test_the_second_of_two_who_save_at_the_same_instant(
        self, session, make, manager, monkeypatch
    ):
        seen_by_both = settings._current(session, manager.unit_id)
        change(session, manager, {"full_week_hours": "38"})
        monkeypatch.setattr(settings, "_current", lambda *_: seen_by_both)
        with pytest.raises(Conflict):
            change(session, make.actor(Role.ADMIN), {"full_week_hours": "37"})
        assert settings.number(session, manager.unit_id, "full_week_hours") == 38

    @pytest.mark.parametrize("role", [role for role in Role if role not in settings.CHANGERS])
    def test_those_who_may_not(self, session, make, role):
        actor = make.actor(role)
        with pytest.raises(Refused):
            settings.change(
                session,
                actor,
                {"day_ends": "17"},
                reason="Jag vill",
                bases={},
                now=NOW,
                today=TODAY,
            )
        if role not in settings.READERS:
            with pytest.raises(Refused):
                settings.current_settings(session, actor)
            with pytest.raises(Refused):
                settings.history(session, actor)


@given(number=st.integers(-(10**12), 10**12))
def test_a_number_is_taken_exactly_within_its_limits(number):
    each = REGISTRY["full_week_hours"]
    fault = settings._fault(each, settings._normal(each, str(number)), today=TODAY)
    assert (fault is None) == (each.least <= number <= each.most)


@given(text=st.text(max_size=200))
def test_what_is_kept_is_written_in_one_way(text):
    for each in (REGISTRY["sender_name"], REGISTRY["letter_signature"]):
        kept = settings._normal(each, text)
        assert settings._normal(each, kept) == kept
        if settings._fault(each, kept, today=TODAY) is None and each.shape is Shape.LINE:
            assert "\n" not in kept
            assert "\r" not in kept
