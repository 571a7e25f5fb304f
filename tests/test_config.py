"""Settings: production refuses what would be unsafe, and says everything at once."""

from __future__ import annotations

import base64

import pytest

from matchsvc.config import Config, ConfigError

SAFE = {
    "MATCHSVC_ENV": "production",
    "SECRET_KEY": "x" * 40,
    "ENCRYPTION_KEYS": "k1:" + base64.b64encode(b"a" * 32).decode(),
    "BASE_URL": "https://match.example.org",
    "DATABASE_URL": "postgresql://localhost/matchsvc",
}


def test_safe_production_settings_are_accepted():
    assert Config.from_environ(SAFE).is_production


def test_development_needs_no_settings():
    assert not Config.from_environ({}).is_production


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("SECRET_KEY", None),
        ("SECRET_KEY", "short"),
        ("ENCRYPTION_KEYS", None),
        ("ENCRYPTION_KEYS", "k1:nonsense"),
        ("BASE_URL", "http://match.example.org"),
        ("SMTP_URL", "smtp://mail.example.org"),
        ("SMTP_URL", "ftp://mail.example.org"),
        ("DATABASE_URL", "mysql://x"),
        ("MATCHSVC_MFA", "off"),
        ("PORT", "70000"),
        ("MATCHSVC_ENV", "staging"),
    ],
)
def test_production_refuses_unsafe_values(setting, value):
    environ = {k: v for k, v in (SAFE | {setting: value}).items() if v is not None}
    with pytest.raises(ConfigError) as refused:
        Config.from_environ(environ)
    assert setting in str(refused.value)


def test_every_problem_is_told_at_once_and_no_value_is_repeated():
    with pytest.raises(ConfigError) as refused:
        Config.from_environ({"MATCHSVC_ENV": "production", "SECRET_KEY": "hunter2hunter2"})
    told = str(refused.value)
    assert "SECRET_KEY" in told
    assert "ENCRYPTION_KEYS" in told
    assert "BASE_URL" in told
    assert "hunter2" not in told


@pytest.mark.parametrize(
    "url", ["ftp://sms.example.org", "sms.example.org", "https://", "http://[::1", "https://x:0/"]
)
def test_a_gateway_of_text_messages_has_an_address_on_the_web(url):
    with pytest.raises(ConfigError, match="SMS_URL"):
        Config.from_environ({"SMS_URL": url})


def test_in_production_text_messages_go_encrypted_to_another_machine():
    with pytest.raises(ConfigError, match="SMS_URL must use https"):
        Config.from_environ(SAFE | {"SMS_URL": "http://user:secret@sms.example.org/send"})
    for url in ("https://user:secret@sms.example.org/send", "http://127.0.0.1:9000/"):
        assert Config.from_environ(SAFE | {"SMS_URL": url}).sms_url == url


@pytest.mark.parametrize(
    ("url", "is_known"),
    [
        ("postgresql://u:p@db.kommun.example/matchsvc", False),
        ("postgresql://u:p@db.kommun.example/matchsvc?sslmode=require", False),  # by anybody
        ("postgresql://u:p@db.kommun.example/matchsvc?sslmode=verify-full", True),
        ("postgresql+psycopg://u:p@10.0.0.7/matchsvc?sslmode=prefer", False),
        ("postgresql:///matchsvc?host=db.kommun.example", False),
        ("postgresql:///matchsvc?host=/run/postgresql", True),
        ("postgresql://u:p@127.0.0.1/matchsvc", True),
        ("sqlite:////var/lib/matchsvc/a.sqlite3", True),
        ("postgresql://[", False),
    ],
)
def test_in_production_a_database_elsewhere_is_reached_encrypted_and_known(url, is_known):
    told = Config(env="production", database_url=url).problems()
    assert ("DATABASE_URL must say sslmode=verify-full to another machine." in told) is not is_known
    assert not any("sslmode" in each for each in Config(database_url=url).problems())
