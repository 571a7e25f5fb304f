"""The vocabulary as JSON: search, one concept, what a text may mean, the conditions."""

from __future__ import annotations

from typing import Any

from matchsvc.accounts.guard import STAFF, reading, requires
from matchsvc.vocabulary import rules
from matchsvc.vocabulary.models import ConceptType
from matchsvc.vocabulary.schemas import (
    ConceptSchema,
    ConditionSchema,
    LinkingSchema,
    SearchSchema,
    SuggestSchema,
)
from matchsvc.web.api import api_blueprint

api = api_blueprint("vocabulary", "", "The words that competences and requirements are named by.")


@api.route("/concepts")
@requires(*STAFF)
@api.arguments(SearchSchema, location="query")
@api.response(200, ConceptSchema(many=True))
def list_concepts(query: dict[str, Any]) -> Any:
    """Search the names and synonyms of the vocabulary."""
    types = [query["kind"]] if query["kind"] else list(ConceptType)
    with reading() as session:
        return rules.search_concepts(session, query["q"], types=types, limit=query["limit"])


@api.route("/concepts/<string:concept_id>")
@requires(*STAFF)
@api.response(200, ConceptSchema)
def show_concept(concept_id: str) -> Any:
    """Show one concept, deprecated ones too."""
    with reading() as session:
        return rules.get_concept(session, concept_id)


@api.route("/concepts/suggest", methods=["POST"])
@requires(*STAFF)
@api.arguments(SuggestSchema)
@api.response(200, LinkingSchema)
def suggest_concepts(query: dict[str, Any]) -> Any:
    """Propose concepts for a text in somebody's own words. Changes nothing.

    It is a POST because the words may be personal: they must not end in an address or a log.
    """
    with reading() as session:
        return rules.suggest(session, query.pop("text"), **query)


@api.route("/conditions")
@requires(*STAFF)
@api.response(200, ConditionSchema(many=True))
def list_conditions() -> Any:
    """List the working conditions that a participant may need and a site may offer."""
    with reading() as session:
        return rules.list_conditions(session)
