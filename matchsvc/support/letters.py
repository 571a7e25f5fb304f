"""What is sent to an employer's contact about her link: never a word about a person."""

from __future__ import annotations

from sqlalchemy.orm import Session

from matchsvc.accounts.models import Unit, User
from matchsvc.accounts.settings import shown_name
from matchsvc.employers.models import Contact
from matchsvc.messages.models import OutboxMessage
from matchsvc.messages.outbox import queue_message, supersede
from matchsvc.support.models import SupportLink
from matchsvc.swedish import format_phone


def _foot(session: Session, unit: Unit) -> str:
    name = shown_name(session, unit)
    return ", ".join(
        filter(None, (name, unit.municipality, format_phone(unit.phone) if unit.phone else None))
    )


def send_link(
    session: Session, row: SupportLink, contact: Contact, unit: Unit, site: str, address: str
) -> OutboxMessage:
    """Send the address of her page; one that has not left is taken back."""
    thread = f"support_link:{row.placement_id}:{row.contact_id}"
    supersede(session, thread)
    return queue_message(
        session,
        unit_id=row.unit_id,
        kind="support_link",
        recipient=contact.email or "",
        subject=f"Er sida hos oss, {site}",
        body=f"""Hej!

Här är er sida hos oss. Där ser ni vem ni kan ringa, vad som är bestämt och vad som händer härnäst.
Där finns också knappen "Jag behöver hjälp".

{address}

Länken är bara till dig. Dela den inte med någon utanför arbetsplatsen.

{_foot(session, unit)}

--
In English: this is your page with us. You see whom to call, what has been agreed and what comes
next, and there is a button for when you need help. The link is for you alone.
""",
        cause_id=row.id,
        link_id=row.signed_id,
        thread=thread,
    )


def tell_of_answer(session: Session, row: SupportLink, contact: Contact, unit: Unit) -> None:
    """Say that there is an answer on her page, not what it says."""
    if not contact.email:
        return
    queue_message(
        session,
        unit_id=row.unit_id,
        kind="support_answer",
        recipient=contact.email,
        subject="Vi har svarat er",
        body=f"""Hej!

Vi har svarat på er fråga. Svaret står på er sida hos oss, under Frågor och svar.
Öppna den med länken som ni redan har fått. Är den borta kan ni be om en ny på samma sida.

{_foot(session, unit)}

--
In English: we have answered your question. The answer is on your page, under Questions and answers.
""",
        cause_id=row.id,
        link_id=row.signed_id,
    )


def tell_colleague(session: Session, user: User) -> None:
    """Say to a member of staff that an employer waits, not which one or why."""
    queue_message(
        session,
        unit_id=user.unit_id,
        kind="support_notice",
        recipient=user.email,
        subject="En arbetsgivare väntar på dig",
        body="""Hej!

En arbetsgivare har hört av sig genom sin länk. Logga in och öppna Min vecka, där står vad det
gäller och när du senast ska svara.
""",
    )
