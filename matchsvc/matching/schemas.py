"""Shapes of proposals and matches."""

from __future__ import annotations

import enum

from marshmallow import Schema, fields

from matchsvc.web.forms import Choice, Flag, Id, InputSchema, Number, Text


class ParticipantAnswer(enum.StrEnum):
    """What the participant can answer."""

    WANTED = "wanted"
    UNWANTED = "unwanted"
    CHANGE = "change"


class ProposeSchema(InputSchema):
    """Propose a participant for an offer."""

    participant = Text(required=True, longest=60)
    offer = Text(required=True, longest=60)
    reason = Text(longest=1000, load_default="")
    override_reason = Text(longest=1000, load_default=None, allow_none=True)
    said_yes = Flag()


class ParticipantAnswerSchema(InputSchema):
    """The participant's answer."""

    answer = Choice(ParticipantAnswer, required=True)
    note = Text(longest=500, load_default=None, allow_none=True)
    version = Number(load_default=None, allow_none=True)


class PresentSchema(InputSchema):
    """Present a proposal to the employer."""

    approved = Flag()
    asked_again = Flag()
    by_link = Flag()
    contact_id = Id(load_default=None, allow_none=True)
    version = Number(load_default=None, allow_none=True)


class SendLinkSchema(InputSchema):
    """Send the employer a new link to a proposal."""

    contact_id = Id(load_default=None, allow_none=True)


class LinkAnswerSchema(InputSchema):
    """The employer's answer on the page of the link."""

    accepted = Flag(required=True)
    note = Text(longest=500, load_default=None, allow_none=True)


class LinkCodeSchema(InputSchema):
    """Six digits that open the name on the page of the link."""

    code = Text(required=True, longest=20)


class NamingSchema(InputSchema):
    """Whether the participant wants this employer to know her name."""

    agreed = Flag(required=True)


class EmployerAnswerSchema(InputSchema):
    """The employer's answer."""

    accepted = Flag(required=True)
    note = Text(longest=500, load_default=None, allow_none=True)
    version = Number(load_default=None, allow_none=True)


class WithdrawSchema(InputSchema):
    """Take a proposal back."""

    note = Text(required=True, longest=500)
    version = Number(load_default=None, allow_none=True)


class WeightsSchema(InputSchema):
    """Every number of a table of points; the bounds between them are the rule's."""

    required_own = Number(required=True, most=100)
    required_parent = Number(required=True, most=100)
    required_grandparent = Number(required=True, most=100)
    merit_own = Number(required=True, most=100)
    merit_parent = Number(required=True, most=100)
    merit_grandparent = Number(required=True, most=100)
    claimed = Number(required=True, most=10)
    exemplified = Number(required=True, most=10)
    observed = Number(required=True, most=10)
    confirmed = Number(required=True, most=10)
    floor = Number(required=True, most=10_000)


class SaveWeightsSchema(WeightsSchema):
    """A table to be saved: why, from which version, and that its what-if was looked at."""

    reason = Text(longest=1000, load_default="")
    base = Number(required=True, least=1)
    seen = Text(longest=40, load_default="")


class TableSchema(Schema):
    """One version of a unit's table."""

    version = fields.String(required=True)
    number = fields.Integer(required=True)
    numbers = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    reason = fields.String(required=True)
    made_by = fields.String(required=True)
    valid_from = fields.String(required=True, allow_none=True)


class TableHistorySchema(Schema):
    """The table in force and every version, the newest first."""

    current = fields.Nested(TableSchema, required=True)
    versions = fields.List(fields.Nested(TableSchema), required=True)


class ListsChangedSchema(Schema):
    """How some lists would change."""

    lists = fields.Integer(required=True)
    changed = fields.Integer(required=True)
    replaced = fields.Integer(required=True)
    moved = fields.Integer(required=True)


class ExampleSchema(Schema):
    """One pair that would move."""

    participant = fields.String(required=True)
    offer = fields.String(required=True)
    cover_before = fields.Integer(required=True)
    cover_after = fields.Integer(required=True)
    place_before = fields.Integer(required=True, allow_none=True)
    place_after = fields.Integer(required=True, allow_none=True)


class WhatIfSchema(Schema):
    """What another table would change. `seen` is sent back when it is saved, with `base`."""

    base = fields.Integer(required=True)
    seen = fields.String(required=True)
    people = fields.Integer(required=True)
    offers = fields.Integer(required=True)
    for_offers = fields.Nested(ListsChangedSchema, required=True)
    for_people = fields.Nested(ListsChangedSchema, required=True)
    usable_before = fields.Integer(required=True)
    usable_after = fields.Integer(required=True)
    examples = fields.List(fields.Nested(ExampleSchema), required=True)


class GateSchema(Schema):
    """A gate that is closed, or something to ask."""

    code = fields.String(required=True)
    state = fields.String(required=True)
    reason = fields.String(required=True)
    opens_by = fields.String(required=True)


class RequiredSchema(Schema):
    """How many of the required are met."""

    met = fields.Integer(required=True)
    partly = fields.Integer(required=True)
    of = fields.Integer(required=True)


class PartSchema(Schema):
    """One requirement: its points sum with the others' to the total."""

    requirement = fields.String(required=True)
    label = fields.String(required=True)
    class_ = fields.String(required=True, attribute="class", data_key="class")
    state = fields.String(required=True)
    by = fields.String(required=True, allow_none=True)
    relation = fields.String(required=True)
    evidence = fields.Integer(required=True)
    points = fields.List(fields.Integer(), required=True)


class WishSchema(Schema):
    """A concept that she wants; never in the points."""

    concept = fields.String(required=True)
    label = fields.String(required=True)
    met = fields.Boolean(required=True)
    by = fields.String(required=True, allow_none=True)


class ResultSchema(Schema):
    """One pair, explained (contract.md section 3)."""

    participant = fields.String(required=True)
    offer = fields.String(required=True)
    open = fields.Boolean(required=True)
    gates = fields.List(fields.Nested(GateSchema), required=True)
    required = fields.Nested(RequiredSchema, required=True)
    points = fields.Integer(required=True)
    max = fields.Integer(required=True)
    cover = fields.Integer(required=True)
    parts = fields.List(fields.Nested(PartSchema), required=True)
    wishes = fields.List(fields.Nested(WishSchema), required=True)
    asks = fields.List(fields.String(), required=True)
    wait_days = fields.Integer(required=True)
    not_counted = fields.List(fields.String())  # absent in proposals made before it was told
    text = fields.String(metadata={"description": "the same in plain words, to be read aloud"})


class UnlockSchema(Schema):
    """One thing more, and how many pairs it alone would open."""

    kind = fields.String(required=True)
    label = fields.String(required=True)
    purpose = fields.String(required=True)
    count = fields.Integer(required=True)
    sentence = fields.String(required=True)
    closes = fields.String(required=True)


class PairSchema(ResultSchema):
    """One pair on demand."""

    weights = fields.String(required=True)


class PairQuerySchema(InputSchema):
    """Which pair."""

    participant = Text(required=True, longest=60)
    offer = Text(required=True, longest=60)


class MatchSchema(Schema):
    """A ranking."""

    for_ = fields.Dict(
        keys=fields.String(), values=fields.String(), attribute="for", data_key="for", required=True
    )
    weights = fields.String(required=True)
    results = fields.List(fields.Nested(ResultSchema), required=True)
    unlocks = fields.List(fields.Nested(UnlockSchema), required=True)


class TopSchema(InputSchema):
    """How many to show."""

    top = Number(least=1, most=200, load_default=20)


class ProposalSchema(Schema):
    """A proposal."""

    id = fields.String(required=True)
    participant = fields.String(required=True)
    offer = fields.String(required=True)
    state = fields.String(required=True)
    reason = fields.String(required=True)
    override_reason = fields.String(required=True, allow_none=True)
    proposed_on = fields.String(required=True)
    named_on = fields.String(required=True, allow_none=True)
    weights = fields.String(required=True)
    version = fields.Integer(required=True)
    explanation = fields.Nested(ResultSchema, required=True)


class ProposalListSchema(Schema):
    """Some proposals, newest first."""

    items = fields.List(fields.Nested(ProposalSchema), required=True)


class PageSchema(InputSchema):
    """Which page of a list."""

    page = Number(least=1, most=100_000, load_default=1)


class NewDraftSchema(InputSchema):
    """Make a new draft for everybody; the least cover in whole percent, for managers."""

    floor = Number(least=0, most=100, load_default=None, allow_none=True)


class DecideLineSchema(InputSchema):
    """Lock or forbid a line of a draft."""

    reason = Text(longest=500, load_default="")
    version = Number(load_default=None, allow_none=True)


class UndecideLineSchema(InputSchema):
    """Let a line go."""

    version = Number(load_default=None, allow_none=True)


class ChangeLineSchema(InputSchema):
    """Give somebody another place."""

    offer = Text(required=True, longest=60)
    reason = Text(longest=500, load_default="")
    version = Number(load_default=None, allow_none=True)


class AcceptLineSchema(InputSchema):
    """Make a line a proposal."""

    reason = Text(longest=1000, load_default="")
    said_yes = Flag()
    version = Number(load_default=None, allow_none=True)


class CostSchema(Schema):
    """Somebody who would have to give way."""

    participant = fields.String(required=True)
    cover = fields.Integer(required=True)
    offer = fields.String(required=True, allow_none=True)
    cover_then = fields.Integer(required=True)
    locked = fields.Boolean(required=True)


class NotFirstSchema(Schema):
    """The place somebody covers best and did not get."""

    offer = fields.String(required=True)
    cover = fields.Integer(required=True)
    costs = fields.List(fields.Nested(CostSchema), required=True)


class CohortLineSchema(Schema):
    """One line of a draft."""

    id = fields.String(required=True)
    version = fields.Integer(required=True)
    state = fields.String(required=True)
    participant = fields.String(required=True)
    offer = fields.String(required=True, allow_none=True)
    cover = fields.Integer(required=True, allow_none=True)
    locked = fields.Boolean(required=True)
    reason = fields.String(required=True, allow_none=True)
    proposal = fields.String(required=True, allow_none=True)
    why_not_first = fields.Nested(NotFirstSchema, required=True, allow_none=True)


class UnplacedSchema(Schema):
    """Somebody without a place, and why."""

    participant = fields.String(required=True)
    code = fields.String(required=True)
    reason = fields.String(required=True)


class FirstComeSchema(Schema):
    """What the longest wait choosing first would give."""

    placed = fields.Integer(required=True)
    value = fields.Integer(required=True)


class LivedSchema(Schema):
    """What one way of placing people gave over a year."""

    placed = fields.Integer(required=True)
    value = fields.Integer(required=True)


class ArrivalsSchema(Schema):
    """The unit's last year, week by week, in four ways."""

    since = fields.String(required=True)
    until = fields.String(required=True)
    people = fields.Integer(required=True)
    places = fields.Integer(required=True)
    first_come = fields.Nested(LivedSchema, required=True)
    at_once = fields.Nested(LivedSchema, required=True)
    by_prices = fields.Nested(LivedSchema, required=True)
    hindsight = fields.Nested(LivedSchema, required=True)
    gap_closed = fields.Float(required=True)


class CohortSchema(Schema):
    """A draft for everybody waiting (contract.md section 3)."""

    id = fields.String(required=True)
    state = fields.String(required=True)
    made_on = fields.String(required=True)
    weights = fields.String(required=True)
    floor = fields.Integer(required=True)
    people = fields.Integer(required=True)
    places = fields.Integer(required=True)
    placed = fields.Integer(required=True)
    upper_bound_people = fields.Integer(required=True)
    value = fields.Integer(required=True)
    bound = fields.Integer(required=True)
    gap = fields.Float(required=True)
    arrivals = fields.Nested(ArrivalsSchema, required=True, allow_none=True)
    assignments = fields.List(fields.Nested(CohortLineSchema), required=True)
    unplaced = fields.List(fields.Nested(UnplacedSchema), required=True)
    forbidden = fields.List(fields.Nested(CohortLineSchema), required=True)
    first_come = fields.Nested(FirstComeSchema, required=True)
    page = fields.Integer(required=True)
    pages = fields.Integer(required=True)
