"""A town that rules change at random, and what matching reads of it by two ways."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import fields
from datetime import date, timedelta
from uuid import uuid4

import numpy as np
from sqlalchemy import select, true

from matchsvc import db
from matchsvc.accounts import rules as accounts
from matchsvc.accounts.models import Role
from matchsvc.employers import offers as offer_rules
from matchsvc.employers import register, sites
from matchsvc.employers.models import (
    Contribution,
    EmployerStatus,
    Importance,
    LanguagePart,
    OfferStatus,
)
from matchsvc.employers.offer_checks import (
    LanguageLine,
    LicenceLine,
    OfferContent,
    RequirementLine,
)
from matchsvc.errors import DomainError
from matchsvc.matching import arrays, proposals
from matchsvc.matching.gate_words import Words
from matchsvc.matching.models import MatchingRow, RowKind
from matchsvc.matching.packed import offers_of, people_of
from matchsvc.matching.rows import read_all, read_legend
from matchsvc.matching.weights import Weights
from matchsvc.participants import cases, competences, profile, protection
from matchsvc.participants.models import (
    ExitDestination,
    ExitReason,
    LearnedWhere,
    Participant,
    Rung,
)
from tests.factories import TODAY

SKILLS = ("sy", "laga-mat", "laga-mat-storkok", "baka", "diska-storkok")
NOW = db.utcnow()


class Town:
    """Some people and some offers; `step` lets one rule change something."""

    def __init__(self, session, make, random):
        self.random = random
        worker = make.user(role=[Role.CASE_WORKER, Role.EMPLOYER_LIAISON, Role.UNIT_MANAGER])
        self.areas = [make.area(name).id for name in ("Centrum", "Norr")]
        self.people = [make.participant(worker, ready_on=TODAY - timedelta(n)).id for n in range(5)]
        self.sites = [make.site().id for _ in range(2)]
        self.employers = [make.employer().id]
        self.offers = [make.offer(session.get(sites.Site, self.sites[0])).id for _ in range(2)]
        self.held = [uuid4()]  # one that does not exist
        self.worker = worker.id
        self.changed = set()
        session.commit()

    def step(self):
        """One rule in a transaction of its own; what a rule refuses changes nothing."""
        rule = self.random.choice(
            [
                *(self.learn, self.learn, self.rise, self.forget, self.wish, self.speak),
                *(self.plan, self.leave, self.get_ready, self.protect, self.offer),
                *(self.edit_offer, self.move_offer, self.edit_site, self.bar, self.propose),
            ]
        )
        with suppress(DomainError), db.begin() as session:
            rule(session, accounts.actor_of(session, self.worker))
            session.flush()
            self.changed.add(rule.__name__)
        return rule.__name__

    def person(self):
        return self.random.choice(self.people)

    def skill(self):
        return self.random.choice(SKILLS)

    def learn(self, session, actor):
        where = self.random.choice(list(LearnedWhere))
        concept = self.random.choice([self.skill(), "korkort-b"])
        made = competences.add_competence(
            session, actor, self.person(), learned_where=where, today=TODAY, concept_id=concept
        )
        self.held.append(made.id)

    def rise(self, session, actor):
        competences.raise_rung(
            session, actor, self.random.choice(self.held), Rung.CONFIRMED, happened_on=TODAY,
            today=TODAY, note="Visade.", by_certificate=True,
        )  # fmt: skip

    def forget(self, session, actor):
        competences.archive_competence(
            session, actor, self.random.choice(self.held), reason="Fel.", today=TODAY, now=NOW
        )

    def wish(self, session, actor):
        concepts = self.random.sample(SKILLS, 2)
        profile.record_wish(
            session, actor, self.person(), own_words="Sy.", today=TODAY, concepts=concepts
        )

    def speak(self, session, actor):
        levels = profile.Levels(*(self.random.choice([None, 0, 3, 6]) for _ in range(4)))
        profile.set_language(session, actor, self.person(), "sv", levels, today=TODAY)

    def plan(self, session, actor):
        changes = {
            "hours_per_week": self.random.choice([None, 5, 40]),
            "weekdays": self.random.randrange(128),
            "available_from": self.random.choice([None, date(2027, 1, 4)]),
            "areas": self.random.sample(self.areas, self.random.randrange(3)),
            "needs": self.random.choice([{}, {"lyfta-hogst-10": None}]),
            "reaches_all_areas": self.random.random() < 0.3,
        }
        some = self.random.sample(sorted(changes), 3)
        profile.change_profile(
            session, actor, self.person(), {name: changes[name] for name in some}, today=TODAY
        )

    def leave(self, session, actor):
        cases.end_case(
            session, actor, self.person(), ended_on=TODAY, reason=ExitReason.MOVED,
            destination=ExitDestination.OTHER, today=TODAY,
        )  # fmt: skip

    def get_ready(self, session, actor):
        profile.set_ready(session, actor, self.person(), today=TODAY)

    def protect(self, session, actor):
        if self.random.random() < 0.2:
            protection.protect(session, actor, self.person(), today=TODAY)

    def content(self):
        asked = self.random.sample(SKILLS, self.random.randrange(4))
        kinds = (Importance.REQUIRED, Importance.MERIT)
        season = self.random.choice([(None, None), ("04-01", "10-15")])
        return OfferContent(
            title="Köksbiträde",
            tasks="Laga lunch.",
            contribution=Contribution.EXPERIENCE,
            places=self.random.randrange(4),
            hours_start=self.random.randint(1, 20),
            hours_max=25,
            weekdays=self.random.randrange(128),
            start_by=self.random.choice([None, date(2027, 3, 1)]),
            season_start=season[0],
            season_end=season[1],
            requirements=tuple(
                RequirementLine(c, self.random.choice(kinds), "Behövs.") for c in asked
            ),
            languages=(LanguageLine("sv", LanguagePart.SPEAK, 3, "Kunder."),)
            if self.random.random() < 0.5
            else (),
            licences=(LicenceLine("korkort-b", "Varor."),) if self.random.random() < 0.3 else (),
            excludes=frozenset(self.random.choice([(), ("lyfta-hogst-10",)])),
        )

    def offer(self, session, actor):
        site = self.random.choice(self.sites)
        made = offer_rules.create_offer(session, actor, site, self.content(), today=TODAY)
        self.offers.append(made.id)

    def edit_offer(self, session, actor):
        key = self.random.choice(self.offers)
        offer_rules.edit_offer(session, actor, key, self.content(), today=TODAY, version=None)

    def move_offer(self, session, actor):
        key = self.random.choice(self.offers)
        status = self.random.choice(list(OfferStatus))
        offer_rules.change_offer_status(session, actor, key, status, today=TODAY)

    def edit_site(self, session, actor):
        conditions = self.random.choice([frozenset(), frozenset({"lyfta-hogst-10"})])
        content = sites.SiteContent(
            name="Köket", area_id=self.random.choice([None, *self.areas]), offers=conditions
        )
        key = self.random.choice(self.sites)
        sites.edit_site(session, actor, key, content, today=TODAY, version=None)

    def bar(self, session, actor):
        site = session.get(sites.Site, self.sites[0])
        status = self.random.choice([EmployerStatus.DO_NOT_CONTACT, EmployerStatus.ACTIVE])
        register.change_employer_status(
            session, actor, site.employer_id, status, today=TODAY, reason="Sa nej."
        )

    def propose(self, session, actor):
        proposals.propose(
            session, actor,
            participant_key=self.person(), offer_key=self.random.choice(self.offers),
            reason="Hon vill.", today=TODAY, now=NOW, words=Words(), override_reason="Vagn finns.",
        )  # fmt: skip


def by_both_ways(session, today=TODAY):
    """Everybody and every offer: (by the normalised rows, by the packed ones), ready to compare."""
    loaded = arrays.load(
        session, people=select(Participant), offers=true(), weights=Weights(), today=today
    )
    legend = read_legend(session)
    read = []
    for kind in (RowKind.PARTICIPANT, RowKind.OFFER):
        chosen = select(MatchingRow.inputs).where(
            MatchingRow.kind == kind, MatchingRow.inputs != b""
        )
        read.append(read_all(session, chosen, kind))
    (person_ids, people), (offer_ids, offers) = read
    normalised = {
        "people": [one.bytes for one in loaded.people],
        "offers": [one.bytes for one in loaded.offers],
        **plain(loaded.matching.people),
        **plain(loaded.matching.offers),
    }
    packed = {
        "people": [one.ljust(16, b"\0") for one in person_ids.tolist()],
        "offers": [one.ljust(16, b"\0") for one in offer_ids.tolist()],
        **plain(people_of(people, legend.places, today.toordinal())),
        **plain(offers_of(offers, legend.places)),
    }
    return normalised, packed


def plain(side):
    """Every array of one side as lists, so that only values count."""
    return {
        f"{type(side).__name__}.{field.name}": np.asarray(getattr(side, field.name))
        .astype(int)
        .tolist()
        for field in fields(side)
    }
