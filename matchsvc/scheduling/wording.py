"""What each job is called on a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

NAMES: Mapping[str, Any] = {
    "ask_for_documents": _l("Ber om papper när en placering slutar"),
    "ask_for_log_checks": _l("Påminner om att granska loggen"),
    "check_imports": _l("Tar upp importer som blivit liggande"),
    "deliver_messages": _l("Skickar meddelanden"),
    "erase_papers": _l("Raderar papper som tagits bort"),
    "expire_agreements": _l("Avslutar överenskommelser som ingen rör"),
    "follow_up_messages": _l("Ber någon rätta adresser som inte fungerar"),
    "forget_words": _l("Glömmer föreslagna ord som ingen granskat"),
    "free_places": _l("Lämnar lediga platser till nästa i kön"),
    "keep_employments": _l("Påminner om arbeten att höra efter och avsluta"),
    "keep_offers": _l("Håller erbjudanden och platser aktuella"),
    "ownerless_meetings": _l("Säger till om möten vars ansvariga har slutat"),
    "pack_matching": _l("Håller matchningens underlag färskt"),
    "plan_contacts": _l("Gör uppgifter av uppföljningar som är dags"),
    "plan_end_meetings": _l("Påminner om trepartssamtal före slutet"),
    "publish_reports": _l("Publicerar resultat när ett kvartal är klart"),
    "remind_of_meetings": _l("Påminner om möten med sms"),
    "remind_surveys": _l("Påminner arbetsgivare om enkäter"),
    "delete_approved": _l("Raderar akterna på godkända listor"),
    "tell_of_due": _l("Säger till att akter ska raderas"),
    "tidy": _l("Tar bort gamla inloggningar, länkar och namn på stängda konton"),
    "replace_months": _l("Ersätter gamla månader i loggen med deras sigill"),
    "rotate_keys": _l("Byter nyckel på det som är förseglat"),
    "seal_audit": _l("Förseglar loggen"),
    "send_digests": _l("Skriver till kollegor hur mycket som väntar"),
    "stand_in": _l("Öppnar dörren för dagens ersättare"),
    "start_what_is_due": _l("Startar det som börjar i dag"),
    "tell_subscribers": _l("Säger till dem som vill veta att ett kvartal har slutat"),
    "warn_of_consents": _l("Påminner om samtycken som går ut"),
    "yearly_question": _l("Ställer årets fråga till arbetsgivare"),
}


def job_words(name: str) -> Any:
    """What a job is called; one without a name goes by its code."""
    return NAMES.get(name, name)
