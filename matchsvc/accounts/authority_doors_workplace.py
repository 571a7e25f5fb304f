"""Rows of the table of authority: meetings, placements, papers, figures."""

from __future__ import annotations

from matchsvc.accounts.authority_roles import (
    ALIAS_STAFF,
    ALL_BUT_ADMIN,
    CASE_STAFF,
    DECIDERS,
    EMPLOYER_LEADERS,
    EMPLOYER_STAFF,
    FIGURE_READERS,
    GROUP_STARTERS,
    MEETING_STAFF,
    PLACEMENT_STAFF,
    PLANNERS,
    REPORT_READERS,
    STAFF,
    WORKPLACE_STAFF,
)
from matchsvc.accounts.authority_shapes import READ, WRITE, Apart, Line, Why
from matchsvc.accounts.models import Role
from matchsvc.errors import N_

WORKPLACE_LINES: tuple[Line, ...] = (
    Line(
        "meetings",
        N_("Möten och besök"),
        Why.PLACEMENT,
        "diary visits meetings_api visits_api",
        MEETING_STAFF,
        WORKPLACE_STAFF,
        (
            Apart(READ, WORKPLACE_STAFF, "diary.show_new"),
            Apart(READ, PLANNERS, "diary.show_rooms"),
            Apart(WRITE, PLANNERS, "diary.submit_close_room diary.submit_room"),
        ),
    ),
    Line(
        "activities",
        N_("Aktiviteter, grupper och närvaro"),
        Why.PLACEMENT,
        "activities activities.groups activities.local activities_api activity_groups_api",
        WORKPLACE_STAFF,
        WORKPLACE_STAFF,
        (
            Apart(READ, GROUP_STARTERS, "activities.groups.show_new"),
            Apart(
                READ, CASE_STAFF, "activities.groups.show_person activity_groups_api.show_person"
            ),
            Apart(
                READ,
                PLANNERS,
                "activities.local.show_new_service activities.local.show_service "
                "activities.show_edit activities.show_new",
            ),
            Apart(
                WRITE,
                GROUP_STARTERS,
                "activities.groups.submit_new activity_groups_api.start_group",
            ),
            Apart(
                WRITE, CASE_STAFF, "activities.groups.submit_member activity_groups_api.join_group"
            ),
            Apart(
                WRITE,
                PLANNERS,
                "activities.local.submit_new_service activities.local.submit_service "
                "activities.local.submit_state activities.submit_edit activities.submit_ended "
                "activities.submit_new activities.submit_starter "
                "activities_api.change_activity activities_api.change_service "
                "activities_api.create_activity activities_api.create_service "
                "activities_api.end_activity activities_api.set_obstacle_state "
                "activities_api.switch_on_starter",
            ),
        ),
    ),
    Line(
        "placements",
        N_("Placeringar, anpassningar, störningar och enkäter"),
        Why.PLACEMENT,
        "placements placements.accommodations placements.disturbances "
        "placements.surveys placements.rules placements.forms placements.papers "
        "placements_api following_api placement_papers_api placement_rules_api "
        "surveys_api",
        WORKPLACE_STAFF,
        WORKPLACE_STAFF,
        (
            Apart(READ, PLACEMENT_STAFF, "placements.rules.show_facts placements.show_part"),
            Apart(
                READ,
                DECIDERS,
                "placements.rules.show_decision placements.rules.show_relocate "
                "placements.rules.show_supervisor placements.rules.show_withdraw "
                "placements.show_end placements.show_new",
            ),
            Apart(READ, EMPLOYER_STAFF, "placements.forms.show_close"),
            Apart(
                WRITE,
                PLACEMENT_STAFF,
                "placement_rules_api.begin placement_rules_api.note_facts "
                "placement_rules_api.tick placements.rules.submit_begin "
                "placements.rules.submit_facts placements.submit_part placements.submit_tick "
                "placements.surveys.submit_again surveys_api.send",
            ),
            Apart(
                WRITE,
                DECIDERS,
                "placement_rules_api.add_decision placement_rules_api.call_off "
                "placement_rules_api.relocate placement_rules_api.supervise "
                "placement_rules_api.withdraw placements.rules.submit_decision "
                "placements.rules.submit_relocate placements.rules.submit_supervisor "
                "placements.rules.submit_withdraw placements.submit_call_off "
                "placements.submit_end placements.submit_new placements_api.create "
                "placements_api.end",
            ),
            Apart(
                WRITE,
                EMPLOYER_STAFF,
                "placement_rules_api.close placement_rules_api.reopen "
                "placements.forms.submit_close placements.forms.submit_reopen",
            ),
            Apart(
                WRITE,
                frozenset({Role.UNIT_MANAGER}),
                "placement_rules_api.verify placements.forms.submit_verify",
            ),
        ),
    ),
    Line(
        "tasks",
        N_("Min vecka, uppgifter och överlämning"),
        Why.EVERYBODY,
        "placements.week placements.tasks placements.hand_over tasks_api",
        STAFF,
        STAFF,
        (Apart(WRITE, frozenset({Role.UNIT_MANAGER}), "tasks_api.move_case"),),
    ),
    Line(
        "moving",
        N_("Flytt av ärenden"),
        Why.ALLOCATION,
        "placements.moving",
        frozenset({Role.UNIT_MANAGER}),
        frozenset({Role.UNIT_MANAGER}),
    ),
    Line(
        "schedules",
        N_("Scheman"),
        Why.PLACEMENT,
        "schedules schedules_api",
        WORKPLACE_STAFF,
        WORKPLACE_STAFF,
    ),
    Line(
        "follow_ups",
        N_("Uppföljningar"),
        Why.PLACEMENT,
        "follow_ups follow_ups.development follow_ups_api",
        WORKPLACE_STAFF,
        WORKPLACE_STAFF,
        (Apart(READ, GROUP_STARTERS, "follow_ups.show_late follow_ups_api.list_late"),),
    ),
    Line(
        "employments",
        N_("Anställningar"),
        Why.JOBS,
        "employments employments_api",
        DECIDERS,
        DECIDERS,
    ),
    Line(
        "morning",
        N_("Morgonens tavla och egna arbetsplatser"),
        Why.MORNING,
        "operations operations_api",
        frozenset(
            {
                Role.CASE_WORKER,
                Role.PLACEMENT_COORDINATOR,
                Role.SUPERVISOR,
                Role.PRACTICAL_SUPERVISOR,
                Role.UNIT_MANAGER,
            }
        ),
        frozenset({Role.SUPERVISOR, Role.PRACTICAL_SUPERVISOR}),
        (
            Apart(READ, MEETING_STAFF, "operations.show_sites operations_api.list_sites"),
            Apart(
                READ,
                frozenset({Role.PLACEMENT_COORDINATOR, Role.SUPERVISOR, Role.UNIT_MANAGER}),
                "operations.show_site",
            ),
            Apart(
                WRITE,
                frozenset({Role.PLACEMENT_COORDINATOR, Role.SUPERVISOR, Role.UNIT_MANAGER}),
                "operations.submit_site operations_api.describe_site",
            ),
        ),
    ),
    Line(
        "tripartite",
        N_("Överenskommelser mellan tre parter"),
        Why.PLACEMENT,
        "tripartite tripartite_api",
        WORKPLACE_STAFF,
        WORKPLACE_STAFF,
    ),
    Line(
        "documents",
        N_("Slutdokument, kompetenskort och vem som fått dem"),
        Why.PLACEMENT,
        "documents documents.card documents.giving documents_api",
        WORKPLACE_STAFF,
        WORKPLACE_STAFF,
        (
            Apart(READ, DECIDERS, "documents.giving.download_copy documents.giving.show_giving"),
            Apart(
                WRITE,
                DECIDERS,
                "documents.giving.submit_giving documents.giving.submit_stop_link "
                "documents_api.give documents_api.revoke_document_link",
            ),
        ),
    ),
    Line(
        "support",
        N_("Stödet till arbetsgivaren"),
        Why.EMPLOYER_WORK,
        "support support.writing support_api",
        EMPLOYER_LEADERS,
        EMPLOYER_LEADERS,
        (
            Apart(READ, PLACEMENT_STAFF, "support.show_pre_meeting support.show_request"),
            Apart(READ, WORKPLACE_STAFF, "support.show_package support_api.show_package"),
            Apart(
                WRITE,
                PLACEMENT_STAFF,
                "support.submit_answer support.submit_link support.submit_pre_meeting "
                "support.submit_revoke support.submit_share support_api.answer_request "
                "support_api.book_pre_meeting support_api.make_link support_api.revoke_link "
                "support_api.share_information",
            ),
        ),
    ),
    Line(
        "imports",
        N_("Filer som läses in"),
        Why.EMPLOYER_WORK,
        "imports imports_api",
        ALIAS_STAFF,
        ALIAS_STAFF,
    ),
    Line(
        "outbox",
        N_("Utgående brev"),
        Why.ALIAS,
        "messages messages_api",
        frozenset(
            {
                Role.CASE_WORKER,
                Role.EMPLOYER_LIAISON,
                Role.PLACEMENT_COORDINATOR,
                Role.UNIT_MANAGER,
                Role.ADMIN,
            }
        ),
        frozenset(
            {
                Role.CASE_WORKER,
                Role.EMPLOYER_LIAISON,
                Role.PLACEMENT_COORDINATOR,
                Role.UNIT_MANAGER,
                Role.ADMIN,
            }
        ),
        (
            Apart(READ, STAFF, "messages_api.get_mine"),
            Apart(WRITE, STAFF, "messages_api.choose_mine"),
        ),
    ),
    Line("search", N_("Sökning"), Why.ALIAS, "search search_api", WORKPLACE_STAFF, WORKPLACE_STAFF),
    Line(
        "archive",
        N_("Arkiverat"),
        Why.ALIAS,
        "archive archive_api",
        ALIAS_STAFF,
        ALIAS_STAFF,
        (
            Apart(
                WRITE,
                frozenset({Role.UNIT_MANAGER}),
                "archive.submit_bring_back archive_api.bring_back",
            ),
        ),
    ),
    Line(
        "reports",
        N_("Rapporter och kvartalsrapporten"),
        Why.FIGURES,
        "reports reports.weights reports.funnel reports.published reports.gaps "
        "reports.cube reports.surveys reports.definitions reports.indicators "
        "reports.pictures reports.quarterly reports_api cube_api quarterly_api",
        REPORT_READERS,
        frozenset({Role.UNIT_MANAGER}),
        (
            Apart(READ, EMPLOYER_LEADERS, "reports.export_list"),
            Apart(
                READ,
                frozenset({Role.UNIT_MANAGER}),
                "reports.quarterly.show_endings reports.weights.show_what_if",
            ),
            Apart(
                READ,
                FIGURE_READERS,
                "cube_api.show_cube reports.cube.show_cube reports.export_outcomes "
                "reports.gaps.show_gaps reports.weights.show_exposure "
                "reports_api.show_exposure reports_api.show_funnel reports_api.show_gaps "
                "reports_api.show_outcomes",
            ),
            Apart(
                WRITE,
                REPORT_READERS,
                "quarterly_api.choose_subscription reports.quarterly.submit_subscription",
            ),
        ),
    ),
    Line(
        "learning",
        N_("Enhetens eget lärande"),
        Why.FIGURES,
        "learning learning.risks learning.years learning_api",
        FIGURE_READERS,
        frozenset({Role.UNIT_MANAGER}),
        (
            Apart(
                READ,
                ALL_BUT_ADMIN,
                "learning.show learning.show_trainings learning.years.show_assessment "
                "learning_api.list_trainings learning_api.show_assessment",
            ),
            Apart(READ, frozenset({Role.UNIT_MANAGER}), "learning.risks.show_new_risk"),
            Apart(
                WRITE,
                MEETING_STAFF,
                "learning.submit_completed learning.submit_taken_back "
                "learning.years.submit_assessment learning_api.answer_assessment "
                "learning_api.note_training learning_api.take_back_training",
            ),
        ),
    ),
)
