"""The kinds of activities with what is usual for each; other lengths and sizes ask why (GRP)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from matchsvc.activities.models import ActivityKind
from matchsvc.errors import N_, RuleViolation
from matchsvc.workday.meeting_types import MEETING_TYPES, Breach


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual for a kind: minutes of a session, number of sessions, people; (least, most).

    Attributes:
        minutes, sessions, people: soft limits; None where the source has none.
        default: minutes of a session when nobody says otherwise.
        times: number of sessions when nobody says otherwise.
        size: places when nobody says otherwise.
    """

    default: int
    times: int = 1
    size: int | None = None
    minutes: tuple[int, int] | None = None
    sessions: tuple[int, int] | None = None
    people: int | None = None

    @property
    def hours(self) -> int:
        """Of all its sessions together: ten times three hours are thirty (ACC-5)."""
        return self.default * self.times // 60


_WORKSHOP = MEETING_TYPES["workshop"]
USUAL: Mapping[ActivityKind, Usual] = {
    ActivityKind.LANGUAGE_CAFE: Usual(MEETING_TYPES["language_cafe"].minutes, size=8),
    ActivityKind.EDUCATION_PACKAGE: Usual(
        MEETING_TYPES["education_package"].minutes,
        times=10,
        size=10,
        minutes=(150, 210),
        sessions=(8, 12),
    ),
    ActivityKind.JOB_SEARCH: Usual(MEETING_TYPES["job_search"].minutes, size=10),
    ActivityKind.WORKSHOP: Usual(
        _WORKSHOP.minutes,
        size=_WORKSHOP.people,
        minutes=(_WORKSHOP.least or 0, _WORKSHOP.most or 0),
        people=12,  # about ten
    ),
    ActivityKind.STUDY_VISIT: Usual(MEETING_TYPES["study_visit"].minutes, size=10),
    ActivityKind.OTHER: Usual(60),
}


def unusual(
    kind: ActivityKind, *, minutes: int | None, sessions: int | None, people: int | None
) -> list[Breach]:
    """What of an activity or a group is not as its kind usually is; None is not looked at.

    Args:
        kind: of the activity.
        minutes: of one session.
        sessions: how many.
        people: places.
    """
    usual, found = USUAL[kind], []
    if usual.minutes and minutes is not None:
        least, most = usual.minutes
        if not least <= minutes <= most:
            said = N_("Ett tillfälle brukar vara %(least)s till %(most)s minuter.")
            found.append(Breach("minutes", False, said, {"least": least, "most": most}))  # noqa: FBT003
    if usual.sessions and sessions is not None:
        least, most = usual.sessions
        if not least <= sessions <= most:
            said = N_("Det brukar vara omkring %(times)s tillfällen.")
            found.append(Breach("sessions", False, said, {"times": usual.times}))  # noqa: FBT003
    if usual.people is not None and people is not None and people > usual.people:
        said = N_("Det är tänkt för omkring %(people)s personer.")
        found.append(Breach("people", False, said, {"people": usual.size}))  # noqa: FBT003
    return found


def ask_why(found: list[Breach], reason: str | None) -> None:
    """Refuse what is unusual until somebody says why.

    Raises:
        RuleViolation: with the code ``limit``; the field ``limit_reason`` asks.
    """
    if found and not reason:
        first = found[0]
        raise RuleViolation(
            "limit",
            first.message,
            fields={"limit_reason": first.message},
            values=first.values,
        )
