"""Roles that the rows of the table of authority name together."""

from __future__ import annotations

from matchsvc.accounts.models import Role

STAFF = frozenset(Role)
NOBODY: frozenset[Role] = frozenset()
CASE_STAFF = frozenset({Role.CASE_WORKER, Role.UNIT_MANAGER})
EMPLOYER_STAFF = frozenset({Role.EMPLOYER_LIAISON, Role.PLACEMENT_COORDINATOR})
ALIAS_STAFF = frozenset(
    {Role.CASE_WORKER, Role.EMPLOYER_LIAISON, Role.PLACEMENT_COORDINATOR, Role.UNIT_MANAGER}
)
WORKPLACE_STAFF = frozenset(
    {
        Role.CASE_WORKER,
        Role.EMPLOYER_LIAISON,
        Role.PLACEMENT_COORDINATOR,
        Role.SUPERVISOR,
        Role.UNIT_MANAGER,
    }
)
PLACEMENT_STAFF = frozenset(
    {Role.CASE_WORKER, Role.EMPLOYER_LIAISON, Role.PLACEMENT_COORDINATOR, Role.SUPERVISOR}
)
DECIDERS = frozenset({Role.CASE_WORKER, Role.PLACEMENT_COORDINATOR})
KEEPERS = frozenset({Role.UNIT_MANAGER, Role.ADMIN})
RULE_READERS = frozenset({Role.UNIT_MANAGER, Role.AUDITOR, Role.ADMIN})
FIGURE_READERS = frozenset({Role.UNIT_MANAGER, Role.AUDITOR})
REPORT_READERS = frozenset(
    {
        Role.CASE_WORKER,
        Role.EMPLOYER_LIAISON,
        Role.PLACEMENT_COORDINATOR,
        Role.UNIT_MANAGER,
        Role.AUDITOR,
    }
)
MEETING_STAFF = frozenset(
    {
        Role.CASE_WORKER,
        Role.EMPLOYER_LIAISON,
        Role.PLACEMENT_COORDINATOR,
        Role.SUPERVISOR,
        Role.PRACTICAL_SUPERVISOR,
        Role.UNIT_MANAGER,
    }
)
PLANNERS = frozenset({Role.PLACEMENT_COORDINATOR, Role.UNIT_MANAGER})
CONTACT_STAFF = frozenset({Role.CASE_WORKER, Role.EMPLOYER_LIAISON, Role.PLACEMENT_COORDINATOR})
EMPLOYER_LEADERS = frozenset({Role.EMPLOYER_LIAISON, Role.PLACEMENT_COORDINATOR, Role.UNIT_MANAGER})
ALL_BUT_ADMIN = frozenset(
    {
        Role.CASE_WORKER,
        Role.EMPLOYER_LIAISON,
        Role.PLACEMENT_COORDINATOR,
        Role.SUPERVISOR,
        Role.PRACTICAL_SUPERVISOR,
        Role.UNIT_MANAGER,
        Role.AUDITOR,
    }
)
GROUP_STARTERS = frozenset({Role.CASE_WORKER, Role.PLACEMENT_COORDINATOR, Role.UNIT_MANAGER})
