"""Somebody's own signed papers on her page: the competence card, the final documentation, the rest.

They are hers, to read with help, to print and to show to whom she likes.
"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires
from matchsvc.documents import wording
from matchsvc.documents.desk import record_act
from matchsvc.documents.frame import shown
from matchsvc.documents.of_person import get_paper
from matchsvc.documents.paper import TEMPLATE
from matchsvc.own_page import visits
from matchsvc.participants.frame import CHANGERS, today
from matchsvc.web.papers import render_pdf

document_pages = Blueprint("documents", __name__)
_PATH = "/<key>/own-page/<uuid:visit_id>/papers/<uuid:document_id>"


@document_pages.get(_PATH)
@requires(*CHANGERS)
def show_paper(key: str, visit_id: UUID, document_id: UUID) -> ResponseReturnValue:
    """One of her papers, to read and print."""
    actor = current_actor()
    with reading() as session:
        person, visit = visits.get_visit(
            session, actor, key, visit_id, today=today(), now=db.utcnow()
        )
        desk, row = get_paper(session, actor, person, document_id, today=today())
        return render_template(
            "own_page/paper.html", visit=visit, person=person, row=row, **shown(session, desk, row)
        )


@document_pages.get(f"{_PATH}.pdf")
@requires(*CHANGERS)
def download_paper(key: str, visit_id: UUID, document_id: UUID) -> ResponseReturnValue:
    """The same as a tagged PDF, for her to keep."""
    actor = current_actor()
    with reading() as session:
        person, _visit = visits.get_visit(
            session, actor, key, visit_id, today=today(), now=db.utcnow()
        )
        desk, row = get_paper(session, actor, person, document_id, today=today())
        record_act(session, actor, "export", row, desk.seen)
        data = shown(session, desk, row)["paper"]
        made = render_pdf(TEMPLATE[row.kind], data, made_at=db.utcnow())
    name = f"{wording.FILE[row.kind]}-{row.number}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(made, mimetype="application/pdf", headers=headers)
