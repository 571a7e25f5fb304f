"""Settings from the environment, typed and checked once. Production refuses unsafe values."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, urlsplit

from matchsvc.secrecy import KeyRing, SecrecyError

DEFAULT_DATABASE = "sqlite:///var/matchsvc.sqlite3"
DEFAULT_INDEX = "var/index"  # for a database that is no file
DEVELOPMENT_SECRET = "only-for-development-never-in-production"  # noqa: S105 - named for what it is
_DEVELOPMENT_KEY = base64.b64encode(hashlib.sha256(b"matchsvc development key").digest()).decode()
DEVELOPMENT_KEYS = f"dev:{_DEVELOPMENT_KEY}"
_MIN_SECRET = 32
_LOCAL = frozenset(("localhost", "127.0.0.1", "::1"))
_CONTACTS = ("mailto:", "https://", "tel:")  # what RFC 9116 knows


class ConfigError(Exception):
    """The environment holds unsafe or impossible values; every one is listed.

    Args:
        problems: one sentence per setting.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Config:
    """All settings. Names follow the environment variables in lower case."""

    env: Literal["development", "production"] = "development"
    database_url: str = field(default=DEFAULT_DATABASE, repr=False)  # may hold a password
    secret_key: str = field(default=DEVELOPMENT_SECRET, repr=False)
    encryption_keys: str = field(default=DEVELOPMENT_KEYS, repr=False)
    backup_keys: str | None = field(default=None, repr=False)
    base_url: str = "http://127.0.0.1:8000"
    smtp_url: str | None = field(default=None, repr=False)
    mail_from: str = "matchsvc@localhost"
    sms_url: str | None = field(default=None, repr=False)
    audit_anchor: Path | None = None
    metrics_token: str | None = field(default=None, repr=False)
    index_folder: Path | None = None
    security_contact: str | None = None
    trusted_proxies: int = 0
    oidc_issuer: str | None = None
    oidc_client_id: str = ""
    oidc_client_secret: str = field(default="", repr=False)
    oidc_groups_claim: str = "groups"
    oidc_mfa_acr: tuple[str, ...] = ()
    host: str = "127.0.0.1"
    port: int = 8000

    @property
    def index_place(self) -> Path:
        """Where indexes of the vocabulary are kept; what is gone is made again."""
        if self.index_folder is not None:
            return self.index_folder
        kind, _, file = self.database_url.partition(":///")
        return Path(file).parent / "index" if kind == "sqlite" else Path(DEFAULT_INDEX)

    @property
    def is_production(self) -> bool:
        """Whether real people's data may be in here."""
        return self.env == "production"

    @property
    def keys(self) -> KeyRing:
        """The encryption keys."""
        return KeyRing.parse(self.encryption_keys)

    @property
    def backup_ring(self) -> KeyRing:
        """The keys of backups; without keys of their own, the encryption keys."""
        return KeyRing.parse(self.backup_keys or self.encryption_keys)

    @property
    def mfa_required(self) -> bool:
        """Whether a password alone is too little to log in. Always so in production."""
        return self.is_production

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Config:
        """Read and check the settings.

        Raises:
            ConfigError: with every problem at once.
        """
        problems: list[str] = []
        env = environ.get("MATCHSVC_ENV", "development")
        if env not in {"development", "production"}:
            problems.append("MATCHSVC_ENV must be development or production.")
        port = environ.get("PORT", "8000")
        if not port.isdigit() or not 0 < int(port) < 2**16:
            problems.append("PORT must be a number from 1 to 65535.")
            port = "8000"
        proxies = environ.get("TRUSTED_PROXIES", "0")
        if proxies not in {"0", "1", "2", "3"}:
            problems.append("TRUSTED_PROXIES must be a number from 0 to 3.")
            proxies = "0"
        anchor = environ.get("AUDIT_ANCHOR")
        index_folder = environ.get("INDEX_FOLDER")
        host = environ.get("HOST", "127.0.0.1")
        config = cls(
            env="production" if env == "production" else "development",
            database_url=environ.get("DATABASE_URL", DEFAULT_DATABASE),
            secret_key=environ.get("SECRET_KEY", DEVELOPMENT_SECRET),
            encryption_keys=environ.get("ENCRYPTION_KEYS", DEVELOPMENT_KEYS),
            backup_keys=environ.get("BACKUP_KEYS") or None,
            base_url=environ.get("BASE_URL", f"http://{host}:{port}").rstrip("/"),
            smtp_url=environ.get("SMTP_URL") or None,
            mail_from=environ.get("MAIL_FROM", "matchsvc@localhost"),
            sms_url=environ.get("SMS_URL") or None,
            audit_anchor=Path(anchor) if anchor else None,
            metrics_token=environ.get("METRICS_TOKEN") or None,
            index_folder=Path(index_folder) if index_folder else None,
            security_contact=environ.get("SECURITY_CONTACT") or None,
            trusted_proxies=int(proxies),
            oidc_issuer=environ.get("OIDC_ISSUER") or None,
            oidc_client_id=environ.get("OIDC_CLIENT_ID", ""),
            oidc_client_secret=environ.get("OIDC_CLIENT_SECRET", ""),
            oidc_groups_claim=environ.get("OIDC_GROUPS_CLAIM") or "groups",
            oidc_mfa_acr=tuple(environ.get("OIDC_MFA_ACR", "").split()),
            host=host,
            port=int(port),
        )
        problems += config.problems()
        if environ.get("MATCHSVC_MFA", "on").lower() in {"off", "0", "false", "no"} and (
            env == "production"
        ):
            problems.append("MATCHSVC_MFA may not be off in production.")
        if problems:
            raise ConfigError(problems)
        return config

    def problems(self) -> list[str]:
        """What is wrong with these settings, one sentence each; values are never repeated."""
        found = [*self._shape_problems(), *self._address_problems()]
        if self.is_production:
            found += self._production_problems()
        return found

    def _shape_problems(self) -> list[str]:
        found = []
        if not self.database_url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg")):
            found.append("DATABASE_URL must begin with sqlite:/// or postgresql://.")
        for name, keys in (
            ("ENCRYPTION_KEYS", self.encryption_keys),
            ("BACKUP_KEYS", self.backup_keys),
        ):
            try:
                if keys is not None:
                    KeyRing.parse(keys)
            except SecrecyError as error:
                found.append(f"{name}: {error}.")
        return found

    def _address_problems(self) -> list[str]:
        found = []
        if self.smtp_url:
            try:
                scheme = urlsplit(self.smtp_url).scheme
            except ValueError:
                scheme = ""
            if scheme not in {"smtp", "smtps", "smtp+starttls"}:
                found.append(
                    "SMTP_URL must begin with smtp://, smtps:// or smtp+starttls:// (then user, "
                    "password, host and port)."
                )
        if self.sms_url and _web_scheme(self.sms_url) is None:
            found.append(
                "SMS_URL must begin with http:// or https:// (then user, password, host and path)."
            )
        if _web_scheme(self.base_url) is None:
            found.append("BASE_URL must begin with http:// or https:// (then a host).")
        contact = self.security_contact
        if contact and not (contact.isprintable() and contact.startswith(_CONTACTS)):
            found.append("SECURITY_CONTACT must begin with mailto:, https:// or tel:.")
        return [*found, *self._oidc_problems()]

    def _oidc_problems(self) -> list[str]:
        if self.oidc_issuer is None:
            return []
        found = []
        if _web_scheme(self.oidc_issuer) is None:
            found.append("OIDC_ISSUER must begin with http:// or https://.")
        if not (self.oidc_client_id and self.oidc_client_secret):
            found.append("OIDC_ISSUER needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.")
        return found

    def _production_problems(self) -> list[str]:
        found = []
        if self.secret_key == DEVELOPMENT_SECRET or len(self.secret_key) < _MIN_SECRET:
            found.append(f"SECRET_KEY must be your own, at least {_MIN_SECRET} characters.")
        for name, keys in (
            ("ENCRYPTION_KEYS", self.encryption_keys),
            ("BACKUP_KEYS", self.backup_keys),
        ):
            if _DEVELOPMENT_KEY in (keys or ""):
                found.append(f"{name} must be your own: the development key is public.")
        if not self.base_url.startswith("https://"):
            found.append("BASE_URL must begin with https:// in production.")
        return [*found, *self._line_problems()]

    def _line_problems(self) -> list[str]:
        """Lines to other machines that are not encrypted."""
        found = []
        if self.oidc_issuer and not self.oidc_issuer.startswith("https://"):
            found.append("OIDC_ISSUER must begin with https:// in production.")
        if self.smtp_url and urlsplit(self.smtp_url).scheme == "smtp":
            host = urlsplit(self.smtp_url).hostname
            if host not in _LOCAL:
                found.append("SMTP_URL must use smtps:// or smtp+starttls:// to another machine.")
        if self.sms_url and _web_scheme(self.sms_url) == "http":
            host = urlsplit(self.sms_url).hostname
            if host not in _LOCAL:
                found.append("SMS_URL must use https:// to another machine.")
        if not _is_known_line(self.database_url):
            found.append("DATABASE_URL must say sslmode=verify-full to another machine.")
        return found


def _is_known_line(database_url: str) -> bool:
    """Whether the database is here, or reached encrypted and by a certificate that is checked."""
    if not database_url.startswith("postgresql"):
        return True
    try:
        parts = urlsplit(database_url)
        asked = parse_qs(parts.query)
        hosts = [parts.hostname or "", *asked.get("host", [])]
    except ValueError:
        return False
    away = [host for host in hosts if host and host[0] != "/" and host not in _LOCAL]
    return not away or asked.get("sslmode", [""])[-1] == "verify-full"


def _web_scheme(url: str) -> str | None:
    """The scheme of an address on the web; None when it is none."""
    try:
        parts = urlsplit(url)
        is_one = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return parts.scheme if is_one else None
