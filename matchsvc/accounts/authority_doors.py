"""Rows of the table of authority: the service, employers, cases, matching.

A door is the name of a route, or of the group of routes that it stands in. A page and the operation
of the API that does the same stand in one row. :mod:`matchsvc.accounts.authority` reads them.
"""

from __future__ import annotations

from matchsvc.accounts.authority_roles import (
    ALIAS_STAFF,
    CASE_STAFF,
    CONTACT_STAFF,
    EMPLOYER_LEADERS,
    EMPLOYER_STAFF,
    FIGURE_READERS,
    KEEPERS,
    NOBODY,
    REPORT_READERS,
    RULE_READERS,
    STAFF,
    WORKPLACE_STAFF,
)
from matchsvc.accounts.authority_shapes import READ, WRITE, Apart, Line, Why
from matchsvc.accounts.models import Role
from matchsvc.errors import N_

LINES: tuple[Line, ...] = (
    Line(
        "own_account",
        N_("Den egna inloggningen, hjälpen och meddelanden till en själv"),
        Why.EVERYBODY,
        "accounts accounts.confirm accounts.my_login accounts.passkeys help help_api my_messages",
        STAFF,
        STAFF,
        (
            Apart(
                WRITE,
                frozenset({Role.EMPLOYER_LIAISON, Role.UNIT_MANAGER, Role.ADMIN}),
                "accounts.submit_area",
            ),
        ),
    ),
    Line(
        "settings",
        N_("Enhetens inställningar och nycklar för program"),
        Why.UNIT_RULES,
        "accounts.settings accounts.authority settings_api start start_api",
        RULE_READERS,
        KEEPERS,
        (
            Apart(READ, STAFF, "accounts.settings.show_tokens settings_api.list_tokens"),
            Apart(
                READ, KEEPERS, "start.show start.show_unit start_api.show_start start_api.show_unit"
            ),
            Apart(WRITE, STAFF, "accounts.settings.submit_revoke settings_api.revoke_token"),
        ),
    ),
    Line(
        "units",
        N_("Enheter"),
        Why.NO_CONTENT,
        "units units_api",
        frozenset({Role.ADMIN}),
        frozenset({Role.ADMIN}),
    ),
    Line(
        "sso_groups",
        N_("Grupper i kommunens inloggning, och att visa vem man är där"),
        Why.NO_CONTENT,
        "accounts.sso",
        frozenset({Role.ADMIN}),
        frozenset({Role.ADMIN}),
        (Apart(READ, STAFF, "accounts.sso.show_confirm_start"),),
    ),
    Line("users", N_("Användare och roller"), Why.NO_CONTENT, "users users_api", KEEPERS, KEEPERS),
    Line(
        "jobs",
        N_("Det som går av sig självt"),
        Why.NO_CONTENT,
        "scheduling jobs_api",
        KEEPERS,
        NOBODY,
    ),
    Line(
        "vocabulary",
        N_("Orden i listan"),
        Why.OPEN_RULES,
        "vocabulary vocabulary_api",
        STAFF,
        KEEPERS,
        (
            Apart(READ, KEEPERS, "vocabulary.list_words_page vocabulary_api.list_synonyms"),
            Apart(WRITE, STAFF, "vocabulary_api.suggest_concepts"),
        ),
    ),
    Line(
        "employers",
        N_("Arbetsgivare och arbetsplatser"),
        Why.EMPLOYER_WORK,
        "employers employers.places employers.merge employers.network "
        "employers.carving employers_api network_api yearly_api",
        ALIAS_STAFF,
        EMPLOYER_STAFF,
        (
            Apart(READ, CONTACT_STAFF, "employers.places.show_log employers.places.show_prepare"),
            Apart(
                READ,
                EMPLOYER_STAFF,
                "employers.carving.show_carve employers.merge.show_pair "
                "employers.network.show_offer_periods employers.network.show_site_periods "
                "employers.places.find_contact employers.places.show_edit_contact "
                "employers.places.show_edit_site employers.places.show_new_contact "
                "employers.places.show_new_site employers.show_edit employers.show_new",
            ),
            Apart(
                WRITE,
                CONTACT_STAFF,
                "employers.places.submit_log employers.places.submit_step_done "
                "employers_api.create_interaction",
            ),
        ),
    ),
    Line(
        "offers",
        N_("Erbjudanden"),
        Why.EMPLOYER_WORK,
        "employers.offers",
        ALIAS_STAFF,
        EMPLOYER_STAFF,
        (Apart(READ, EMPLOYER_STAFF, "employers.offers.show_edit employers.offers.show_new"),),
    ),
    Line(
        "agreements",
        N_("Avtal med arbetsgivare"),
        Why.EMPLOYER_WORK,
        "agreements agreements_api",
        ALIAS_STAFF,
        EMPLOYER_LEADERS,
        (Apart(READ, EMPLOYER_LEADERS, "agreements.show_edit agreements.show_new"),),
    ),
    Line(
        "employer_notes",
        N_("Anteckningar och papper om arbetsgivare"),
        Why.EMPLOYER_WORK,
        "employers.notes employers.papers employer_notes_api employer_papers_api",
        ALIAS_STAFF,
        ALIAS_STAFF,
    ),
    Line(
        "subsidies",
        N_("Stöd till arbetsgivare"),
        Why.UNIT_RULES,
        "subsidies subsidies_api",
        frozenset(
            {
                Role.CASE_WORKER,
                Role.EMPLOYER_LIAISON,
                Role.PLACEMENT_COORDINATOR,
                Role.SUPERVISOR,
                Role.UNIT_MANAGER,
                Role.ADMIN,
            }
        ),
        KEEPERS,
        (Apart(READ, KEEPERS, "subsidies.show_new"),),
    ),
    Line(
        "participants",
        N_("Deltagare: lista och sida"),
        Why.ALIAS,
        "participants participants_api",
        WORKPLACE_STAFF,
        CASE_STAFF,
        (
            Apart(READ, CASE_STAFF, "participants.show_enrol participants_api.show_talk"),
            Apart(WRITE, WORKPLACE_STAFF, "participants.submit_search"),
            Apart(WRITE, frozenset({Role.UNIT_MANAGER}), "participants.submit_reason"),
        ),
    ),
    Line(
        "case",
        N_("Ärendet: personuppgifter, steg och skydd"),
        Why.CASE,
        "participants.case participants.merge participants.messaging messaging_api",
        CASE_STAFF,
        CASE_STAFF,
        (
            Apart(READ, STAFF, "participants.case.show_protect"),
            Apart(WRITE, STAFF, "participants.case.submit_protect"),
        ),
    ),
    Line(
        "skills",
        N_("Kompetenser, önskemål och det som framkom i samtal"),
        Why.CASE,
        "participants.mapping participants.talk participants.portfolio",
        CASE_STAFF,
        CASE_STAFF,
        (
            Apart(
                READ,
                frozenset({Role.CASE_WORKER, Role.SUPERVISOR, Role.UNIT_MANAGER}),
                "participants.mapping.show_competence",
            ),
            Apart(
                WRITE,
                frozenset({Role.CASE_WORKER, Role.SUPERVISOR, Role.UNIT_MANAGER}),
                "participants.mapping.submit_evidence",
            ),
        ),
    ),
    Line(
        "mapping",
        N_("Kartläggningen"),
        Why.MAPPING,
        "participants.map mapping_api",
        CASE_STAFF,
        CASE_STAFF,
    ),
    Line(
        "consents",
        N_("Samtycken och deras papper"),
        Why.CASE,
        "participants.consents participants.consent_papers consents_api consent_papers_api",
        CASE_STAFF,
        CASE_STAFF,
    ),
    Line("plan", N_("Planen"), Why.CASE, "participants.plan plan_api", CASE_STAFF, CASE_STAFF),
    Line(
        "notes",
        N_("Anteckningar och papper i ärendet"),
        Why.CASE,
        "participants.notes participants.papers participant_notes_api participant_papers_api",
        CASE_STAFF,
        CASE_STAFF,
    ),
    Line(
        "referrals",
        N_("Remisser"),
        Why.CASE,
        "referrals referrals_api",
        CASE_STAFF,
        CASE_STAFF,
        (
            Apart(READ, frozenset({Role.UNIT_MANAGER}), "referrals_api.list_workloads"),
            Apart(
                WRITE,
                frozenset({Role.UNIT_MANAGER}),
                "referrals.submit_allocate referrals_api.allocate_referral",
            ),
        ),
    ),
    Line(
        "progress",
        N_("Stegen på trappan och kontakten efteråt"),
        Why.CASE,
        "progression progress_api",
        CASE_STAFF,
        CASE_STAFF,
    ),
    Line(
        "own_page",
        N_("Deltagarens egen sida"),
        Why.CASE,
        "own_page.start own_page.visit own_page.visit.documents own_page_api",
        CASE_STAFF,
        CASE_STAFF,
    ),
    Line(
        "rights",
        N_("Begäran om egna uppgifter, begränsning och utlämnande"),
        Why.CASE,
        "rights rights.records rights_api",
        CASE_STAFF,
        CASE_STAFF,
    ),
    Line(
        "retention",
        N_("Radering av akter när tiden har gått"),
        Why.CASE,
        "retention retention_api",
        CASE_STAFF | {Role.AUDITOR},
        CASE_STAFF,
        (
            Apart(
                READ,
                CASE_STAFF,
                "retention.show_holds retention_api.list_due retention_api.list_holds",
            ),
        ),
    ),
    Line(
        "log_checks",
        N_("Urval ur loggen, att bedöma"),
        Why.LOG,
        "log_checks log_checks_api",
        FIGURE_READERS,
        FIGURE_READERS,
    ),
    Line(
        "programmes",
        N_("Program och trappor"),
        Why.UNIT_RULES,
        "programmes programmes_api ladders ladders_api",
        RULE_READERS,
        KEEPERS,
        (
            Apart(
                READ,
                KEEPERS,
                "ladders.show_new ladders.show_new_version programmes.show_new "
                "programmes.show_new_version",
            ),
        ),
    ),
    Line(
        "matching",
        N_("Matchning och förslag"),
        Why.ALIAS,
        "matching cohort matching_api cohort_api",
        ALIAS_STAFF,
        ALIAS_STAFF,
    ),
    Line(
        "weights",
        N_("Enhetens tabell av poäng"),
        Why.OPEN_RULES,
        "matching.weights weights_api",
        REPORT_READERS,
        frozenset({Role.UNIT_MANAGER}),
        (Apart(READ, frozenset({Role.UNIT_MANAGER}), "weights_api.get_what_if"),),
    ),
)
