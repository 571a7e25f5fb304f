"""What kinds, states and codes of messages are called on a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from matchsvc.messages.models import Digest, MessageState, OutboxMessage, Reach, Via
from matchsvc.messages.outbox import WITHHELD

KINDS: Mapping[str, Any] = {
    "accessibility_feedback": _l("Någon kan inte använda en sida"),
    "digest": _l("Veckans läge till en kollega"),
    "document_link": _l("Länk till ett papper"),
    "employer_survey": _l("Enkät till arbetsgivare"),
    "link_code": _l("Kod till en arbetsgivare"),
    "meeting_cancelled": _l("Återbud om ett möte"),
    "meeting_invitation": _l("Inbjudan till ett möte"),
    "meeting_reminder": _l("Påminnelse om ett möte"),
    "meeting_reminder_moved": _l("Ändrad tid efter en påminnelse"),
    "meeting_reminder_off": _l("Inställd tid efter en påminnelse"),
    "quarter_ended": _l("Besked om att ett kvartal har slutat"),
    "read_with_reason": _l("Besked om att ett ärende läses med skäl"),
    "referral": _l("Besked till den som remitterade"),
    "proposal_answer": _l("Förslag till en arbetsgivare"),
    "yearly_results": _l("Årets resultat till en arbetsgivare"),
    "second_factor_reset": _l("Besked om borttagen tvåstegsinloggning"),
    "set_password": _l("Adress för att välja lösenord"),
    "support_answer": _l("Besked om svar på en fråga"),
    "support_link": _l("Länk till stödpaketet"),
    "support_notice": _l("Nytt på stödpaketets sida"),
    "yearly_question": _l("Årets fråga till en arbetsgivare"),
}
CHANNELS: Mapping[Via, Any] = {Via.EMAIL: _l("E-post"), Via.TEXT: _l("Sms")}
REACHES: Mapping[Reach, Any] = {
    Reach.EMAIL: _l("E-post"),
    Reach.TEXT: _l("Sms"),
    Reach.NONE: _l("Inga meddelanden"),
}
DIGESTS: Mapping[Digest, Any] = {
    Digest.WEEKLY: _l("En gång i veckan"),
    Digest.DAILY: _l("Varje arbetsdag"),
    Digest.NONE: _l("Aldrig"),
}
GROUP_WORDS: Mapping[str, Any] = {
    "waiting": _l("Väntar på besked"),
    "not_arrived": _l("Kom inte fram"),
    "on_the_way": _l("På väg"),
    "sent": _l("Skickade"),
    "taken_back": _l("Återtagna"),
}
_WITHHELD: Mapping[str, Any] = {
    "protected": _l("Personen får inga meddelanden."),
    "no_messages": _l("Mottagaren vill inte ha meddelanden."),
    "gone": _l("Mottagaren finns inte längre kvar."),
    "changed": _l("Det som stod i det gällde inte längre."),
    "too_late": _l("Tiden som det handlade om hade redan varit."),
    "not_agreed": _l("Personen har inte sagt ja till sms."),
}
#: Why the other side said no for good, by its number. What is not here reads as its class.
_REFUSED: Mapping[str, Any] = {
    "address_not_readable": _l("Adressen går inte att läsa."),
    "known_undeliverable": _l("Ett tidigare meddelande till adressen kom tillbaka."),
    "told": _l("En kollega har sagt att det kom tillbaka."),
    "550": _l("Adressen finns inte, eller så vill servern där inte ha brev."),
    "551": _l("Adressen finns inte längre."),
    "552": _l("Mottagarens brevlåda är full."),
    "553": _l("Adressen är fel skriven."),
    "554": _l("Servern där vill inte ha brevet."),
    "400": _l("Numret går inte att skicka till."),
    "422": _l("Numret går inte att skicka till."),
    "5.1.1": _l("Adressen finns inte."),
    "5.1.2": _l("Det finns ingen server med det namnet."),
    "5.2.1": _l("Brevlådan är avstängd."),
    "5.2.2": _l("Mottagarens brevlåda är full."),
    "5.7.1": _l("Servern där vill inte ha brevet."),
}
_BROKEN = {"TimeoutError", "ConnectionRefusedError", "gaierror", "SMTPServerDisconnected"}


def kind_words(kind: str) -> Any:
    """What a kind is called; an unknown one is a message."""
    return KINDS.get(kind, _l("Meddelande"))


def why_words(message: OutboxMessage) -> str:
    """Why a message is where it is, in plain words; empty when all is well."""
    code = message.last_error or ""
    if code.startswith(WITHHELD):
        return str(_WITHHELD.get(code.removeprefix(WITHHELD), _("Det behövdes inte längre.")))
    if message.state in (MessageState.FAILED, MessageState.BOUNCED):
        plain = _REFUSED.get(code) or (_REFUSED["5.1.1"] if code.startswith("5.1.") else None)
        return str(plain or _("Det gick inte att lämna fram (%(code)s).", code=code or "–"))
    if message.state is MessageState.QUEUED and message.attempts:
        if code in _BROKEN or code.startswith("Connection"):
            return str(_("Servern svarade inte."))
        return str(_("Servern bad oss komma tillbaka senare (%(code)s).", code=code or "–"))
    return ""


def state_words() -> dict[MessageState, tuple[str, str, str]]:
    """What each state is called, its colour and its icon."""
    return {
        MessageState.QUEUED: (_("Väntar"), "plain", "clock"),
        MessageState.SENDING: (_("Skickas nu"), "plain", "send"),
        MessageState.SENT: (_("Skickat"), "gran", "check"),
        MessageState.UNCERTAIN: (_("Osäkert om det kom fram"), "havtorn", "circle-question-mark"),
        MessageState.FAILED: (_("Kom inte fram"), "lingon", "circle-x"),
        MessageState.BOUNCED: (_("Kom tillbaka"), "lingon", "circle-x"),
        MessageState.CANCELLED: (_("Återtaget"), "outline", "undo-2"),
    }
