"""What a unit can set of how long things are kept. Rows as in ``settings_list.py``."""

from __future__ import annotations

from typing import Final

from matchsvc.accounts.settings_shapes import Definition, Group, Shape
from matchsvc.errors import N_

RETENTION: Final[tuple[Definition, ...]] = (
    Definition(
        "retention_case_years",
        Group.RETENTION,
        N_("Akter raderas efter den sista anteckningen"),
        N_(
            "Socialtjänstlagen säger fem år. Längre bara om kommunens "
            "dokumenthanteringsplan säger det."
        ),
        Shape.NUMBER,
        "5",
        "matchsvc.retention.due",
        least=5,
        most=70,
        suffix=N_("år"),
        source="LAW-11",
    ),
    Definition(
        "retention_research_days",
        Group.RETENTION,
        N_("Akter som behålls för forskningen"),
        N_(
            "Födda dessa dagar i månaden behålls, till exempel 5, 15, 25. Tomt betyder ingen. "
            "Fråga arkivmyndigheten vad som gäller hos er."
        ),
        Shape.LINE,
        "5, 15, 25",
        "matchsvc.retention.due",
        most=40,
        source="LAW-11",
    ),
    Definition(
        "retention_log_months",
        Group.RETENTION,
        N_("Loggen över vem som läste och ändrade behålls"),
        N_(
            "Sedan ersätts månaden av sitt sigill. Loggen är gemensam: "
            "den enhet som behåller längst bestämmer."
        ),
        Shape.NUMBER,
        "24",
        "matchsvc.accounts.audit_months",
        least=12,
        most=120,
        suffix=N_("månader"),
        source="LAW-11",
    ),
    Definition(
        "log_check_months",
        Group.RETENTION,
        N_("Längsta tid mellan två granskningar av loggen"),
        N_("När inget är draget på så länge får granskaren en uppgift, annars chefen."),
        Shape.NUMBER,
        "1",
        "matchsvc.log_checks.due",
        least=1,
        most=12,
        suffix=N_("månader"),
        source="LAW-04",
    ),
    Definition(
        "retention_account_months",
        Group.RETENTION,
        N_("Namn på stängda konton tas bort efter"),
        N_("Vad medarbetaren gjorde står kvar, utan namn."),
        Shape.NUMBER,
        "24",
        "matchsvc.retention.tidying",
        least=1,
        most=120,
        suffix=N_("månader"),
    ),
    Definition(
        "retention_technical_days",
        Group.RETENTION,
        N_("Inloggningar, länkar och brevens innehåll tas bort efter"),
        N_("Att ett brev skickades, och när, står kvar så länge akten finns."),
        Shape.NUMBER,
        "90",
        "matchsvc.retention.tidying",
        least=30,
        most=365,
        suffix=N_("dagar"),
    ),
    Definition(
        "retention_backup_days",
        Group.RETENTION,
        N_("Säkerhetskopior sparas i"),
        N_(
            "Så länge finns det raderade kvar i kopior. Fråga den som sköter driften. Talet står "
            "i protokollet över varje radering."
        ),
        Shape.NUMBER,
        "35",
        "matchsvc.retention.plans",
        least=1,
        most=400,
        suffix=N_("dagar"),
    ),
    Definition(
        "retention_verified_on",
        Group.RETENTION,
        N_("Lagarna bakom tiderna lästes senast"),
        N_("Efter ett år påminner sidan om att någon behöver läsa dem igen."),
        Shape.PAST_DAY,
        "2026-04-25",
        "matchsvc.retention.verifying",
        source="LAW-11",
    ),
)
