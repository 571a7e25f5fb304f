"""Secrets of the settings, planted and then looked for in everything that goes wrong."""

from __future__ import annotations

import base64
import traceback

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from matchsvc import db
from matchsvc.accounts.models import Role
from matchsvc.config import Config, ConfigError
from matchsvc.messages.mail import Delivery, send_mail
from matchsvc.secrecy import KeyRing, SecrecyError
from tests.commands import run_command

PLANTED = "Pl4nt3dS3cr3t"
KEY = base64.b64encode(PLANTED.encode().ljust(32, b"x")).decode()
ENVIRON = {
    "MATCHSVC_ENV": "production",
    "BASE_URL": "https://matchning.kommun.example",
    "SECRET_KEY": PLANTED * 4,
    "ENCRYPTION_KEYS": f"k1:{KEY}",
    "BACKUP_KEYS": f"b1:{KEY}",
    "SMTP_URL": f"smtps://user:{PLANTED}@127.0.0.1:1",
    "SMS_URL": f"https://user:{PLANTED}@127.0.0.1:1/send",
    "METRICS_TOKEN": PLANTED,
    "DATABASE_URL": f"postgresql://user:{PLANTED}@127.0.0.1:1/matchsvc?connect_timeout=1",
}


def tells(words):
    return PLANTED in words or KEY in words or KEY[:16] in words


def test_settings_shown_in_any_way_hold_no_secret():
    config = Config.from_environ(ENVIRON)
    for words in (repr(config), str(config), f"{config!r}", repr(config.keys), repr([config])):
        assert not tells(words)
        assert "config" in words.lower() or "keyring" in words.lower()


@pytest.mark.parametrize("name", sorted(ENVIRON))
def test_a_setting_that_is_wrong_is_named_and_not_repeated(name):
    """Whatever somebody pastes into the wrong place (ASVS 13.3, 16.5.1)."""
    told = ""
    try:
        Config.from_environ(ENVIRON | {name: f"{PLANTED}::{KEY}"})
    except ConfigError as error:
        told = "".join(traceback.format_exception(error)) + repr(error) + repr(error.problems)
    assert not tells(told)


def test_a_key_that_is_malformed_is_not_repeated():
    with pytest.raises(SecrecyError) as error:
        KeyRing.parse(f"k1:{KEY}!{PLANTED}")
    assert not tells("".join(traceback.format_exception(error.value)))


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"DATABASE_URL": f"sqlite:////not/there/{PLANTED}x/a.sqlite3"},
        {"SECRET_KEY": PLANTED},
        {"ENCRYPTION_KEYS": f"k1:{KEY}=!"},
        {"SMTP_URL": f"ftp://user:{PLANTED}@host"},
        {"SMS_URL": f"//user:{PLANTED}@["},
        {"BASE_URL": f"http://user:{PLANTED}@host"},
    ],
)
def test_a_start_that_fails_tells_no_secret(wrong, tmp_path):
    """The whole of both streams, tracebacks too; the database is not there."""
    done = run_command(None, "db", "check", folder=tmp_path, **(ENVIRON | wrong))
    assert done.returncode != 0
    path = f"/not/there/{PLANTED}x"  # a folder's name is no secret
    assert not tells((done.stdout + done.stderr).replace(path, "…"))


def test_a_fault_in_the_database_does_not_tell_what_was_being_saved(engine):
    with engine.connect() as connection, pytest.raises(SQLAlchemyError) as error:
        connection.execute(text("insert into nothing values (:word)"), {"word": PLANTED})
    assert not tells("".join(traceback.format_exception(error.value)))


def test_a_mail_server_that_is_away_is_told_without_its_password():
    told = send_mail(ENVIRON["SMTP_URL"], "a@b.example", Delivery("<a@b>", "c@d.example", "x", "x"))
    assert told.state == "later"
    assert not tells(repr(told))


def test_no_page_or_log_of_a_fault_holds_a_setting(app, client_as, monkeypatch, capfd):
    def fail(*_args, **_values):
        config = Config.from_environ(ENVIRON)  # a local variable of the frame that fails
        raise RuntimeError(config.secret_key, config, db)

    client = client_as(Role.UNIT_MANAGER)
    monkeypatch.setattr("matchsvc.accounts.rules.list_areas", fail)
    app.config["PROPAGATE_UNEXPECTED"], app.testing = False, False
    try:
        page = client.get("/settings")
        body = client.get("/api/v1/settings")
    finally:
        app.config["PROPAGATE_UNEXPECTED"], app.testing = True, True
    assert page.status_code == 500
    told = page.get_data(as_text=True) + body.get_data(as_text=True) + "".join(capfd.readouterr())
    assert "unexpected" in told
    assert not tells(told)
    assert "Traceback" not in page.get_data(as_text=True)
    assert ".py" not in page.get_data(as_text=True)


def test_no_debugger_ever_listens(app):
    assert not app.debug
    assert app.test_client().get("/console").status_code == 404
    assert app.test_client().get("/?__debugger__=yes&cmd=resource").status_code in {302, 303, 404}
