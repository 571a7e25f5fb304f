"""Who may what: the one table that every request and every name on a page is asked of.

Three questions, each answered by rows and denied where no row says yes:

1. May this role come in by this door? :func:`roles_at`, asked by the guard before anything else.
2. Whose is it? ``participants.access`` answers with a :class:`Scope`, from the unit and the
   involvements as they stand in the database at this request.
3. Which field groups does that scope show? :func:`may_see`: the name asks it in code, and a test
   looks for every group in every answer.

``docs/who-may-what.md`` and the page of the settings are written from the same rows; tests try
every row through HTTP, so that table and behaviour cannot part.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from matchsvc.accounts import authority_doors, authority_doors_workplace
from matchsvc.accounts.authority_roles import ALIAS_STAFF
from matchsvc.accounts.authority_shapes import READ, WRITE, FieldGroup, Line, Scope, Why
from matchsvc.accounts.models import Role
from matchsvc.errors import N_

#: Every row; what none of them names is nobody's.
LINES = authority_doors.LINES + authority_doors_workplace.WORKPLACE_LINES
READS = frozenset({"GET", "HEAD", "OPTIONS"})
#: What a row rests on, in plain words.
WHY_WORDS: Mapping[Why, str] = MappingProxyType(
    {
        Why.EVERYBODY: N_("Var och en har sitt eget."),
        Why.UNIT_RULES: N_("Enhetens regler: den som ansvarar ändrar, inget handlar om en person."),
        Why.NO_CONTENT: N_("Den som sköter tjänsten ser konton och drift, inga ärenden."),
        Why.EMPLOYER_WORK: N_("Arbetet med arbetsgivare. Deltagare syns bara med kod."),
        Why.ALIAS: N_("Enheten känner varandras deltagare med kod. Namn syns bara i eget ärende."),
        Why.CASE: N_("Bara den som har ärendet. Chefen läser med en anledning som loggas."),
        Why.MAPPING: N_("Bara den som själv har ärendet, aldrig den som läser med en anledning."),
        Why.OPEN_RULES: N_("Enhetens ord och räknesätt är öppna för den som arbetar med dem."),
        Why.PLACEMENT: N_("De som arbetar med placeringen, och bara den som har den."),
        Why.ALLOCATION: N_("Bara chefen fördelar ärenden."),
        Why.JOBS: N_("Den som har ärendet eller samordnar platsen."),
        Why.MORNING: N_("Dagens uppgifter på egna arbetsplatser: förnamn och en bokstav."),
        Why.LOG: N_("Den som granskar ser vem som läste vad och när, inget innehåll."),
        Why.FIGURES: N_("Tal, inga personer. Små tal döljs."),
    }
)
SCOPE_WORDS: Mapping[Scope, str] = MappingProxyType(
    {
        Scope.OWN_CASE: N_("Eget ärende"),
        Scope.WITH_REASON: N_("Läser med loggad anledning"),
        Scope.OWN_WORKPLACE: N_("Egen deltagare på arbetsplatsen"),
        Scope.UNIT: N_("Samma enhet, inte eget ärende"),
        Scope.NO_TIE: N_("Samma enhet, ingen uppgift som rör personen"),
        Scope.OTHER_UNIT: N_("Annan enhet"),
    }
)
#: Rows about people, and the names in an address that stand for something of one of them.
_ABOUT_PEOPLE = frozenset(
    {Why.ALIAS, Why.CASE, Why.MAPPING, Why.PLACEMENT, Why.JOBS, Why.ALLOCATION}
)
_ONE_PERSONS = frozenset(
    {"key", "placement_id", "follow_up_id", "employment_id", "referral_id"}
) | {
    *("proposal_id", "rights_request_id", "record_request_id", "visit_id", "line_id"),
}
_OWN = frozenset({Scope.OWN_CASE})
_CASE = _OWN | {Scope.WITH_REASON}
_NAMED = _CASE | {Scope.OWN_WORKPLACE}
_KNOWN = _NAMED | {Scope.UNIT}
_NOWHERE: frozenset[Scope] = frozenset()
#: A protected person's name is written nowhere, not for her own handlers either (LAW-10).
FIELDS: tuple[FieldGroup, ...] = (
    FieldGroup("alias", N_("Kod, till exempel D-2041"), _KNOWN, _OWN, "LAW-13"),
    FieldGroup("name", N_("Namn"), _NAMED, _NOWHERE, "LAW-10"),
    # Whole only in the copy that a person is given of what is kept about her; masked elsewhere.
    FieldGroup("identity_number", N_("Hela personnumret"), _OWN, _OWN, "LAW-10"),
    FieldGroup("contact", N_("Telefon och e-post"), _CASE, _OWN, "LAW-10"),
    FieldGroup("mapping", N_("Kartläggningens ord"), _OWN, _OWN, "LAW-03"),
    FieldGroup("case_notes", N_("Anteckningar i ärendet"), _CASE, _OWN, "LAW-03"),
    FieldGroup("wish_words", N_("Önskemål med egna ord"), _CASE, _OWN, "LAW-13"),
    FieldGroup("need_notes", N_("Hur ett behov yttrar sig"), _NAMED, _OWN, "LAW-03"),
    FieldGroup("competence_words", N_("Kompetenser med egna ord"), _CASE, _OWN, "LAW-13"),
    FieldGroup("meeting_words", N_("Vad ett möte handlar om"), _CASE, _OWN, "LAW-03"),
)
_FIELDS = MappingProxyType({each.key: each for each in FIELDS})
_GROUPS = MappingProxyType({group: line for line in LINES for group in line.groups.split()})
_APART = MappingProxyType(
    {door: apart.roles for line in LINES for apart in line.apart for door in apart.doors.split()}
)
#: Which roles stand in a scope without being tied to the person by an involvement.
SCOPE_OF_ROLE: Mapping[Role, Scope] = MappingProxyType(
    {role: Scope.UNIT if role in ALIAS_STAFF else Scope.NO_TIE for role in Role}
)


def line_of(door: str) -> Line | None:
    """The row that a route belongs to; None for one that no row names."""
    return _GROUPS.get(door.rpartition(".")[0])


def roles_at(door: str, method: str) -> frozenset[Role]:
    """The roles that enter by a route with a method of HTTP; nobody where no row says so."""
    line = line_of(door)
    if line is None:
        return frozenset()
    return _APART.get(door, line.read if method in READS else line.write)


def opens_one_person(door: str, names: Collection[str]) -> bool:
    """Whether a route, with these names in its address, opens what is kept about one person."""
    line = line_of(door)
    return line is not None and line.why in _ABOUT_PEOPLE and not _ONE_PERSONS.isdisjoint(names)


def roles_in(scope: Scope) -> tuple[Role, ...]:
    """The roles that stand in a scope by themselves, in the order of the roles."""
    return tuple(role for role in Role if SCOPE_OF_ROLE[role] is scope)


def may_see(group: str, scope: Scope, *, protected: bool) -> bool:
    """Whether a field group of a person is shown in a scope.

    Raises:
        KeyError: no such field group.
    """
    field = _FIELDS[group]
    return scope in (field.seen_if_protected if protected else field.seen)


def rows_for(role: Role) -> list[tuple[Line, str, str]]:
    """Each row with how much of it a role reads and writes: ``all``, ``part`` or ``none``."""
    return [(line, _share(line, role, READ), _share(line, role, WRITE)) for line in LINES]


def _share(line: Line, role: Role, act: str) -> str:
    apart = {role in each.roles for each in line.apart if each.act == act}
    rest = line.read if act == READ else line.write
    mine = apart | ({role in rest} if rest else set())
    return "none" if True not in mine else "part" if False in mine else "all"
