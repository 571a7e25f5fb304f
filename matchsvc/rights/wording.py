"""What requests, decisions and parts of a file are called on pages and papers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from matchsvc.rights.models import AskedBy, Decision, How, RestrictionGround, RightKind
from matchsvc.web.merging import MOVING

KIND: Mapping[RightKind, Any] = {
    RightKind.COPY: _l("Kopia av uppgifterna"),
    RightKind.CORRECTION: _l("Rättelse"),
    RightKind.ERASURE: _l("Radering"),
    RightKind.RESTRICTION: _l("Begränsning"),
    RightKind.OBJECTION: _l("Invändning"),
    RightKind.EXPORT: _l("Uppgifterna som fil"),
}
#: What the law gives, in plain words; each names its article.
WHAT_IT_GIVES: Mapping[RightKind, Any] = {
    RightKind.COPY: _l("Personen får en kopia av allt som finns sparat (artikel 15)."),
    RightKind.CORRECTION: _l(
        "Det som är fel rättas. Håller ni inte med antecknas personens mening (artikel 16, "
        "socialtjänstlagen 14 kap. 6 §)."
    ),
    RightKind.ERASURE: _l(
        "Det som behövs för vår uppgift enligt lag får vi inte radera (artikel 17.3 b). Annat "
        "prövas, och svaret säger vad som gäller vad."
    ),
    RightKind.RESTRICTION: _l(
        "Uppgifterna sparas bara, medan något utreds. De används inte till något annat (artikel "
        "18)."
    ),
    RightKind.OBJECTION: _l(
        "Personen invänder mot hur uppgifterna används. Skälen vägs mot våra, och svaret säger "
        "hur (artikel 21)."
    ),
    RightKind.EXPORT: _l(
        "Lagen ger inte den rätten när en myndighet fullgör sin uppgift (artikel 20.3). Vi lämnar "
        "filen ändå, som service."
    ),
}
ASKED_BY: Mapping[AskedBy, Any] = {
    AskedBy.HERSELF: _l("Personen själv"),
    AskedBy.GUARDIAN: _l("God man, förvaltare eller vårdnadshavare"),
    AskedBy.AGENT: _l("Ombud med fullmakt"),
}
HOW: Mapping[How, Any] = {
    How.IN_PERSON: _l("Vid ett möte"),
    How.PHONE: _l("Per telefon"),
    How.LETTER: _l("Med brev"),
    How.EMAIL: _l("Med e-post"),
}
DECISION: Mapping[Decision, Any] = {
    Decision.GRANTED: _l("Bifall"),
    Decision.PARTLY: _l("Delvis bifall"),
    Decision.REFUSED: _l("Avslag"),
    Decision.WITHDRAWN: _l("Återtagen"),
}
GROUND: Mapping[RestrictionGround, Any] = {
    RestrictionGround.ACCURACY: _l("Personen säger att något är fel, och det utreds"),
    RestrictionGround.UNLAWFUL: _l("Användningen är olaglig, men personen vill inte radera"),
    RestrictionGround.CLAIMS: _l("Personen behöver uppgifterna för ett rättsligt anspråk"),
    RestrictionGround.OBJECTION: _l("Personen har invänt, och det vägs"),
}
MAY_BE_READ = _l("Får läsas")
#: Parts of a file that MOVING does not name.
_PARTS: Mapping[str, Any] = {
    "accommodation": _l("Anpassningar"),
    "case_pause": _l("Pauser"),
    "case_step": _l("Steg på vägen"),
    "disturbance": _l("Något som gick fel"),
    "end_document": _l("Dokument vid avslut"),
    "document_section": _l("Dokumentens delar"),
    "evidence": _l("Hur en kompetens är känd"),
    "follow_up": _l("Uppföljningar"),
    "meeting_person": _l("Möten"),
    "outbox_message": _l("Meddelanden"),
    "outcome_event": _l("Händelser för statistiken"),
    "plan_measure": _l("Planens insatser"),
    "plan_sub_goal": _l("Planens delmål"),
    "consent_scope": _l("Vad samtycken gäller"),
    "record_line": _l("Vad andra har bett att få läsa"),
    "record_mask": _l("Vad som maskerades för dem"),
    "participant": _l("Om personen"),
}
#: How a copy may be handed over.
HANDED = {how: HOW[how] for how in (How.IN_PERSON, How.LETTER)}
#: What the commonest columns are called; others keep their names, as in the JSON file.
_COLUMNS: Mapping[str, Any] = {
    "created_at": _l("Skrevs in"),
    "recorded_on": _l("Antecknat den"),
    "recorded_by_id": _l("Antecknat av"),
    "own_words": _l("Egna ord"),
    "words": _l("Ord"),
    "with_interpreter": _l("Med tolk"),
    "unit_id": _l("Enhet"),
    "external_id": _l("Deltagar-id"),
    "given_name": _l("Förnamn"),
    "family_name": _l("Efternamn"),
    "personal_id": _l("Personnummer"),
    "birth_year": _l("Födelseår"),
    "phone": _l("Telefon"),
    "email": _l("E-post"),
    "kind": _l("Slag"),
    "state": _l("Läge"),
    "reason": _l("Skäl"),
    "start_date": _l("Första dag"),
    "end_date": _l("Sista dag"),
    "happened_on": _l("Hände den"),
    "happened": _l("Vad som hände"),
    "written_at": _l("Skrevs"),
    "category": _l("Slag"),
    "secrecy": _l("Sekretess"),
    "minutes": _l("Minuter"),
    "about_type": _l("Vad det gäller"),
    "agreed": _l("Vad vi kom överens om"),
    "author_id": _l("Skrivet av"),
    "purpose": _l("Syfte"),
    "recipient": _l("Mottagare"),
    "concept_id": _l("Kompetens"),
    "note": _l("Anteckning"),
    "due_on": _l("Senast"),
}


def column_words(column: str) -> Any:
    """What a field is called; one without words keeps its name."""
    return _COLUMNS.get(column) or column


def choices(words: Mapping[Any, Any]) -> list[tuple[str, Any]]:
    """As a form wants them."""
    return [(code.value, said) for code, said in words.items()]


def part_words(table: str) -> Any:
    """What a part of a file is called; a table without words keeps its name."""
    return _PARTS.get(table) or MOVING.get(table) or table
