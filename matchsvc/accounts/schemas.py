"""Shapes of the log-in and settings forms."""

from __future__ import annotations

from matchsvc.accounts.models import Role
from matchsvc.errors import N_
from matchsvc.web.forms import Choice, Flag, InputSchema, Many, Number, Text


class LoginSchema(InputSchema):
    """What the log-in form sends."""

    email = Text(required=True, longest=254)
    password = Text(required=True, longest=200)
    next = Text(longest=300, load_default="/my-week")


class SetPasswordSchema(InputSchema):
    """A new password, for a one-time address."""

    password = Text(
        required=True,
        longest=200,
        error_messages={"required": N_("Välj ett lösenord med minst 12 tecken.")},
    )
    shown = Flag()


class AreaSchema(InputSchema):
    """One more area on the unit's list."""

    name = Text(required=True, longest=80)


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
