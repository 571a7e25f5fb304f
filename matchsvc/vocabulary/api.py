"""The vocabulary as JSON: concepts and their lines, what a text may mean, conditions, own words."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from matchsvc import db
from matchsvc.accounts.guard import STAFF, current_actor, reading, requires, writing
from matchsvc.swedish import local_date
from matchsvc.vocabulary import rules, synonyms
from matchsvc.vocabulary.browsing import get_detail
from matchsvc.vocabulary.desk import names_among, parent_of
from matchsvc.vocabulary.lines import KEEPERS, correct_line, find_correction
from matchsvc.vocabulary.models import ConceptType, SynonymState
from matchsvc.vocabulary.schemas import (
    AddSynonymSchema,
    ConceptDetailSchema,
    ConceptSchema,
    ConditionSchema,
    DecisionSchema,
    LinkingSchema,
    ParentSchema,
    SearchSchema,
    SuggestSchema,
    SynonymPageSchema,
    SynonymSchema,
    WordsQuerySchema,
    concept_data,
)
from matchsvc.web.api import api_blueprint, errors

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
@api.etag
@api.response(200, ConceptDetailSchema)
@errors(api, 401, 403, 404)
@requires(*STAFF)
def show_concept(concept_id: str) -> Any:
    """Show one concept, deprecated ones too, with its line upward and where else it could lead."""
    with reading() as session:
        shown = concept_data(get_detail(session, concept_id))
    api.set_etag(_dumped(shown))
    return shown


@api.route("/concepts/<string:concept_id>/parent", methods=["PUT"])
@api.etag
@api.arguments(ParentSchema)
@api.response(200, ConceptDetailSchema)
@errors(api, 401, 403, 404, 409, 412, 428)
@requires(*KEEPERS)
def change_parent(data: dict[str, Any], concept_id: str) -> Any:
    """Let a concept's line upward lead elsewhere ("-": nowhere). New versions of lists keep it."""
    with writing() as session:
        api.check_etag(_dumped(concept_data(get_detail(session, concept_id))))
        held = find_correction(session, concept_id)
        correct_line(
            session,
            current_actor(),
            concept_id,
            parent_of(data["parent"]),
            reason=data["reason"],
            version=held.version if held else 0,
            **_when(),
        )
        changed = concept_data(get_detail(session, concept_id))
    api.set_etag(_dumped(changed))
    return changed


def _dumped(shown: dict[str, Any]) -> dict[str, Any]:
    """What the ETag stands for: all that is answered, so that any change of it is noticed."""
    dumped: dict[str, Any] = ConceptDetailSchema().dump(shown)
    return dumped


@api.route("/synonyms")
@api.arguments(WordsQuerySchema, location="query")
@api.response(200, SynonymPageSchema)
@errors(api, 401, 403)
@requires(*KEEPERS)
def list_synonyms(query: dict[str, Any]) -> Any:
    """List the unit's words in one state, approved ones unless asked otherwise; fifty a page."""
    state = query["state"] or SynonymState.APPROVED
    with reading() as session:
        listed, total = synonyms.list_words(session, current_actor(), state, page=query["page"])
    return {
        "items": [line.synonym for line in listed],
        "page": query["page"],
        "pages": max(1, -(-total // synonyms.PAGE_SIZE)),
        "total": total,
    }


@api.route("/synonyms", methods=["POST"])
@api.arguments(AddSynonymSchema)
@api.response(201, SynonymSchema)
@errors(api, 401, 403, 404, 409)
@requires(*KEEPERS)
def create_synonym(data: dict[str, Any]) -> Any:
    """Give a concept a synonym of the unit. Personal data is refused."""
    with writing() as session:
        names = names_among(session, data["text"])
        return synonyms.add_words(
            session, current_actor(), data["concept"], data["text"], names=names, **_when()
        )


@api.route("/synonyms/<uuid:synonym_id>/decision", methods=["POST"])
@api.arguments(DecisionSchema)
@api.response(200, SynonymSchema)
@errors(api, 401, 403, 404, 409)
@requires(*KEEPERS)
def decide_on_synonym(data: dict[str, Any], synonym_id: UUID) -> Any:
    """Approve, refuse or revoke words. Refused words are forgotten."""
    actor = current_actor()
    with writing() as session:
        held = synonyms.get_words(session, actor, synonym_id)
        names = names_among(session, held.text or "")
        return synonyms.decide_on_words(session, actor, synonym_id, **data, names=names, **_when())


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


def _when() -> dict[str, Any]:
    now = db.utcnow()
    return {"today": local_date(now), "now": now}
