"""The municipality's log-in (OpenID Connect) over HTTP: where it is, its keys, its answers checked.

Authorization code with PKCE. What the provider says is believed only when it is signed with a key
that it publishes, is from it, is for us, is fresh and belongs to the log-in that asked (OpenID
Connect Core 1.0, 3.1.3.7; RFC 9207 for the issuer in the answer). No database, no clock.
"""

from __future__ import annotations

import hmac
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
import urllib3
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests.adapters import HTTPAdapter

from matchsvc.config import Config
from matchsvc.errors import N_, RuleViolation

SCOPE = "openid email"
_LOGGED_OUT = "http://schemas.openid.net/event/backchannel-logout"
#: Signed with a private key only: never "none", never a key that is published.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
SECONDS = 5  # that we wait for the provider to say something
LONGEST = 10  # seconds that a whole answer may take, however it trickles
SKEW = 60  # seconds that its clock and ours may differ
_KEPT = timedelta(minutes=10)
_LARGEST = 256 * 1024
_PIECE = 16 * 1024


class ProviderDown(RuleViolation):
    """The municipality's log-in does not answer, or not as it should."""

    def __init__(self) -> None:
        super().__init__(
            "sso_down",
            N_("Kommunens inloggning svarar inte just nu. Vänta en stund och försök igen."),
        )


class Distrusted(RuleViolation):
    """An answer that is not believed; why is for the log, not for whoever sent it.

    Args:
        why: a code without anything personal.
    """

    def __init__(self, why: str) -> None:
        super().__init__(
            "sso_refused", N_("Inloggningen gick inte att genomföra. Börja om från början.")
        )
        self.why = why


@dataclass(frozen=True, slots=True)
class Claims:
    """What the provider says of who logged in.

    Attributes:
        issuer: who says it.
        subject: whom it means; never anybody else's.
        email: lower case, only when the provider has verified it.
        groups: names or ids of groups.
        second_factor: whether it says that more than a password was asked for.
        proved_at: seconds since 1970 when she proved to be herself; None when it does not say.
    """

    issuer: str
    subject: str
    email: str | None
    groups: frozenset[str]
    second_factor: bool
    proved_at: int | None


@dataclass
class Provider:
    """One provider, its description and keys kept for ten minutes."""

    config: Config
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _described: tuple[datetime, dict[str, Any]] | None = None
    _keys: tuple[datetime, KeySet] | None = None

    def start_address(
        self, back: str, *, state: str, nonce: str, verifier: str, again: bool, now: datetime
    ) -> str:
        """Where the browser goes to log in.

        Args:
            back: our address that it comes back to.
            state: binds the answer to this browser.
            nonce: binds the token to this log-in.
            verifier: of PKCE; only its hash is sent.
            again: whether she must prove to be herself anew.
            now: for what is kept.

        Raises:
            ProviderDown: it does not answer.
        """
        more = {"prompt": "login", "max_age": "0"} if again else {}
        with self._client(back) as client:
            address, _state = client.create_authorization_url(
                self._describe(now)["authorization_endpoint"],
                state=state,
                nonce=nonce,
                code_verifier=verifier,
                **more,
            )
        return str(address)

    def log_out_address(self, back: str, *, now: datetime) -> str | None:
        """Where the browser logs out of the provider too; None when it has no such address.

        Without the token as a hint: it would put her name into an address.
        """
        described = self._describe(now)
        to = described.get("end_session_endpoint")
        if not isinstance(to, str) or not _is_safe(to, described["issuer"]):
            return None
        asked = {"client_id": self.config.oidc_client_id, "post_logout_redirect_uri": back}
        return f"{to}{'&' if '?' in to else '?'}{urlencode(asked)}"

    def redeem(
        self, answer: Mapping[str, str], back: str, *, nonce: str, verifier: str, now: datetime
    ) -> Claims:
        """Change the code of an answer for a token, and check the token.

        Raises:
            ProviderDown: it does not answer.
            Distrusted: it refused, or what it sent is not to be believed.
        """
        described = self._describe(now)
        told = answer.get("iss")
        if told != described["issuer"] and (
            told is not None or described.get("authorization_response_iss_parameter_supported")
        ):
            raise Distrusted("iss_of_answer")
        if answer.get("error") or not answer.get("code"):
            raise Distrusted("no_code")
        try:
            with self._client(back) as client:
                token = client.fetch_token(
                    described["token_endpoint"],
                    grant_type="authorization_code",
                    code=answer["code"],
                    code_verifier=verifier,
                    timeout=SECONDS,
                    allow_redirects=False,
                )
        except AuthlibBaseError as error:
            raise Distrusted("code_refused") from error
        except (requests.RequestException, ValueError) as error:
            raise ProviderDown from error
        if not isinstance(token.get("id_token"), str):
            raise Distrusted("no_token")
        return self.check(token["id_token"], nonce=nonce, now=now)

    def check(self, id_token: str, *, nonce: str, now: datetime) -> Claims:
        """Check a token's signature and what it says.

        Raises:
            Distrusted: anything is not as it must be.
            ProviderDown: its keys cannot be read.
        """
        try:
            said = self._decode(id_token, now)
            self._registry(now).validate(said)
        except (JoseError, ValueError, TypeError) as error:
            raise Distrusted(f"token:{getattr(error, 'error', 'shape')}") from error
        self._check_party(said)
        if not isinstance(said.get("nonce"), str) or not hmac.compare_digest(
            said["nonce"].encode(), nonce.encode()
        ):
            raise Distrusted("nonce")
        if not isinstance(said["sub"], str) or not 0 < len(said["sub"]) <= 255:  # noqa: PLR2004
            raise Distrusted("sub")
        return self._claims(said)

    def check_log_out(self, token: str, *, now: datetime) -> tuple[str, str, str]:
        """Check what the provider says of somebody who has logged out there.

        By OpenID Connect Back-Channel Logout 1.0, 2.6; who logged out must be named.

        Returns:
            Issuer, subject and the number of the message.

        Raises:
            Distrusted: anything is not as it must be.
            ProviderDown: its keys cannot be read.
        """
        try:
            said = self._decode(token, now)
            self._registry(now, "jti").validate(said)
        except (JoseError, ValueError, TypeError) as error:
            raise Distrusted(f"token:{getattr(error, 'error', 'shape')}") from error
        events = said.get("events")
        if not isinstance(events, dict) or _LOGGED_OUT not in events or "nonce" in said:
            raise Distrusted("no_log_out")
        if not isinstance(said["sub"], str) or not isinstance(said["jti"], str):
            raise Distrusted("sub")
        return said["iss"], said["sub"], said["jti"]

    def _registry(self, now: datetime, *more: str) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=SKEW,
            iss={"essential": True, "value": self._describe(now)["issuer"]},
            sub={"essential": True},
            aud={"essential": True, "value": self.config.oidc_client_id},
            exp={"essential": True},
            iat={"essential": True},
            **{name: {"essential": True} for name in more},  # type: ignore[arg-type]
        )

    def _check_party(self, said: Mapping[str, Any]) -> None:
        ours, party = self.config.oidc_client_id, said.get("azp")
        others = isinstance(said["aud"], list) and len(said["aud"]) > 1
        if (party is not None or others) and party != ours:
            raise Distrusted("azp")

    def _claims(self, said: Mapping[str, Any]) -> Claims:
        groups, email = said.get(self.config.oidc_groups_claim, []), said.get("email")
        groups = [groups] if isinstance(groups, str) else groups
        ways, proved = said.get("amr"), said.get("auth_time")
        is_verified = said.get("email_verified") is True and isinstance(email, str)
        return Claims(
            issuer=said["iss"],
            subject=said["sub"],
            email=email.strip().lower() if is_verified and isinstance(email, str) else None,
            groups=frozenset(g for g in groups if isinstance(g, str))
            if isinstance(groups, list)
            else frozenset(),
            second_factor=(isinstance(ways, list) and "mfa" in ways)  # RFC 8176
            or (isinstance(said.get("acr"), str) and said["acr"] in self.config.oidc_mfa_acr),
            proved_at=proved if isinstance(proved, int) and not isinstance(proved, bool) else None,
        )

    def _decode(self, token: str, now: datetime) -> dict[str, Any]:
        for fresh in (False, True):  # a key that is not known yet: the provider has a new one
            try:
                return dict(
                    jwt.decode(token, self._key_set(now, fresh=fresh), algorithms=ALGORITHMS).claims
                )
            except (JoseError, ValueError):
                if fresh:
                    raise
        raise AssertionError

    def _client(self, back: str) -> OAuth2Session:
        client = OAuth2Session(
            self.config.oidc_client_id,
            self.config.oidc_client_secret,
            redirect_uri=back,
            scope=SCOPE,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic",  # noqa: S106 - a method
        )
        _measure(client)
        return client

    def _describe(self, now: datetime) -> dict[str, Any]:
        with self._lock:
            if self._described is not None and now - self._described[0] < _KEPT:
                return self._described[1]
        issuer = self.config.oidc_issuer or ""
        found = _get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        addresses = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if found.get("issuer") != issuer or not all(
            isinstance(found.get(name), str) and _is_safe(found[name], issuer) for name in addresses
        ):
            raise ProviderDown
        with self._lock:
            self._described = now, found
        return found

    def _key_set(self, now: datetime, *, fresh: bool) -> KeySet:
        with self._lock:
            kept = self._keys
        # Asked anew at most every ten seconds, whoever sends tokens with unknown keys.
        age = timedelta(seconds=10) if fresh else _KEPT
        if kept is not None and now - kept[0] < age:
            return kept[1]
        try:
            keys = KeySet.import_key_set(_get(self._describe(now)["jwks_uri"]))  # type: ignore[arg-type]
        except (JoseError, ValueError, KeyError) as error:
            raise ProviderDown from error
        with self._lock:
            self._keys = now, keys
        return keys


class _Measured(HTTPAdapter):
    """Reads each answer here and now, and gives up one that is too large or takes too long.

    ``timeout`` alone measures the wait between two bytes: a provider that goes on for ever would
    be read for ever, and fill the memory on the way.
    """

    def send(self, request: requests.PreparedRequest, **how: Any) -> requests.Response:  # type: ignore[override]
        """Send, and read the answer whole.

        Raises:
            requests.RequestException: too large, too slow, or cut off.
        """
        until = time.monotonic() + LONGEST
        answer = super().send(request, **(how | {"stream": True}))
        body = bytearray()
        try:
            while piece := answer.raw.read1(_PIECE, decode_content=True):
                body += piece
                if len(body) > _LARGEST or time.monotonic() > until:
                    raise requests.ConnectionError("answer without end", request=request)
        except urllib3.exceptions.HTTPError as error:
            raise requests.ConnectionError(error, request=request) from error
        finally:
            answer.close()
        answer._content, answer._content_consumed = bytes(body), True  # noqa: SLF001 - as requests does
        return answer


def _measure(client: requests.Session) -> None:
    for start in ("http://", "https://"):
        client.mount(start, _Measured())


def _get(address: str) -> dict[str, Any]:
    try:
        with requests.Session() as client:
            _measure(client)
            answer = client.get(address, timeout=SECONDS, allow_redirects=False)
            if answer.status_code != 200:  # noqa: PLR2004
                raise ProviderDown
            found = answer.json()
    except (requests.RequestException, ValueError, OSError) as error:
        raise ProviderDown from error
    if not isinstance(found, dict):
        raise ProviderDown
    return found


def _is_web(address: str) -> bool:
    return urlsplit(address).scheme in {"http", "https"}


def _is_safe(address: str, issuer: str) -> bool:
    """On the web, and with https where the issuer has it."""
    return _is_web(address) and (
        urlsplit(address).scheme == "https" or urlsplit(issuer).scheme == "http"
    )
