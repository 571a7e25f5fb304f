"""Text messages: a gateway's small interface, and the one shape of HTTP that we speak.

``SMS_URL`` is the gateway's address with user and password in it:
``https://user:password@sms.example.org/send?from=Enheten``. Each message is one POST with Basic
authentication, the header ``Idempotency-Key`` (stable over attempts), and this JSON::

    {"id": "<the key>", "to": "+46701740615", "from": "Enheten", "text": "Du har ..."}

2xx says that the gateway took it. Whoever has another gateway writes a class with ``send``.
"""

from __future__ import annotations

import base64
import http.client
import json
import ssl
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from matchsvc.messages.mail import Delivery, Verdict

TIMEOUT_SECONDS = 20
#: Nothing was taken, and another time it may be: wrong settings, too many at once, no capacity.
_LATER = frozenset({401, 403, 404, 405, 407, 408, 425, 429, 503})


class TextGateway(Protocol):
    """Whatever sends text messages."""

    def send(self, text: Delivery) -> Verdict:
        """Hand one message over and say how it went; never raises what the network does."""
        ...


@dataclass(frozen=True, slots=True)
class HttpGateway:
    """A gateway that is spoken to as this module says.

    Attributes:
        url: ``SMS_URL``.
    """

    url: str

    def send(self, text: Delivery) -> Verdict:
        """One POST. Once it was written, silence or a broken line leaves it uncertain."""
        parts = urlsplit(self.url)
        line = _line(parts.scheme, parts.hostname or "", parts.port)
        try:
            line.connect()
        except OSError as error:  # nothing was said yet
            line.close()
            return Verdict("later", type(error).__name__)
        try:
            sender = parse_qs(parts.query).get("from", [""])[0]
            line.request(
                "POST", parts.path or "/", _content(text, sender), _headers(self.url, text)
            )
            answer = line.getresponse()
            answer.read(1024)
        except (OSError, http.client.HTTPException) as error:
            return Verdict("uncertain", type(error).__name__)
        finally:
            line.close()
        return _judged(answer.status)


def _line(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
    context = ssl.create_default_context()
    return http.client.HTTPSConnection(host, port, timeout=TIMEOUT_SECONDS, context=context)


def _content(text: Delivery, sender: str) -> bytes:
    said = {"id": _key(text), "to": text.recipient, "text": text.body}
    if sender:
        said["from"] = sender
    return json.dumps(said, ensure_ascii=False).encode()


def _headers(url: str, text: Delivery) -> dict[str, str]:
    parts = urlsplit(url)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Idempotency-Key": _key(text),
    }
    if parts.username:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    return headers


def _key(text: Delivery) -> str:
    return text.message_id.strip("<>").partition("@")[0]


def _judged(status: int) -> Verdict:
    """What a number means; one from behind a broken gateway tells nothing of the message."""
    if status in range(200, 300):
        return Verdict("sent", str(status))
    if status in _LATER or status in range(300, 400):
        return Verdict("later", str(status))
    return Verdict("failed" if status in range(400, 500) else "uncertain", str(status))
