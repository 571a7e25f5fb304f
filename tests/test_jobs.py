"""The scheduler: one lease, each day once, jobs by hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from matchsvc import db, jobs
from matchsvc.accounts.models import AuditSeal
from matchsvc.errors import NotFound
from matchsvc.jobs_models import JobRun
from matchsvc.matching.marking import mark_everything
from matchsvc.matching.packing import is_stale
from tests.commands import run_command

DAY = date(2026, 11, 23)


def test_one_scheduler_holds_the_lease(session):
    now = db.utcnow()
    assert jobs.take_lease(session, "first", now=now)
    assert not jobs.take_lease(session, "second", now=now)
    assert jobs.take_lease(session, "first", now=now)  # renewed


def test_a_lease_that_ran_out_can_be_taken(session):
    now = db.utcnow()
    jobs.take_lease(session, "first", now=now)
    later = now + timedelta(seconds=jobs.LEASE_SECONDS + 1)
    assert jobs.take_lease(session, "second", now=later)
    assert not jobs.take_lease(session, "first", now=later)


def test_a_lease_is_given_up_at_the_end(session):
    jobs.take_lease(session, "first", now=db.utcnow())
    session.commit()
    jobs.give_up_lease("first")
    assert jobs.take_lease(session, "second", now=db.utcnow())


def test_a_daily_job_runs_once_for_its_day(session, config):
    ran = []
    job = jobs.Job("seal_audit", "x", lambda _config, day: ran.append(day) or 1)
    assert jobs.run_daily(job, config, DAY) is not None
    assert jobs.run_daily(job, config, DAY) is None
    assert jobs.run_daily(job, config, DAY + timedelta(days=1)) is not None
    assert session.scalar(select(func.count()).select_from(JobRun)) == 2


def test_every_job_has_a_name_a_sentence_and_a_time():
    for name, job in jobs.all_jobs().items():
        assert name == job.name
        assert job.does
        assert job.every or job.hour >= 4  # 02:30 happens twice in October


@pytest.mark.parametrize("name", sorted(jobs.all_jobs()))
def test_every_job_may_be_run_twice_for_any_day(session, config, name):
    jobs.run_job(name, config, DAY)
    assert jobs.run_job(name, config, DAY) >= 0


def test_an_unknown_job_is_not_found(config):
    with pytest.raises(NotFound):
        jobs.run_job("sleep", config, DAY)


@pytest.mark.sqlite_only
def test_two_schedulers_started_at_once_do_the_work_once(fresh_url):
    """Real processes: both run the daily job's claim; one does it."""
    url = fresh_url
    environ = {**os.environ, "DATABASE_URL": url}
    code = (
        "import os, time\n"
        "from matchsvc import db, jobs, secrecy\n"
        "from matchsvc.config import Config\n"
        "from datetime import date\n"
        "config = Config.from_environ(os.environ)\n"
        "secrecy.use(config.keys); db.connect(config.database_url)\n"
        "work = lambda c, d: (time.sleep(0.3), print('worked'), 1)[2]\n"
        "jobs.all_jobs = lambda: {'x': jobs.Job('x', 'x', work)}\n"
        "jobs.run_daily(jobs.all_jobs()['x'], config, date(2026, 11, 23))\n"
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code], env=environ, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    told = [process.communicate(timeout=60)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert sum("worked" in out for out in told) == 1


@pytest.mark.sqlite_only
def test_jobs_by_hand_and_the_log_verified_from_the_command_line(tmp_path, fresh_url):
    url = fresh_url
    anchor = tmp_path / "anchor.jsonl"
    added = run_command(url, "users", "add", "eva@example.org", "--role", "unit_manager")
    assert added.returncode == 0
    assert "/set-password/" in added.stdout
    ran = run_command(
        url, "jobs", "run", "seal_audit", "--date", "2026-11-23", AUDIT_ANCHOR=str(anchor)
    )
    assert json.loads(ran.stdout)["touched"] >= 1
    verified = run_command(url, "audit", "verify", "--json", AUDIT_ANCHOR=str(anchor))
    assert verified.returncode == 0
    assert json.loads(verified.stdout)["faults"] == []
    anchor.write_text("")
    assert json.loads(run_command(url, "audit", "verify", "--json").stdout)["seals"] == 1
    engine = db.make_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("update audit_event set object_id = 'forged'")
    assert run_command(url, "audit", "replace-months").stdout == ""
    tampered = run_command(url, "audit", "verify")
    assert tampered.returncode == 1
    assert "changed" in tampered.stdout
    assert AuditSeal.__tablename__ == "audit_seal"


@pytest.mark.sqlite_only
def test_wrong_usage_is_2_and_what_a_rule_refuses_is_1(fresh_url):
    url = fresh_url
    assert run_command(url, "jobs", "run").returncode == 2
    assert run_command(url, "jobs", "run", "sleep").returncode == 1
    assert run_command(url, "db", "check").returncode == 0
    assert (
        run_command(url, "db", "upgrade", SECRET_KEY="x", MATCHSVC_ENV="production").returncode == 2
    )
    refused = run_command(url, "match", "participant", "D-1", "--json")
    assert refused.returncode == 1
    assert json.loads(refused.stdout)["error"]["code"] == "not_found"


def test_what_an_import_left_marked_is_packed(session, make, config):
    make.participant(ready_on=DAY)
    session.commit()
    mark_everything(session.connection())
    assert is_stale(session)
    assert jobs.run_job("pack_matching", config, DAY) > 0
    assert not is_stale(session)
    assert jobs.run_job("pack_matching", config, DAY) == 0
