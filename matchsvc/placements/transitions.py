"""Every act on a placement: from which stage, by whom, and where it leads. One table.

The rules ask :func:`require` before they do anything; pages ask :func:`possible_acts` what to
offer. The database refuses what would be against the table too: an end without a beginning, and a
beginning of what was called off (``Placement.__table_args__``).
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role
from matchsvc.errors import N_, RuleViolation
from matchsvc.placements.access import DECIDERS, PREPARERS, READERS
from matchsvc.placements.models import Placement
from matchsvc.placements.stages import Stage, find_stage

S = Stage


class Act(enum.StrEnum):
    """What can be done with a placement."""

    PREPARE = "prepare"
    BEGIN = "begin"
    DECIDE = "decide"
    WITHDRAW = "withdraw"
    SUPERVISE = "supervise"
    AGREE_HOURS = "agree_hours"
    FOLLOW_UP = "follow_up"
    MOVE = "move"
    END = "end"
    CALL_OFF = "call_off"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table.

    Attributes:
        act: what is done.
        at: the stages in which it may be done.
        to: the stages it may lead to; the same stage where nothing else is said.
        roles: who may; a case worker only with her own participants.
        check: what else is asked, and where the rule stands.
    """

    act: Act
    at: frozenset[Stage]
    to: frozenset[Stage]
    roles: tuple[Role, ...]
    check: str


_BEFORE = frozenset({S.PLANNED, S.STOPPED})
_GOING = frozenset({S.RUNNING, S.BEYOND})
_OPEN = _BEFORE | _GOING

TABLE: Mapping[Act, Transition] = {
    row.act: row
    for row in (
        Transition(Act.PREPARE, _OPEN, _OPEN, PREPARERS, "start_stops.save_facts, checklist.tick"),
        Transition(
            Act.BEGIN,
            frozenset({S.STOPPED}),
            frozenset({S.RUNNING}),
            PREPARERS,
            "beginning: its day has come and no hard stop is open",
        ),
        Transition(
            Act.DECIDE,
            _OPEN,
            _OPEN,
            DECIDERS,
            "decisions: new number, no gap, form",
        ),
        Transition(
            Act.WITHDRAW,
            _OPEN | {S.ENDED},
            _OPEN | {S.ENDED},
            DECIDERS,
            "decisions: day and reason",
        ),
        Transition(Act.SUPERVISE, _OPEN, _OPEN, DECIDERS, "supervision: somebody who may"),
        Transition(
            Act.AGREE_HOURS,
            _BEFORE | {S.RUNNING},
            _BEFORE | {S.RUNNING},
            DECIDERS,
            "nothing is agreed for days that no decision carries",
        ),
        Transition(
            Act.FOLLOW_UP, _GOING | {S.ENDED}, _GOING | {S.ENDED}, READERS, "follow_ups: its logger"
        ),
        Transition(
            Act.MOVE,
            _GOING,
            frozenset({S.ENDED}),
            DECIDERS,
            "relocating: the new one may be planned",
        ),
        Transition(
            Act.END, _GOING, frozenset({S.ENDED}), DECIDERS, "ending: from the start to today"
        ),
        Transition(Act.CALL_OFF, _BEFORE, frozenset({S.CALLED_OFF}), DECIDERS, "ending: a reason"),
    )
}

#: code and sentence of a refusal, by stage; an act may have its own.
_REFUSALS: Mapping[Stage, tuple[str, str]] = {
    S.PLANNED: ("not_begun", N_("Placeringen har inte börjat.")),
    S.STOPPED: (
        "stopped",
        N_("Placeringen får inte börja än. Se vad som saknas under Beslut och gränser."),
    ),
    S.RUNNING: ("already_begun", N_("Placeringen har redan börjat. Ladda om sidan.")),
    S.BEYOND: (
        "beyond_decision",
        N_("Placeringen är utanför sitt beslut. Skriv in ett nytt beslut först."),
    ),
    S.ENDED: ("already_ended", N_("Placeringen är redan avslutad. Ladda om sidan.")),
    S.CALLED_OFF: ("called_off", N_("Placeringen är inställd. Ladda om sidan.")),
}
_OWN: Mapping[tuple[Act, Stage], tuple[str, str]] = {
    (Act.END, S.PLANNED): (
        "not_begun", N_("Placeringen har inte börjat. Ställ in den i stället.")
    ),
    (Act.END, S.STOPPED): (
        "not_begun", N_("Placeringen har inte börjat. Ställ in den i stället.")
    ),
    (Act.CALL_OFF, S.BEYOND): (
        "already_begun", N_("Placeringen har redan börjat. Ladda om sidan.")
    ),
    (Act.BEGIN, S.BEYOND): (
        "already_begun", N_("Placeringen har redan börjat. Ladda om sidan.")
    ),
}  # fmt: skip


def require(
    session: Session, actor: Actor, placement: Placement, act: Act, *, today: date
) -> Stage:
    """Refuse an act that the table does not hold; the stage it is done in otherwise.

    Whether the actor works with the participant is asked beside it (``access.require_decider``).

    Raises:
        Refused: not for this role.
        RuleViolation: not in this stage, with a sentence that says what to do instead.
    """
    row = TABLE[act]
    actor.require_role(*row.roles)
    stage = find_stage(session, placement, today=today)
    if stage not in row.at:
        code, sentence = _OWN.get((act, stage), _REFUSALS[stage])
        raise RuleViolation(code, sentence)
    return stage


def possible_acts(actor: Actor, stage: Stage) -> frozenset[Act]:
    """What the table lets this role do in a stage, for what a page offers."""
    return frozenset(
        act
        for act, row in TABLE.items()
        if stage in row.at and (actor.is_system or actor.has_role(*row.roles))
    )
