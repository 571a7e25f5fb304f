"""The page of scheduled work."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires
from matchsvc.scheduling import rules
from matchsvc.scheduling.wording import job_words

pages = Blueprint("scheduling", __name__, template_folder="templates")


@pages.get("/settings/jobs")
@requires(*rules.READERS)
def show_jobs() -> ResponseReturnValue:
    """Each job: how it went, how long it took, when it runs next."""
    with reading() as session:
        found = rules.overview(session, current_actor(), now=db.utcnow())
        return render_template("scheduling/jobs.html", o=found, job_words=job_words), 200
