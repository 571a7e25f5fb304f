"""Who is acting: a member of staff, a command, a job, or a link's holder. Passed to every rule."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from uuid import UUID

from matchsvc.accounts.models import Role
from matchsvc.errors import Refused


class ActorKind(enum.StrEnum):
    """What sort of actor."""

    USER = "user"
    COMMAND = "cli"
    JOB = "job"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody or something that reads and changes data.

    Attributes:
        kind: user, command, job or link.
        label: what stands in the audit log: ``user:<id>``, ``cli:root``, ``job:seal_audit``.
        name: what a page calls the person; never logged.
        user_id: the user, for a user.
        unit_id: the unit whose data it reaches; None reaches all units (commands and jobs).
        roles: a user's roles; empty for all others.
        request_id: ties audit rows to log lines.
    """

    kind: ActorKind
    label: str
    name: str = ""
    user_id: UUID | None = None
    unit_id: UUID | None = None
    roles: frozenset[Role] = field(default_factory=frozenset)
    request_id: str | None = None

    def has_role(self, *roles: Role) -> bool:
        """Whether it holds any of these roles."""
        return not self.roles.isdisjoint(roles)

    @property
    def is_system(self) -> bool:
        """Whether it is a command or a job, run by whoever runs the machine."""
        return self.kind in {ActorKind.COMMAND, ActorKind.JOB}

    def require_role(self, *roles: Role) -> None:
        """Refuse a user without any of these roles; commands and jobs pass.

        Raises:
            Refused: a user without the role, or a link's holder.
        """
        if not self.is_system and not self.has_role(*roles):
            raise Refused

    def require_user(self) -> UUID:
        """The user's id, where only a person may act.

        Raises:
            Refused: it is not a user.
        """
        if self.user_id is None:
            raise Refused
        return self.user_id


def command_actor(os_user: str) -> Actor:
    """The actor of a command: ``cli:<operating-system user>``."""
    return Actor(ActorKind.COMMAND, f"cli:{os_user}", name=os_user)


def job_actor(job: str) -> Actor:
    """The actor of a scheduled job."""
    return Actor(ActorKind.JOB, f"job:{job}", name=job)


def link_actor(link_id: UUID, unit_id: UUID) -> Actor:
    """The holder of a signed link; who that is we do not know."""
    return Actor(ActorKind.LINK, f"link:{link_id}", unit_id=unit_id)
