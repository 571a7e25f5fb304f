"""Pages of the board: the draft for everybody, and one line with what can be decided."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.accounts.models import Role, User
from matchsvc.errors import Conflict, DomainError, NotFound
from matchsvc.matching import board, decisions, drafting
from matchsvc.matching.arriving import FEWEST, Arrivals
from matchsvc.matching.cohort import STAGES
from matchsvc.matching.cohort_words import cost_words, gap_words, obstacle_words, percent_of
from matchsvc.matching.models import CohortLine, CohortRun, DraftState, LineState
from matchsvc.matching.results import Result
from matchsvc.matching.rules import MATCHERS, explain_pair, match_participant, offer_titles
from matchsvc.matching.schemas import (
    AcceptLineSchema,
    ChangeLineSchema,
    DecideLineSchema,
    NewDraftSchema,
    UndecideLineSchema,
)
from matchsvc.matching.views import people_of, reader_words
from matchsvc.participants.access import Sight, get_visible
from matchsvc.web.forms import load_form, page_number
from matchsvc.web.problems import STATUS, field_errors
from matchsvc.web.words import decimal_words

pages = Blueprint("cohort", __name__, template_folder="templates")

PAGE = 50
ALTERNATIVES = 20
VIEWS: dict[str, tuple[LineState, ...]] = {
    "open": (LineState.DRAFT, LineState.LOCKED),
    "proposed": (LineState.HELD, LineState.ACCEPTED),
    "unplaced": (LineState.UNPLACED,),
    "forbidden": (LineState.FORBIDDEN,),
}


@pages.get("/cohort")
@requires(*MATCHERS)
def show_board() -> ResponseReturnValue:
    """Show the latest draft, or how far the one that is being made has come."""
    return _board_page({})


@pages.post("/cohort")
@requires(*MATCHERS)
def submit_draft() -> ResponseReturnValue:
    """Make a new draft with everything that is locked and forbidden."""
    actor, today = current_actor(), day_of_request()
    try:
        floor = load_form(NewDraftSchema())["floor"]
        with writing() as session:
            run = board.start_run(
                session,
                actor,
                today=today,
                now=db.utcnow(),
                floor=None if floor is None else floor * 100,
            )
            run_id, is_small = run.id, drafting.is_small(session, actor, today=today)
    except DomainError as error:
        if STATUS[type(error)] == 403:  # noqa: PLR2004
            raise
        return make_response(_board_page(field_errors(error)), STATUS[type(error)])
    if is_small:
        drafting.make(run_id, today=today)
    else:
        drafting.start(run_id, today=today)
    return redirect(url_for("cohort.show_board"), 303)


@pages.get("/cohort/lines/<uuid:line_id>")
@requires(*MATCHERS)
def show_line(line_id: UUID) -> ResponseReturnValue:
    """Show one line: why this place, why not another, and what can be decided."""
    return _line_page(line_id, {})


@pages.post("/cohort/lines/<uuid:line_id>/<step>")
@requires(*MATCHERS)
def submit_decision(line_id: UUID, step: str) -> ResponseReturnValue:
    """Accept, change, lock or forbid a line, or let it go."""
    try:
        with writing() as session:
            after = _decide(session, current_actor(), line_id, step)
    except Conflict as error:
        return _line_page(line_id, field_errors(error), is_conflict=True), 409
    except DomainError as error:
        if STATUS[type(error)] in {403, 404}:
            raise
        page = _line_page(line_id, field_errors(error), step=step)
        return page, STATUS[type(error)]
    return redirect(after, 303)


def _decide(session: Session, actor: Actor, line_id: UUID, step: str) -> str:
    """Take the decision; give back where to go next."""
    when: dict[str, Any] = {"today": day_of_request(), "now": db.utcnow()}
    here = url_for("cohort.show_line", line_id=line_id)
    if step == "accept":
        data = load_form(AcceptLineSchema())
        decisions.accept_line(session, actor, line_id, **data, **when, words=reader_words())
        return here
    if step == "change":
        data = load_form(ChangeLineSchema())
        data["offer_key"] = data.pop("offer")
        decisions.change_line(session, actor, line_id, **data, **when)
        return here
    if step == "unlock":
        data = load_form(UndecideLineSchema())
        decisions.unlock_line(session, actor, line_id, **data, **when)
        return url_for("cohort.show_board")
    rule = {"lock": decisions.lock_line, "forbid": decisions.forbid_line}.get(step)
    if rule is None:
        raise NotFound("step")
    rule(session, actor, line_id, **load_form(DecideLineSchema()), **when)
    return here


def _board_page(errors: dict[str, str]) -> Response:
    actor, today = current_actor(), day_of_request()
    view = request.args.get("view", "open")
    view = view if view in VIEWS else "open"
    page = page_number()
    with reading() as session:
        newest = board.latest_run(session, actor)
        if newest is not None and board.is_working(newest, now=db.utcnow()):
            return _progress_page(newest)
        run = board.latest_done(session, actor)
        shown: dict[str, Any] = {
            "run": run,
            "has_failed": newest is not None and newest.state is not DraftState.DONE,
            "may_set_floor": actor.has_role(Role.UNIT_MANAGER),
            "form": request.form,
            "errors": errors,
        }
        if run is not None:
            shown |= _drawn(session, actor, run, view, page, today)
        return make_response(render_template("matching/cohort.html", **shown))


def _progress_page(run: CohortRun) -> Response:
    answer = make_response(
        render_template("matching/cohort_progress.html", run=run, stages=stage_words())
    )
    answer.headers["Refresh"] = "3"  # works without a script, too
    return answer


def _drawn(
    session: Session, actor: Actor, run: CohortRun, view: str, page: int, today: date
) -> dict[str, Any]:
    counts = board.count_lines(session, actor, run, today=today)
    of_view = {name: sum(counts[state] for state in states) for name, states in VIEWS.items()}
    lines = board.list_lines(
        session,
        actor,
        run,
        states=VIEWS[view],
        today=today,
        limit=PAGE,
        offset=(page - 1) * PAGE,
    )
    words = reader_words()
    said = _Said(session, actor, lines, today)
    return {
        "lines": lines,
        "people": said.people,
        "titles": said.titles,
        "obstacles": {line.id: said.obstacle(line, run) for line in lines if line.obstacle},
        "counts": of_view,
        "view": view,
        "page": page,
        "pages": max(1, -(-of_view[view] // PAGE)),
        "certificate": gap_words(run.value, run.bound, words, decimal_words),
        "comparison": comparison_words(run),
        **_year_words(run),
        "undecided": board.undecided(session, run),
        "maker": session.scalar(select(User.name).where(User.id == run.made_by_id)),
        "floor": run.floor // 100,
        "fewest": FEWEST,
        "state_words": line_state_words(),
    }


def _line_page(
    line_id: UUID, errors: dict[str, str], *, is_conflict: bool = False, step: str | None = None
) -> str:
    actor, today = current_actor(), day_of_request()
    words = reader_words()
    with reading() as session:
        line = board.get_line(session, actor, line_id, today=today)
        run = board.get_run(session, actor, line.run_id)
        newest = board.latest_done(session, actor)
        participant = get_visible(session, actor, line.participant_id, today=today)
        found = match_participant(
            session, actor, participant, today=today, words=words, top=ALTERNATIVES
        )
        result = _result(session, actor, line, found.results, today)
        said = _Said(session, actor, [line], today, [r.offer for r in found.open])
        person = said.people[line.participant_id]
        return render_template(
            "matching/cohort_line.html",
            line=line,
            run=run,
            result=result,
            is_newest=newest is not None and newest.id == run.id,
            person=person,
            is_own=person["sight"] is Sight.FULL and actor.has_role(Role.CASE_WORKER),
            titles=said.titles,
            obstacle=said.obstacle(line, run) if line.obstacle else None,
            costs=said.costs(line),
            choices=[
                (r.offer, f"{' · '.join(said.titles[r.offer])} ({percent_of(r.cover)})")
                for r in found.open
                if r.offer != line.offer_id
            ],
            decider=session.scalar(select(User.name).where(User.id == line.decided_by_id)),
            can={to.value for before, to in decisions.TRANSITIONS if before is line.state},
            state_words=line_state_words(),
            form=request.form,
            step=step,
            errors=errors,
            is_conflict=is_conflict,
        )


def _result(
    session: Session, actor: Actor, line: CohortLine, found: tuple[Result, ...], today: date
) -> Result | None:
    """The pair explained as it is now; None where an offer is no longer to be seen."""
    if line.offer_id is None:
        return None
    known = next((result for result in found if result.offer == line.offer_id), None)
    if known is not None:
        return known
    try:
        return explain_pair(
            session,
            actor,
            line.participant_id,
            line.offer_id,
            today=today,
            words=reader_words(),
        )
    except NotFound:
        return None


class _Said:
    """What lines name, as the reader may see it; a fixed number of queries for any number."""

    def __init__(
        self,
        session: Session,
        actor: Actor,
        lines: list[CohortLine],
        today: date,
        also: list[UUID] | None = None,
    ) -> None:
        named = {line.participant_id for line in lines}
        named |= {UUID(cost["participant"]) for line in lines for cost in line.costs}
        self.people = people_of(session, actor, sorted(named), today)
        offers = {*(also or [])}
        for line in lines:
            offers |= {o for o in (line.offer_id, line.first_offer_id, line.changed_from_id) if o}
            offers |= {UUID(cost["offer"]) for cost in line.costs if cost["offer"]}
            if line.obstacle and "best_offer" in line.obstacle:
                offers.add(UUID(line.obstacle["best_offer"]))
        self.titles = offer_titles(session, sorted(offers))
        self.words = reader_words()

    def title(self, offer: str) -> str:
        """An offer by its id as it is stored."""
        return " · ".join(self.titles.get(UUID(offer), (_("en annan plats"),)))

    def obstacle(self, line: CohortLine, run: CohortRun) -> str:
        """Why there is no place."""
        return obstacle_words(line.obstacle or {}, self.words, floor=run.floor, title=self.title)

    def costs(self, line: CohortLine) -> list[str]:
        """What the first choice would cost whom; who no longer exists for the reader is unnamed."""
        told = []
        for cost in line.costs:
            person = self.people.get(UUID(cost["participant"]))
            name = str(person["name"]) if person else _("någon annan")
            told.append(cost_words(cost, self.words, name=name, title=self.title))
        return told


def _year_words(run: CohortRun) -> dict[str, Any]:
    """The year of arrivals for the page: its numbers and what follows from them."""
    if run.arrivals is None:
        return {"arrivals": None}
    arrivals = Arrivals.from_json(run.arrivals)
    ways = arrivals.ways
    labels = (
        (_("Längst väntan först"), ways.first_come),
        (_("Bästa utkast varje vecka"), ways.at_once),
        (_("Med hänsyn till vem och vad som brukar komma"), ways.by_prices),
        (_("Med facit i hand"), ways.hindsight),
    )
    return {
        "arrivals": arrivals,
        "arrivals_words": arrivals_words(arrivals),
        "lived_ways": [(label, one, mean_cover(one.value, one.placed)) for label, one in labels],
    }


def arrivals_words(arrivals: Arrivals) -> str:
    """What the year's prices were worth, in one sentence."""
    ways = arrivals.ways
    if ways.hindsight.value <= ways.first_come.value:
        return str(
            _("Längst väntan först gav lika mycket som facit. Att vänta in hade inte hjälpt.")
        )
    if ways.by_prices.value <= max(ways.first_come.value, ways.at_once.value):
        return str(
            _(
                "Att vänta in en bättre plats hade inte gett mer än att placera varje vecka. "
                "Placera när det passar."
            )
        )
    return str(
        _(
            "Att ibland vänta in en bättre plats hade tagit igen %(share)s %% av det som längst "
            "väntan först missar mot facit.",
            share=int(100 * ways.gap_closed),
        )
    )


def comparison_words(run: CohortRun) -> str:
    """The draft beside first come, first served."""
    more = run.placed - run.first_placed
    if more > 0:
        return str(
            ngettext(
                "%(num)s fler får plats än om den som väntat längst fick välja först.",
                "%(num)s fler får plats än om den som väntat längst fick välja först.",
                more,
            )
        )
    if run.value > run.first_value and run.placed:
        return str(
            _(
                "Lika många får plats som om den som väntat längst fick välja först, men kraven "
                "täcks bättre: %(mine)s %% i snitt mot %(other)s %%.",
                mine=mean_cover(run.value, run.placed),
                other=mean_cover(run.first_value, run.first_placed),
            )
        )
    return str(_("Det blir lika bra som om den som väntat längst fick välja först."))


def mean_cover(value: int, placed: int) -> str:
    """The mean cover in percent of those placed, out of a sum of values."""
    return decimal_words((value / placed - 10_000) / 100 if placed else 0.0)


def line_state_words() -> dict[LineState, str]:
    """What each state of a line is called."""
    return {
        LineState.DRAFT: _("Utkast"),
        LineState.LOCKED: _("Låst"),
        LineState.HELD: _("Redan föreslagen"),
        LineState.ACCEPTED: _("Blev ett förslag"),
        LineState.FORBIDDEN: _("Utesluten"),
        LineState.UNPLACED: _("Utan plats"),
    }


def stage_words() -> list[str]:
    """What is done at each stage of making a draft."""
    words = {
        "reading": _("Läser in alla som väntar och alla platser"),
        "scoring": _("Jämför varje person med varje plats"),
        "assigning": _("Fördelar platserna"),
        "saving": _("Sparar utkastet"),
    }
    return [words[stage] for stage in STAGES]


def percent_words(cover: int | None) -> str:
    """A cover as whole percent."""
    return percent_of(cover or 0)


pages.app_template_filter("cover_percent")(percent_words)
