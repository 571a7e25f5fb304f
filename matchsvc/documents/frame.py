"""What the pages and the API of documents share."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from matchsvc.documents.desk import Desk
from matchsvc.documents.models import DocumentKind, EndDocument
from matchsvc.documents.overview import signature_rows
from matchsvc.documents.paper import paper_data
from matchsvc.documents.signing import shown_facts
from matchsvc.errors import Conflict, Invalid, NotFound, RuleViolation

FORM_ERRORS = (Invalid, RuleViolation, Conflict)


def kind_of(word: str) -> DocumentKind:
    """The kind of document that an address names.

    Raises:
        NotFound: there is none of that name.
    """
    try:
        return DocumentKind(word)
    except ValueError:
        raise NotFound("end_document") from None


def shown(session: Session, desk: Desk, row: EndDocument) -> dict[str, Any]:
    """What a page shows of a version: facts, signatures, and all of it as it stands on paper."""
    facts = shown_facts(session, desk.seen, row)
    signed = signature_rows(session, desk, row, facts)
    return {"facts": facts, "signed": signed, "paper": paper_data(row, facts, signed)}
