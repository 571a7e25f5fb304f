"""Pages of matching: possible participants, possible offers, compare, propose, answer."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.accounts.models import User
from matchsvc.employers.models import Contact, Offer
from matchsvc.employers.offers import get_offer
from matchsvc.errors import Conflict, DomainError, NotFound
from matchsvc.matching import naming, proposal_link, proposals
from matchsvc.matching.explain import NEVER_USED
from matchsvc.matching.gate_words import Words
from matchsvc.matching.models import Proposal, ProposalState
from matchsvc.matching.presentation import presentation_of
from matchsvc.matching.results import Result
from matchsvc.matching.rules import (
    MATCHERS,
    TOP,
    explain_pair,
    match_offer,
    match_participant,
    offer_titles,
)
from matchsvc.matching.schemas import (
    EmployerAnswerSchema,
    NamingSchema,
    ParticipantAnswerSchema,
    PresentSchema,
    ProposeSchema,
    SendLinkSchema,
    WithdrawSchema,
)
from matchsvc.matching.views_proposal_link import link_pages
from matchsvc.matching.views_weights import weight_pages
from matchsvc.matching.waiting import list_free_places, list_waiting
from matchsvc.participants.access import (
    Sight,
    get_visible,
    shown_name,
    sight_of,
    visible_participants,
)
from matchsvc.participants.models import Case, Participant, Wish
from matchsvc.participants.profile import latest_wish
from matchsvc.vocabulary.models import Concept
from matchsvc.web.forms import load_form, page_number
from matchsvc.web.problems import STATUS, field_errors
from matchsvc.web.words import day_words, language_of_reader

pages = Blueprint("matching", __name__, template_folder="templates")
pages.register_blueprint(weight_pages)
pages.register_blueprint(link_pages)

PAGE = 50
COMPARED = 3


def reader_words() -> Words:
    """Words in the reader's language."""
    return Words(say=_, language=language_of_reader(), day=day_words)


@pages.get("/matching")
@requires(*MATCHERS)
def show_start() -> ResponseReturnValue:
    """Show who waits, by wait alone, and where there are places."""
    actor, today = current_actor(), day_of_request()
    with reading() as session:
        waiting = list_waiting(session, actor, today=today, page=page_number())
        places, offers = list_free_places(session, actor)
        return render_template(
            "matching/start.html",
            waiting=waiting,
            people=people_of(session, actor, [row.participant for row in waiting.people], today),
            places=places,
            offers=offers,
        )


@pages.get("/matching/offers/<key>")
@requires(*MATCHERS)
def show_offer_match(key: str) -> ResponseReturnValue:
    """Show who fits an offer, and one of them explained."""
    actor, today = current_actor(), day_of_request()
    top = min(request.args.get("top", TOP, int) or TOP, 200)
    with reading() as session:
        offer = get_offer(session, actor, key)
        found = match_offer(session, actor, offer, today=today, words=reader_words(), top=top)
        people = people_of(session, actor, [r.participant for r in found.results], today)
        compared = [UUID(value) for value in request.args.getlist("compare") if _is_uuid(value)]
        chosen = _chosen(found.results, request.args.get("participant"))
        shown = {
            "offer": offer,
            "found": found,
            "people": people,
            "chosen": chosen,
            "compared": [r for r in found.results if r.participant in compared][:COMPARED],
            "never_used": _(NEVER_USED),
            "top": top,
        }
        if request.args.get("view") == "compare":
            return render_template("matching/compare.html", **shown, form={}, errors={})
        return render_template("matching/offer.html", **shown)


@pages.get("/matching/participants/<key>")
@requires(*MATCHERS)
def show_participant_match(key: str) -> ResponseReturnValue:
    """Show which offers fit a participant, and one of them explained."""
    actor, today = current_actor(), day_of_request()
    with reading() as session:
        participant = get_visible(session, actor, key, today=today)
        found = match_participant(session, actor, participant, today=today, words=reader_words())
        titles = offer_titles(session, [result.offer for result in found.results])
        people = people_of(session, actor, [participant.id], today)
        return render_template(
            "matching/participant.html",
            participant=participant,
            person=people[participant.id],
            people=people,
            found=found,
            titles=titles,
            chosen=_chosen(found.results, request.args.get("offer"), by="offer"),
            never_used=_(NEVER_USED),
        )


@pages.get("/matching/pairs")
@requires(*MATCHERS)
def show_pair() -> ResponseReturnValue:
    """Show any one pair explained, with the text to be read aloud."""
    actor, today = current_actor(), day_of_request()
    keys = {name: request.args.get(name, "") for name in ("participant", "offer")}
    with reading() as session:
        result = explain_pair(
            session, actor, keys["participant"], keys["offer"], today=today, words=reader_words()
        )
        people = people_of(session, actor, [result.participant], today)
        return render_template(
            "matching/pair.html",
            result=result,
            offer=get_offer(session, actor, result.offer),
            person=people[result.participant],
            never_used=_(NEVER_USED),
        )


@pages.get("/proposals")
@requires(*MATCHERS)
def list_proposals() -> ResponseReturnValue:
    """List proposals, newest first."""
    actor, today = current_actor(), day_of_request()
    page = page_number()
    standing = request.args.get("all") is None
    with reading() as session:
        rows = proposals.list_proposals(
            session,
            actor,
            today=today,
            only_standing=standing,
            limit=PAGE + 1,
            offset=(page - 1) * PAGE,
        )
        shown = rows[:PAGE]
        return render_template(
            "matching/proposals.html",
            proposals=shown,
            has_more=len(rows) > PAGE,
            page=page,
            standing=standing,
            people=people_of(session, actor, [row.participant_id for row in shown], today),
            titles=offer_titles(session, [row.offer_id for row in shown]),
            state_words=state_words(),
        )


@pages.get("/proposals/new")
@requires(*MATCHERS)
def show_propose() -> ResponseReturnValue:
    """Show the form that proposes a participant for an offer."""
    with reading() as session:
        return _propose_page(session, current_actor(), request.args, {}), 200


@pages.post("/proposals")
@requires(*MATCHERS)
def submit_proposal() -> ResponseReturnValue:
    """Propose a participant."""
    actor = current_actor()
    try:
        data = load_form(ProposeSchema())
        with writing() as session:
            proposal = proposals.propose(
                session,
                actor,
                participant_key=data["participant"],
                offer_key=data["offer"],
                reason=data["reason"],
                override_reason=data["override_reason"],
                said_yes=data["said_yes"],
                today=day_of_request(),
                now=db.utcnow(),
                words=reader_words(),
            )
            proposal_id = proposal.id
    except DomainError as error:
        with reading() as session:
            page = _propose_page(session, actor, request.form, field_errors(error))
        return page, STATUS[type(error)]
    return redirect(url_for("matching.show_proposal", proposal_id=proposal_id), 303)


@pages.get("/proposals/<uuid:proposal_id>")
@requires(*MATCHERS)
def show_proposal(proposal_id: UUID) -> ResponseReturnValue:
    """Show one proposal: where it stands, its next step, its history."""
    return _proposal_page(proposal_id, {}), 200


@pages.post("/proposals/<uuid:proposal_id>/<step>")
@requires(*MATCHERS)
def submit_step(proposal_id: UUID, step: str) -> ResponseReturnValue:
    """Record the next step of a proposal."""
    actor = current_actor()
    try:
        with writing() as session:
            _take_step(session, actor, proposal_id, step)
    except Conflict as error:
        return _proposal_page(proposal_id, field_errors(error), is_conflict=True), 409
    except DomainError as error:
        if STATUS[type(error)] in {403, 404}:
            raise
        return _proposal_page(proposal_id, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("matching.show_proposal", proposal_id=proposal_id), 303)


def _take_step(session: Session, actor: Actor, proposal_id: UUID, step: str) -> None:
    when: dict[str, Any] = {"today": day_of_request(), "now": db.utcnow()}
    if step == "participant-answer":
        data = load_form(ParticipantAnswerSchema())
        data["answer"] = ProposalState(data["answer"].value)
        proposals.answer_for_participant(session, actor, proposal_id, **data, **when)
    elif step == "present":
        proposal_link.present(
            session, actor, proposal_id, **load_form(PresentSchema()), base_url=_base_url(), **when
        )
    elif step == "link":
        data = load_form(SendLinkSchema())
        proposal_link.send_link(session, actor, proposal_id, **data, base_url=_base_url(), **when)
    elif step == "stop-link":
        proposal_link.stop_link(session, actor, proposal_id, **when)
    elif step == "naming":
        naming.answer_naming(session, actor, proposal_id, **load_form(NamingSchema()), **when)
    elif step == "employer-answer":
        data = load_form(EmployerAnswerSchema())
        proposals.answer_for_employer(session, actor, proposal_id, **data, **when)
    elif step == "withdraw":
        data = load_form(WithdrawSchema())
        proposals.withdraw(session, actor, proposal_id, **data, **when)
    else:
        raise NotFound("step")


def _base_url() -> str:
    base: str = current_app.config["MATCHSVC"].base_url
    return base


def _propose_page(session: Session, actor: Actor, form: Any, errors: dict[str, str]) -> str:
    today = day_of_request()
    participant = get_visible(session, actor, form.get("participant", ""), today=today)
    offer = get_offer(session, actor, form.get("offer", ""))
    result = explain_pair(
        session, actor, participant.id, offer.id, today=today, words=reader_words()
    )
    return render_template(
        "matching/propose.html",
        participant=participant,
        person=people_of(session, actor, [participant.id], today)[participant.id],
        offer=offer,
        result=result,
        wish=latest_wish(session, participant.id),
        form=form,
        errors=errors,
    )


def _proposal_page(proposal_id: UUID, errors: dict[str, str], *, is_conflict: bool = False) -> str:
    actor, today = current_actor(), day_of_request()
    with reading() as session:
        proposal = proposals.get_proposal(session, actor, proposal_id, today=today)
        offer = get_offer(session, actor, proposal.offer_id)
        people = people_of(session, actor, [proposal.participant_id], today)
        shown = _presented(session, actor, proposal, today)
        authors = {
            f"user:{user.id}": user.name
            for user in session.scalars(select(User).where(User.unit_id == proposal.unit_id))
        }
        contacts = list(
            session.scalars(
                select(Contact)
                .where(Contact.employer_id == offer.site.employer_id, Contact.is_active)
                .order_by(Contact.sort_key)
            )
        )
        return render_template(
            "matching/proposal.html",
            proposal=proposal,
            offer=offer,
            person=people[proposal.participant_id],
            is_own=people[proposal.participant_id]["sight"] is Sight.FULL,
            no_choice=offer.forms == [proposals.NO_CHOICE],
            presentation=shown,
            contacts=contacts,
            is_named=naming.may_be_named(session, proposal, today=today),
            sent=proposal_link.last_sent(session, proposal, now=db.utcnow()),
            authors=authors,
            state_words=state_words(),
            form=request.form,
            errors=errors,
            is_conflict=is_conflict,
        )


def _presented(
    session: Session, actor: Actor, proposal: Proposal, today: date
) -> dict[str, Any] | None:
    """What the employer sees or would see, with labels."""
    if proposal.state not in {ProposalState.WANTED, ProposalState.PRESENTED}:
        return None
    shown = presentation_of(session, actor, proposal, today=today)
    labels = {
        concept.id: reader_words().label(concept)
        for concept in session.scalars(select(Concept).where(Concept.id.in_(shown.competences)))
    }
    return {
        "alias": shown.alias,
        "competences": [labels.get(c, c) for c in shown.competences],
        "hours": shown.hours,
        "start_from": shown.start_from,
        "crowd": shown.crowd,
        "is_rare": shown.is_rare,
    }


def people_of(
    session: Session, actor: Actor, ids: list[UUID], today: date
) -> dict[UUID, dict[str, Any]]:
    """Name or alias, worker and latest wish of some participants. Four queries."""
    rows = session.scalars(
        visible_participants(session, actor, today=today).where(Participant.id.in_(ids))
    )
    sights = sight_of(session, actor, ids, today=today)
    wishes: dict[UUID, str] = {}
    for wish in session.scalars(
        select(Wish).where(Wish.participant_id.in_(ids)).order_by(Wish.recorded_on, Wish.created_at)
    ):
        wishes[wish.participant_id] = wish.own_words
    workers = dict(
        session.execute(
            select(Case.participant_id, User.name)
            .join(User, User.id == Case.case_worker_id)
            .where(Case.participant_id.in_(ids), Case.ended_on.is_(None))
        ).all()
    )
    return {
        row.id: {
            "id": row.id,
            "name": shown_name(row, sights[row.id]),
            "alias": row.alias,
            "sight": sights[row.id],
            "is_named": shown_name(row, sights[row.id]) != row.alias,
            "worker": workers.get(row.id),
            # A colleague sees what the wish is about, never the words: they may tell who it is.
            "wish": wishes.get(row.id) if sights[row.id] is Sight.FULL else None,
            "objected_on": row.objected_on if sights[row.id] is Sight.FULL else None,
        }
        for row in rows
    }


def _chosen(results: tuple[Result, ...], key: str | None, by: str = "participant") -> Result | None:
    for result in results:
        if key is not None and str(getattr(result, by)) == key:
            return result
    return results[0] if results else None


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def state_words() -> dict[ProposalState, str]:
    """What each state is called."""
    return {
        ProposalState.DRAFTED: _("Väntar på personens svar"),
        ProposalState.WANTED: _("Personen vill"),
        ProposalState.UNWANTED: _("Personen sade nej"),
        ProposalState.CHANGE: _("Något ska ändras först"),
        ProposalState.PRESENTED: _("Hos arbetsgivaren"),
        ProposalState.ACCEPTED: _("Arbetsgivaren sade ja"),
        ProposalState.DECLINED: _("Arbetsgivaren sade nej"),
        ProposalState.PLACED: _("Blev en placering"),
        ProposalState.WITHDRAWN: _("Tillbakadraget"),
    }


def offer_line(offer: Offer) -> str:
    """The line under an offer's title: places, hours, start, requirements."""
    required = sum(1 for row in offer.requirements if row.importance.value == "required")
    merits = len(offer.requirements) - required
    said = [
        _("%(n)s platser", n=offer.places) if offer.places != 1 else _("1 plats"),
        _(
            "%(start)s tim/vecka, kan öka till %(most)s",
            start=offer.hours_start,
            most=offer.hours_max,
        )
        if offer.hours_max > offer.hours_start
        else _("%(start)s tim/vecka", start=offer.hours_start),
    ]
    if offer.start_from:
        first = day_words(offer.start_from, weekday=False)
        last = day_words(offer.start_by, weekday=False) if offer.start_by else ""
        said.append(_("start %(days)s", days=f"{first}–{last}" if last else first))
    said.append(_("%(n)s krav", n=required))
    if merits:
        said.append(_("%(n)s meriter", n=merits) if merits > 1 else _("1 merit"))
    return " · ".join(str(part) for part in said)


def person_name(participant: UUID, people: dict[UUID, dict[str, Any]]) -> str:
    """What to call somebody in a table's head."""
    return str(people[participant]["name"])


def compare_option(result: Result, people: dict[UUID, dict[str, Any]]) -> tuple[UUID, str]:
    """Somebody as a choice to compare."""
    return result.participant, str(people[result.participant]["name"])


def contact_option(contact: Contact) -> tuple[UUID, str]:
    """A contact as a choice in a list."""
    return contact.id, contact.name


for _filter in (offer_line, person_name, compare_option, contact_option):
    pages.app_template_filter(_filter.__name__)(_filter)
