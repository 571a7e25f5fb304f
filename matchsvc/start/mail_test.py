"""One real letter to oneself: does the mail server take what we send?"""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import User
from matchsvc.accounts.rules import count_attempt
from matchsvc.accounts.staff import KEEPERS
from matchsvc.errors import N_, RuleViolation
from matchsvc.messages.mail import Delivery, Verdict, send_mail
from matchsvc.start.models import MarkKind
from matchsvc.start.steps import set_mark

SUBJECT = "Provmejl från matchsvc"
BODY = (
    "Hej!\n\nDet här är ett prov. Du bad om det på sidan Kom igång i matchsvc. "
    "Att du läser det betyder att mejl från enheten kommer fram.\n"
)
_NOT_REACHED = N_(
    "Mejlservern svarar inte. Kontrollera adress och port i SMTP_URL, och att brandväggen "
    "släpper fram den här datorn dit."
)
#: What broke before the letter was handed over, and what to mend.
_BROKEN = {
    "SMTPAuthenticationError": N_(
        "Mejlservern godtog inte användare och lösenord. Rätta dem i SMTP_URL och starta om "
        "tjänsten."
    ),
    "SMTPNotSupportedError": N_(
        "Mejlservern kan inte det vi bad om. Prova smtp+starttls:// eller smtps:// i SMTP_URL."
    ),
    "SMTPServerDisconnected": N_(
        "Mejlservern bröt samtalet. Prova smtps:// eller smtp+starttls:// i SMTP_URL."
    ),
    "SSLCertVerificationError": N_(
        "Mejlserverns certifikat gäller inte för den adressen. Rätta adressen i SMTP_URL eller "
        "be den som sköter mejlservern om ett giltigt certifikat."
    ),
}
_REFUSED = N_(
    "Mejlservern tog emot oss men inte brevet (svar %(code)s). Kontrollera att MAIL_FROM är en "
    "adress som den får skicka från, och att din egen adress är rätt skriven."
)
_BUSY = N_("Mejlservern bad oss vänta (svar %(code)s). Prova igen om en stund.")
_UNCERTAIN = N_(
    "Samtalet bröts när brevet var på väg. Titta i din inkorg. Har det inte kommit om några "
    "minuter, prova igen."
)


def ask_for_test(
    session: Session, actor: Actor, *, smtp_url: str | None, now: datetime
) -> Delivery:
    """The letter to send, to the actor's own address; counts the try.

    Raises:
        Refused: the actor does not keep the unit.
        RuleViolation: no mail server is configured, or it was tried too often.
    """
    actor.require_role(*KEEPERS)
    user = session.get_one(User, actor.require_user())
    if smtp_url is None:
        raise RuleViolation(
            "no_mail_server",
            N_(
                "Ingen mejlserver är inställd. Den som sköter servern sätter SMTP_URL och "
                "MAIL_FROM och startar om tjänsten."
            ),
        )
    if not count_attempt(session, f"mail-test:{user.id}", now=now):
        raise RuleViolation(
            "too_many_tries", N_("Du har provat många gånger. Vänta en kvart och prova igen.")
        )
    return Delivery(f"<{uuid4().hex}@start.matchsvc>", user.email, SUBJECT, BODY)


def send_test(smtp_url: str, sender: str, letter: Delivery) -> Verdict:
    """Send it now. Outside of any transaction: a server may take its time."""
    return send_mail(smtp_url, sender, letter)


def note_test(session: Session, actor: Actor, verdict: Verdict, *, now: datetime) -> None:
    """Remember a letter that was taken, and log how the test went.

    Raises:
        Refused: the actor does not keep the unit.
    """
    if verdict.state == "sent":
        set_mark(session, actor, MarkKind.MAIL_SENT, now=now)
    audit.record(session, actor, "mail_test", "start", actor.unit_id, fields=[verdict.state])


def what_to_mend(verdict: Verdict) -> tuple[str, dict[str, str]]:
    """The sentence, to be translated, that says why it was not sent and what to do; its values."""
    code = verdict.code or ""
    if verdict.state == "uncertain":
        return _UNCERTAIN, {}
    if code.isdigit():
        return (_REFUSED if verdict.state == "failed" else _BUSY), {"code": code}
    if code == "address_not_readable":
        return N_("Din egen adress eller MAIL_FROM är inte en adress som går att skicka till."), {}
    return _BROKEN.get(code, _NOT_REACHED), {}
