"""Rows of the table of authority: in which state of somebody's case she is met where.

Roles and nearness say who may; a state takes away what no role gives back. Who comes by no account
of her own stands here too: the visitor of a link, the participant who is helped, a program with
somebody's token, a job. What no row names is nobody's; tests try each row by the real doors.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from matchsvc.errors import N_


class Place(enum.StrEnum):
    """Where somebody is met, and by whom."""

    OWN_WORKER = "own_worker"
    COLLEAGUE = "colleague"
    PROGRAM = "program"
    ASSISTED = "assisted"
    MATCHING = "matching"
    OWN_LINK = "own_link"
    EMPLOYER_LINK = "employer_link"
    EMPLOYER_NAME = "employer_name"
    JOB = "job"


class State(enum.StrEnum):
    """What decides, whoever asks."""

    READY = "ready"
    CONSENT_REVOKED = "consent_revoked"
    ENDED = "ended"
    PROTECTED = "protected"
    RESTRICTED = "restricted"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class StateLine:
    """One state, where she is met in it, and the rule that it rests on."""

    state: State
    words: str
    met: frozenset[Place]
    law: str


PLACE_WORDS: Mapping[Place, str] = MappingProxyType(
    {
        Place.OWN_WORKER: N_("Egen handläggare, på personens sida"),
        Place.COLLEAGUE: N_("Kollega i enheten, med kod"),
        Place.PROGRAM: N_("Program med handläggarens nyckel"),
        Place.ASSISTED: N_("Min sida, med hjälp av handläggaren"),
        Place.MATCHING: N_("Listan för ett erbjudande"),
        Place.OWN_LINK: N_("Personens egen länk, utan namn"),
        Place.EMPLOYER_LINK: N_("Arbetsgivarens länk, utan namn"),
        Place.EMPLOYER_NAME: N_("Namnet hos arbetsgivaren, efter kod"),
        Place.JOB: N_("Det som går av sig självt"),
    }
)
_ALL = frozenset(Place)
_HERS = frozenset({Place.OWN_WORKER, Place.PROGRAM})
STATES: tuple[StateLine, ...] = (
    StateLine(State.READY, N_("Väntar på plats, med samtycke"), _ALL, "LAW-03"),
    StateLine(
        State.CONSENT_REVOKED,
        N_("Samtycket är återkallat"),
        _ALL - {Place.EMPLOYER_NAME},
        "CON-02",
    ),
    StateLine(
        State.ENDED,
        N_("Ärendet och placeringen är avslutade, de första 30 dagarna"),
        _ALL - {Place.MATCHING, Place.OWN_LINK},
        "PRO-01",
    ),
    StateLine(State.PROTECTED, N_("Skyddade personuppgifter"), _HERS | {Place.ASSISTED}, "LAW-10"),
    StateLine(State.RESTRICTED, N_("Uppgifterna är begränsade"), frozenset(), "LAW-04"),
    StateLine(State.ARCHIVED, N_("Inskriven av misstag, arkiverad"), frozenset(), "LAW-11"),
)
