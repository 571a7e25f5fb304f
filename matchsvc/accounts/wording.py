"""What roles are called, the same everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from matchsvc.accounts.models import Role

ROLES: Mapping[Role, Any] = {
    Role.CASE_WORKER: _l("Handläggare"),
    Role.EMPLOYER_LIAISON: _l("Arbetsgivarkonsulent"),
    Role.PLACEMENT_COORDINATOR: _l("Praktiksamordnare"),
    Role.SUPERVISOR: _l("Handledare"),
    Role.PRACTICAL_SUPERVISOR: _l("Praktisk handledare"),
    Role.UNIT_MANAGER: _l("Enhetschef"),
    Role.AUDITOR: _l("Granskare"),
    Role.ADMIN: _l("Systemförvaltare"),
}
