"""One conversation with a mail server, and what can be said about it afterwards."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Literal
from urllib.parse import unquote, urlsplit

TIMEOUT_SECONDS = 30  # of each step; all together stay well under the outbox's ten minutes
_DEFAULT_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
_ACCEPTED = range(200, 300)
_PERMANENT = range(500, 600)

_BETWEEN_ADDRESSES = frozenset(" ,;:<>()\t")


@dataclass(frozen=True, slots=True)
class Delivery:
    """What to send to whom.

    Attributes:
        message_id: stays the same over attempts.
        recipient: one address.
        subject: one line.
        body: plain text.
        calendar: an invitation that goes with the text.
        sender_name: what stands before the sender's address; empty for nothing.
        reply_to: where an answer goes; empty for the sender's address.
    """

    message_id: str
    recipient: str
    subject: str
    body: str
    calendar: str | None = None
    sender_name: str = ""
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a conversation ended.

    Attributes:
        state: ``sent``: the server took responsibility; ``later``: it did not, and may the next
            time; ``failed``: it never will; ``uncertain``: the line broke while the text was on
            its way, nobody knows.
        code: the server's number or what broke; never an address or a text of the server, which
            may repeat one.
    """

    state: Literal["sent", "later", "failed", "uncertain"]
    code: str | None = None


def send_mail(smtp_url: str, sender: str, mail: Delivery) -> Verdict:
    """Have one conversation with the server about one message.

    Args:
        smtp_url: ``smtp://``, ``smtps://`` or ``smtp+starttls://`` with user, password, port.
        sender: the From address.
        mail: what to send.
    """
    try:
        content = _written(sender, mail)
    except (ValueError, UnicodeError):
        return Verdict("failed", "address_not_readable")
    try:
        with _connected(smtp_url) as server:
            return _announce(server, sender, mail.recipient) or _hand_over(server, content)
    except (OSError, ValueError, smtplib.SMTPException) as error:
        # Before the text was handed over: nothing was sent. A refused log-in is a fault of the
        # settings and not of this message, so it too is tried again.
        return Verdict("later", type(error).__name__)


def _written(sender: str, mail: Delivery) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(mail.sender_name, addr_spec=sender) if mail.sender_name else sender
    if mail.reply_to:
        message["Reply-To"] = mail.reply_to
    message["To"] = mail.recipient
    message["Subject"] = mail.subject
    message["Message-ID"] = mail.message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body)
    if mail.calendar is not None:
        # A line of its own: the same words may stand in what somebody wrote.
        is_off = "\r\nMETHOD:CANCEL\r\n" in mail.calendar
        method = "CANCEL" if is_off else "REQUEST"
        message.add_alternative(
            mail.calendar, subtype="calendar", params={"method": method}, charset="utf-8"
        )
    mail.recipient.encode("ascii")
    if mail.recipient.count("@") != 1 or set(mail.recipient) & _BETWEEN_ADDRESSES:
        raise ValueError("one address")
    return message.as_bytes()


@contextmanager
def _connected(smtp_url: str) -> Iterator[smtplib.SMTP]:
    parts = urlsplit(smtp_url)
    port = parts.port or _DEFAULT_PORTS[parts.scheme]
    host = parts.hostname or "localhost"
    if parts.scheme == "smtps":
        context = ssl.create_default_context()
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, port, timeout=TIMEOUT_SECONDS, context=context
        )
    else:
        server = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    try:
        if parts.scheme == "smtp+starttls":
            server.starttls(context=ssl.create_default_context())
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        yield server
    finally:
        with suppress(OSError, smtplib.SMTPException):
            server.quit()
        server.close()


def _announce(server: smtplib.SMTP, sender: str, recipient: str) -> Verdict | None:
    """Greet, name sender and recipient; a verdict when the server says no."""
    server.ehlo_or_helo_if_needed()
    code, _ = server.mail(sender)
    if code in _ACCEPTED:
        code, _ = server.rcpt(recipient)
    return None if code in _ACCEPTED else _refused(code)


def _hand_over(server: smtplib.SMTP, content: bytes) -> Verdict:
    """Send the text. When the line breaks here, the server may or may not have taken it."""
    try:
        code, _ = server.data(content)
    except smtplib.SMTPDataError as error:  # refused before the text was sent
        return _refused(error.smtp_code)
    except (OSError, smtplib.SMTPServerDisconnected) as error:
        return Verdict("uncertain", type(error).__name__)
    return Verdict("sent", str(code)) if code in _ACCEPTED else _refused(code)


def _refused(code: int) -> Verdict:
    return Verdict("failed" if code in _PERMANENT else "later", str(code))
