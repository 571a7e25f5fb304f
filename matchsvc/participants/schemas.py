"""Shapes of what comes in about participants, for forms and JSON, and of what goes out."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from matchsvc.errors import N_
from matchsvc.participants.admission import FormalLevel
from matchsvc.participants.case_models import WorkerReason
from matchsvc.participants.listing import Scope
from matchsvc.participants.models import (
    BirthRegion,
    ExitDestination,
    ExitReason,
    LearnedWhere,
    Rung,
    Sex,
    Step,
    TalkView,
)
from matchsvc.participants.programme_schemas import Answer, Country
from matchsvc.participants.talk import AreaStatus, Move
from matchsvc.vocabulary.rules import Source
from matchsvc.web.forms import Choice, Day, Flag, Id, InputSchema, Many, Number, Text

_NAME = 80
_WORDS = 2000
_LINE = 200
_HIGHEST = 6


class _PersonFields(InputSchema):
    given_name = Text(longest=_NAME, load_default=None)
    family_name = Text(longest=_NAME, load_default=None)
    personal_id = Text(longest=20, load_default=None)
    sex = Choice(Sex, required=True)
    birth_region = Choice(BirthRegion, required=True)
    birth_year = Number(
        least=1900,
        most=2200,
        message=N_("Skriv födelseåret med fyra siffror, till exempel 1985."),
        load_default=None,
    )
    phone = Text(longest=40, load_default=None)
    email = Text(longest=254, load_default=None)
    contact_language = Text(longest=8, load_default="sv")
    interpreter = Flag()


class EnrolSchema(_PersonFields):
    """A person to enrol."""

    enrolled_on = Day(required=True)
    protected = Flag()
    case_worker_id = Id(load_default=None)
    external_id = Text(longest=40, load_default=None)
    programme_id = Id(load_default=None)
    birth_country = Country(load_default=None)
    formal_level = Choice(FormalLevel, load_default=None)
    answer_lives_here = Choice(Answer, load_default=None)
    answer_has_permit = Choice(Answer, load_default=None)
    answer_outside_af_guarantees = Choice(Answer, load_default=None)
    answer_needs_coordination = Choice(Answer, load_default=None)
    answer_childcare_met = Choice(Answer, load_default=None)
    answer_income_support = Choice(Answer, load_default=None)
    answer_registered_af = Choice(Answer, load_default=None)
    admission_reason = Text(longest=_WORDS, load_default=None)


class ChangePersonSchema(_PersonFields):
    """Who she is and how she is reached."""

    version = Number(load_default=None)


class MessagingSchema(InputSchema):
    """What a person wants to get."""

    no_messages = Flag()
    texts = Flag()
    version = Number(load_default=None)


class MessagingOutSchema(Schema):
    """What a person gets; ``text_agreed_on`` is the day of a yes to text messages."""

    no_messages = fields.Boolean()
    text_agreed_on = fields.Date(allow_none=True)
    protected = fields.Boolean()
    version = fields.Integer()


class ReasonSchema(InputSchema):
    """Why somebody needs to read a case."""

    reason = Text(
        required=True,
        longest=_LINE,
        error_messages={"required": N_("Skriv varför du behöver läsa ärendet.")},
    )


class TalkSchema(InputSchema):
    """The form of the talk. Every button sends all of it, so that nothing typed is lost.

    ``saved_words`` are those of ``own_words`` that are saved already.
    """

    area = Text(longest=40, load_default=None)
    version = Number(load_default=None)
    own_words = Text(longest=_WORDS, load_default=None)
    saved_words = Text(longest=_WORDS, load_default=None)
    learned_where = Choice(LearnedWhere, load_default=None)
    #: The competence that is told about, and what is told.
    about = Id(load_default=None)
    about_version = Number(load_default=None)
    example = Text(longest=_WORDS, load_default=None)
    learned_detail = Text(longest=_LINE, load_default=None)
    voucher = Text(longest=_LINE, load_default=None)
    #: Which part of the page is open.
    open = Text(longest=120, load_default=None)
    source = Choice(Source, load_default=Source.STARTER)


class TalkAddSchema(TalkSchema):
    """A confirmed concept, or the words as they are."""

    concept_id = Text(longest=120, load_default=None)


class TalkDismissSchema(TalkSchema):
    """A suggestion that is not about her; ``concept_id`` or all that were turned down again."""

    concept_id = Text(longest=120, load_default=None)
    others = Text(longest=120, load_default=None)
    again = Flag()


class TalkLanguageSchema(TalkSchema):
    """A language that was confirmed in the talk, by skill."""

    concept_id = Text(required=True, longest=120)
    speak = Number(most=_HIGHEST, load_default=None)
    understand = Number(most=_HIGHEST, load_default=None)
    read = Number(most=_HIGHEST, load_default=None)
    write = Number(most=_HIGHEST, load_default=None)


class TalkViewSchema(TalkSchema):
    """Which languages the questions are shown in."""

    view = Choice(TalkView, load_default=None)
    language = Text(longest=8, load_default=None)


class TalkStepSchema(TalkSchema):
    """Where to go: ``next``, ``previous``, ``skip``, ``pause`` or ``go:forening``.

    ``leave`` goes there although words are not saved.
    """

    do = Text(longest=60, load_default=None)
    leave = Text(longest=60, load_default=None)


class PortfolioSchema(InputSchema):
    """What is to stand on the paper of what somebody can."""

    competences = Many(Id())
    languages = Many(Text(longest=120))
    own_words = Flag()
    examples = Flag()
    vouchers = Flag()


class AddCompetenceSchema(InputSchema):
    """A competence: a confirmed concept, or words as they are."""

    concept_id = Text(longest=120, load_default=None)
    own_words = Text(longest=_WORDS, load_default=None)
    learned_where = Choice(LearnedWhere, required=True)
    learned_detail = Text(longest=_LINE, load_default=None)
    voucher = Text(longest=_LINE, load_default=None)
    example = Text(longest=_WORDS, load_default=None)
    is_shared = Flag()


class LinkSchema(InputSchema):
    """The concept that words stood for."""

    concept_id = Text(required=True, longest=120)
    version = Number(load_default=None)


class RaiseRungSchema(InputSchema):
    """How we know."""

    rung = Choice(Rung, required=True)
    happened_on = Day(required=True)
    workplace = Text(longest=_LINE, load_default=None)
    note = Text(longest=_WORDS, load_default=None)
    by_certificate = Flag()
    version = Number(load_default=None)


class ArchiveSchema(InputSchema):
    """Why a competence is put away."""

    reason = Text(longest=_LINE, load_default="")
    version = Number(load_default=None)


class ShareSchema(InputSchema):
    """Whether a presentation may name it."""

    is_shared = Flag()
    version = Number(load_default=None)


class SetLanguageSchema(InputSchema):
    """A language by skill, 0 none, 1 = A1 ... 6 = C2, left out = not asked."""

    concept_id = Text(
        required=True, longest=120, error_messages={"required": N_("Välj ett språk.")}
    )
    speak = Number(most=_HIGHEST, load_default=None)
    understand = Number(most=_HIGHEST, load_default=None)
    read = Number(most=_HIGHEST, load_default=None)
    write = Number(most=_HIGHEST, load_default=None)


class RemoveLanguageSchema(InputSchema):
    """A language to take away."""

    concept_id = Text(required=True, longest=120)


class RecordWishSchema(InputSchema):
    """What she wants, in her own words."""

    own_words = Text(longest=_WORDS, load_default="")
    concepts = Many(Text(longest=120))
    with_interpreter = Flag()


class ProfileSchema(InputSchema):
    """Hours, days, first day, areas and needs, as the form sends them: all of them."""

    hours_per_week = Number(
        least=1,
        most=40,
        message=N_("Skriv timmar i veckan, mellan 1 och 40."),
        load_default=None,
    )
    weekdays = Many(Number(most=6))
    available_from = Day(load_default=None)
    reaches_all_areas = Flag()
    areas = Many(Id())
    needs = Many(Text(longest=60))
    version = Number(load_default=None)


class EndCaseSchema(InputSchema):
    """How a case ended."""

    ended_on = Day(required=True)
    reason = Choice(ExitReason, load_default=None)
    destination = Choice(ExitDestination, load_default=None)
    version = Number(load_default=None)


class AllocateSchema(InputSchema):
    """Who is to be responsible."""

    case_worker_id = Id(
        required=True, error_messages={"required": N_("Välj en av enhetens handläggare.")}
    )
    reason = Choice(WorkerReason, load_default=None)
    version = Number(load_default=None)


class StartStepSchema(InputSchema):
    """A step to begin."""

    step = Choice(Step, required=True)
    start_date = Day(required=True)
    planned_end_date = Day(load_default=None)
    label = Text(longest=80, load_default=None)


class EndStepSchema(InputSchema):
    """A step to end."""

    step_id = Id(required=True)
    end_date = Day(required=True)
    version = Number(load_default=None)


class VersionSchema(InputSchema):
    """A button whose page may have become old."""

    version = Number(load_default=None)


class HandlerSchema(InputSchema):
    """One more person who may know of a protected participant."""

    user_id = Id(
        required=True,
        error_messages={"required": N_("Välj en handläggare eller chef i enheten.")},
    )


# What goes out as JSON. Only these fields ever leave.


class ParticipantNeedSchema(InputSchema):
    """A needed condition and how it goes today."""

    condition_id = Text(required=True, longest=60)
    note = Text(longest=_LINE, allow_none=True, load_default=None)


class ParticipantProfileSchema(InputSchema):
    """What of the profile is to change; what is left out stays."""

    hours_per_week = Number(least=1, most=40, allow_none=True)
    weekdays = fields.List(Number(most=6))
    available_from = Day(allow_none=True)
    reaches_all_areas = fields.Boolean()
    areas = fields.List(Id())
    needs = fields.List(fields.Nested(ParticipantNeedSchema))

    def drop_blanks(self, data: Any, **_: object) -> Any:
        """A program that sends null means null."""
        return data


class EnrolmentReceiptSchema(Schema):
    """The answer to an enrolment, whatever became of it."""

    id = fields.UUID(required=True)
    external_id = fields.String(required=True)


class MergedSchema(Schema):
    """Who stands after two were merged."""

    id = fields.UUID(required=True)
    alias = fields.String(required=True)


class CompetenceSchema(Schema):
    """A competence and how it is known."""

    id = fields.UUID(required=True)
    concept_id = fields.String(allow_none=True)
    own_words = fields.String(allow_none=True)
    learned_where = fields.Enum(LearnedWhere, by_value=True)
    learned_detail = fields.String(allow_none=True)
    voucher = fields.String(allow_none=True)
    rung = fields.Enum(Rung, by_value=True)
    is_formal = fields.Boolean()
    is_shared = fields.Boolean()


class ToldSchema(InputSchema):
    """What was told about a competence; what is left out stays."""

    example = Text(longest=_WORDS, load_default=None)
    learned_detail = Text(longest=_LINE, load_default=None)
    voucher = Text(longest=_LINE, load_default=None)
    version = Number(load_default=None)


class TalkMoveSchema(InputSchema):
    """Where to go in the talk; ``area`` with ``go``."""

    to = Choice(Move, required=True)
    area = Text(longest=40, load_default=None)
    version = Number(load_default=None)


class DismissSchema(InputSchema):
    """A suggestion that was turned down."""

    concept_id = Text(required=True, longest=120)


class TalkAreaSchema(Schema):
    """An area of the talk."""

    id = fields.String(required=True)
    status = fields.Enum(AreaStatus, by_value=True, required=True)


class TalkStateSchema(Schema):
    """How far the competence talk has come."""

    version = fields.Integer(required=True)
    area = fields.String(required=True)
    question = fields.String(required=True)
    minutes = fields.Integer(required=True)
    areas = fields.List(fields.Nested(TalkAreaSchema), required=True)
    dismissed = fields.List(fields.String(), required=True)


class HeldLanguageSchema(Schema):
    """A language by skill."""

    concept_id = fields.String(required=True)
    speak = fields.Integer(allow_none=True)
    understand = fields.Integer(allow_none=True)
    read = fields.Integer(allow_none=True)
    write = fields.Integer(allow_none=True)


class ParticipantWishSchema(Schema):
    """A wish."""

    id = fields.UUID(required=True)
    own_words = fields.String()
    recorded_on = fields.Date()
    with_interpreter = fields.Boolean()
    concepts = fields.List(fields.String())


class ParticipantLineSchema(Schema):
    """One participant in a list."""

    id = fields.UUID(required=True)
    alias = fields.String(required=True)
    name = fields.String(required=True)
    status = fields.String(required=True)
    next_step = fields.String(required=True)
    ready_on = fields.Date(allow_none=True)
    wait_days = fields.Integer(allow_none=True)


class ParticipantPageSchema(Schema):
    """A page of participants."""

    items = fields.List(fields.Nested(ParticipantLineSchema), required=True)
    page = fields.Integer(required=True)
    pages = fields.Integer(required=True)
    total = fields.Integer(required=True)


class ParticipantSchema(ParticipantLineSchema):
    """One participant; fields that the reader may not see are null."""

    external_id = fields.String(allow_none=True)
    enrolled_on = fields.Date(allow_none=True)
    ended_on = fields.Date(allow_none=True)
    hours_per_week = fields.Integer(allow_none=True)
    weekdays = fields.List(fields.Integer(), allow_none=True)
    available_from = fields.Date(allow_none=True)
    reaches_all_areas = fields.Boolean(allow_none=True)
    areas = fields.List(fields.UUID(), allow_none=True)
    needs = fields.List(fields.Nested(ParticipantNeedSchema))
    languages = fields.List(fields.Nested(HeldLanguageSchema))
    competences = fields.List(fields.Nested(CompetenceSchema))
    wish = fields.Nested(ParticipantWishSchema, allow_none=True)


class ParticipantQuerySchema(InputSchema):
    """Which page of which list."""

    page = Number(least=1, most=100_000, load_default=1)
    scope = Choice(Scope, load_default=Scope.OPEN)
