"""Shapes of the log-in and settings forms."""

from __future__ import annotations

from typing import Any

from matchsvc.accounts.models import Role
from matchsvc.accounts.settings import settings_in
from matchsvc.accounts.settings_shapes import Group
from matchsvc.errors import N_
from matchsvc.web.forms import Choice, Flag, InputSchema, Many, Number, Password, Text


class LoginSchema(InputSchema):
    """What the log-in form sends."""

    email = Text(required=True, longest=254)
    password = Password(required=True, longest=200)
    next = Text(longest=300, load_default="/my-week")


class CodeSchema(InputSchema):
    """A code of the second factor: from the phone, or one of the recovery codes."""

    code = Text(
        required=True,
        longest=40,
        error_messages={"required": N_("Skriv koden.")},
    )
    way = Text(longest=20, load_default="")


class SetPasswordSchema(InputSchema):
    """A new password, for a one-time address."""

    password = Password(
        required=True,
        longest=200,
        error_messages={"required": N_("Välj ett lösenord med minst 12 tecken.")},
    )
    shown = Flag()


class ChangePasswordSchema(InputSchema):
    """The password that holds, and the one to come."""

    old_password = Password(
        required=True,
        longest=200,
        error_messages={"required": N_("Skriv lösenordet som du har nu.")},
    )
    new_password = Password(
        required=True,
        longest=200,
        error_messages={"required": N_("Välj ett lösenord med minst 12 tecken.")},
    )
    shown = Flag()


class SsoGroupSchema(InputSchema):
    """A group of the municipality's log-in and the role that it gives."""

    name = Text(required=True, longest=200)
    role = Choice(Role, required=True)


class AreaSchema(InputSchema):
    """One more area on the unit's list."""

    name = Text(required=True, longest=80)


def group_schema(group: Group) -> InputSchema:
    """The form of a group of settings: each value with the version it began from, and why.

    What a value may be the rule says, so that a page and a program get the same answer.
    """
    found: dict[str, Any] = {"reason": Text(longest=300, load_default="")}
    for each in settings_in(group):
        found[each.key] = Text(longest=1_000, load_default="")
        found[f"{each.key}_base"] = Number(load_default=0)
    return InputSchema.from_dict(found, name="SettingGroupSchema")()  # type: ignore[return-value]


class InviteSchema(InputSchema):
    """Somebody who shall work here."""

    email = Text(required=True, longest=254)
    name = Text(longest=120, load_default="")
    roles = Many(Choice(Role))


class ChangeUserSchema(InputSchema):
    """A name and roles, and the version they began from."""

    name = Text(longest=120, load_default="")
    roles = Many(Choice(Role))
    version = Number(load_default=None)


class UnitContentSchema(InputSchema):
    """What a unit is called and how it is reached."""

    name = Text(longest=120, load_default="")
    municipality = Text(longest=80, load_default="")
    phone = Text(longest=40, load_default=None)


class FirstManagerSchema(InputSchema):
    """Who gets the first account of a unit."""

    manager = Text(longest=120, load_default="")
    email = Text(longest=254, load_default="")


class OpenUnitSchema(UnitContentSchema, FirstManagerSchema):
    """A unit with its first manager."""


class ChangeUnitSchema(UnitContentSchema):
    """What a unit is called, and the version that the change began from."""

    version = Number(load_default=None)
