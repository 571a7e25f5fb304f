"""The meetings of the working day and their limits, as data (domain.md PRO, MAP, PLA, EMP, GRP).

A hard limit is refused, a soft one asks why. A row without a limit has none in its source.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from matchsvc.errors import N_


class Party(enum.StrEnum):
    """As what somebody takes part. Everybody after ``STAFF`` is outside the unit.

    The codes of authorities are those of a consent (participants/consent_models.py).
    """

    PARTICIPANT = "participant"
    STAFF = "staff"
    AF = "employment_service"
    EMPLOYER = "employer"
    REFERRER = "referrer"
    SOCIAL_SERVICES = "social_services"
    INSURANCE = "insurance_agency"
    HEALTHCARE = "health_care"
    SCHOOL = "education"
    ACTIVITY_PROVIDER = "activity_provider"
    LABOUR_MARKET_UNIT = "labour_market_unit"
    OTHER = "other"


OUTSIDE = tuple(party for party in Party if party not in {Party.PARTICIPANT, Party.STAFF})


@dataclass(frozen=True, slots=True)
class MeetingType:
    """One sort of meeting.

    Attributes:
        code: stands in the database.
        words: Swedish name; the key of its translation.
        minutes: how long when nobody says otherwise.
        least, most: limits in minutes; None where the source has none.
        is_hard: whether the limit of minutes is refused, or asks why.
        needs: parties of which at least one must take part.
        others: how many kinds of parties beside the unit must take part (PRO-13).
        people: most participants; None for no limit.
        people_hard: whether that is refused.
        slot: minutes of a bookable slot; None for a meeting without slots.
        general: minutes before the first slot when nobody says otherwise.
        within_days: latest day after enrolment; later asks why (PRO-09).
        usual: how many of them are usual; information, never a block (MAP-01).
        is_group: nobody is told of by being on it: it is shown to those who see none of its people.
        source: row of domain.md.
    """

    code: str
    words: str
    minutes: int
    source: str
    least: int | None = None
    most: int | None = None
    is_hard: bool = False
    needs: tuple[Party, ...] = ()
    others: int = 0
    people: int | None = None
    people_hard: bool = True
    slot: int | None = None
    general: int = 0
    within_days: int | None = None
    usual: str | None = None
    is_group: bool = False


_P, _AF, _E, _R = Party.PARTICIPANT, Party.AF, Party.EMPLOYER, Party.REFERRER
#: A busy time of one's own: its words are for its owner alone.
OWN_TIME = "own_time"

_ALL = (
    MeetingType(
        "mapping_talk",
        N_("Kartläggningssamtal"),
        60,
        "MAP-01",
        most=60,
        is_hard=True,
        needs=(_P,),
        people=1,
        usual=N_("vanligen 3 till 5"),
    ),
    MeetingType("enrolment_talk", N_("Inskrivningssamtal"), 60, "PRO-07", needs=(_P,), people=1),
    MeetingType(
        "enrolment_multi_party",
        N_("Inskrivningssamtal med remittenten"),
        60,
        "PRO-08",
        needs=(_P, _R),
        people=1,
    ),
    MeetingType("individual_talk", N_("Enskilt samtal"), 45, "GRP-04", needs=(_P,), people=1),
    MeetingType(
        "study_visit_follow_up",
        N_("Samtal efter fördjupat studiebesök"),
        60,
        "PRO-09",
        needs=(_P,),
        others=2,
        people=1,
        within_days=90,
    ),
    MeetingType("planning_meeting", N_("Planeringsmöte"), 60, "PRO-10", needs=(_P,), people=1),
    MeetingType(
        "plan_to_work",
        N_("Möte om individuell plan mot arbete"),
        60,
        "MAT-03",
        needs=(_P, _AF),
        people=1,
    ),
    MeetingType("three_party", N_("Trepartssamtal"), 60, "PLA-08", needs=(_P, _AF), people=1),
    MeetingType(
        "multi_party", N_("Flerpartssamtal"), 90, "PRO-13", needs=(_P,), others=2, people=1
    ),
    MeetingType(
        "af_block",
        N_("Arbetsförmedlingens besök"),
        210,
        "PLA-07",
        most=210,
        is_hard=True,
        needs=(_AF,),
        slot=20,
        general=30,
        is_group=True,
    ),
    MeetingType(
        "closing_meeting",
        N_("Avslut hos Arbetsförmedlingen"),
        60,
        "EMPL-04",
        needs=(_P, _AF),
        people=1,
    ),
    MeetingType("pre_meeting", N_("Möte före placering"), 45, "EMP-05", needs=(_E,)),
    MeetingType("employer_meeting", N_("Arbetsgivarbesök"), 45, "EMP-06", needs=(_E,)),
    MeetingType("follow_up", N_("Uppföljning på arbetsplatsen"), 30, "PLA-05", needs=(_P,)),
    MeetingType("adaptation_visit", N_("Besök om anpassningar"), 60, "PLA-04", needs=(_P,)),
    MeetingType(
        "language_support_visit", N_("Språkstöd på arbetsplatsen"), 60, "PLA-15", needs=(_P,)
    ),
    MeetingType(
        "workshop",
        N_("Workshop"),
        150,
        "GRP-04",
        least=120,
        most=180,
        people=10,
        people_hard=False,
        is_group=True,
    ),
    MeetingType("education_package", N_("Utbildningspaket"), 180, "GRP-02", is_group=True),
    MeetingType("language_cafe", N_("Språkkafé"), 90, "GRP-01", is_group=True),
    MeetingType("job_search", N_("Jobbsök"), 120, "GRP-03", is_group=True),
    MeetingType("study_visit", N_("Studiebesök i grupp"), 120, "GRP-05", is_group=True),
    MeetingType("morning_meeting", N_("Morgonmöte"), 15, "PLA-13", is_group=True),
    MeetingType("collegium", N_("Internt kollegium"), 60, "PRO-10", is_group=True),
    MeetingType("other_meeting", N_("Annat möte"), 60, "SCH"),
    MeetingType(OWN_TIME, N_("Upptagen tid"), 60, "SCH", people=0),
)
MEETING_TYPES: Mapping[str, MeetingType] = {each.code: each for each in _ALL}


@dataclass(frozen=True, slots=True)
class Breach:
    """A limit that a meeting does not keep.

    Attributes:
        code: stable name.
        is_hard: refused; otherwise a reason is enough.
        message: Swedish sentence with ``%(name)s`` places.
        values: what to put there.
    """

    code: str
    is_hard: bool
    message: str
    values: Mapping[str, object]


def breaches(kind: MeetingType, *, minutes: int, parties: list[Party]) -> list[Breach]:
    """Every limit that a meeting of so many minutes with these parties breaks.

    Args:
        kind: its type.
        minutes: its length.
        parties: one for each who takes part; the owner counts as staff.
    """
    found = []
    if kind.most is not None and minutes > kind.most:
        found.append(
            Breach(
                "too_long",
                kind.is_hard,
                N_("Mötet får vara högst %(most)s minuter. Korta det eller dela upp det."),
                {"most": kind.most},
            )
        )
    if kind.least is not None and minutes < kind.least:
        found.append(
            Breach(
                "too_short",
                kind.is_hard,
                N_("Mötet brukar vara minst %(least)s minuter."),
                {"least": kind.least},
            )
        )
    people = parties.count(Party.PARTICIPANT)
    if kind.people is not None and people > kind.people:
        message = N_("Mötet är för högst %(people)s deltagare. Ta bort någon eller byt mötestyp.")
        if not kind.people_hard:
            message = N_("Mötet är tänkt för omkring %(people)s deltagare.")
        found.append(Breach("too_many", kind.people_hard, message, {"people": kind.people}))
    found += [
        Breach(f"needs_{party.name.lower()}", True, NEEDED[party], {})  # noqa: FBT003
        for party in kind.needs
        if party not in parties
    ]
    outside = len(set(parties) & set(OUTSIDE))
    if outside < kind.others:
        found.append(
            Breach(
                "needs_more_parties",
                True,  # noqa: FBT003
                N_("Mötet behöver minst %(others)s parter utöver enheten. Lägg till vilka."),
                {"others": kind.others},
            )
        )
    return found


NEEDED: Mapping[Party, str] = {
    Party.PARTICIPANT: N_("Mötet behöver en deltagare. Välj vem."),
    Party.AF: N_("Mötet behöver Arbetsförmedlingen. Lägg till vem som kommer."),
    Party.EMPLOYER: N_("Mötet behöver arbetsgivaren. Lägg till vem som kommer."),
    Party.REFERRER: N_("Mötet behöver remittenten. Lägg till vem som kommer."),
}
PARTY_WORDS: Mapping[Party, str] = {
    Party.PARTICIPANT: N_("Deltagare"),
    Party.STAFF: N_("Personal"),
    Party.AF: N_("Arbetsförmedlingen"),
    Party.EMPLOYER: N_("Arbetsgivaren"),
    Party.REFERRER: N_("Remittenten"),
    Party.SOCIAL_SERVICES: N_("Socialtjänsten"),
    Party.INSURANCE: N_("Försäkringskassan"),
    Party.HEALTHCARE: N_("Hälso- och sjukvården"),
    Party.SCHOOL: N_("Skola eller utbildning"),
    Party.ACTIVITY_PROVIDER: N_("Den som håller i en aktivitet"),
    Party.LABOUR_MARKET_UNIT: N_("Annan del av arbetsmarknadsenheten"),
    Party.OTHER: N_("Annan"),
}
