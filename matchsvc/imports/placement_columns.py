"""The columns of placements and employments (contract.md section 6)."""

from __future__ import annotations

from matchsvc.imports import words
from matchsvc.imports.columns import Column
from matchsvc.imports.values import choice, day, email, number, text

COLUMNS = (
    Column("external_id", "Placerings-id", text(40), required=True, clearable=False,
           example="P100"),
    Column("participant", "Deltagar-id", text(40), required=True, clearable=False,
           example="D1001"),
    Column("site", "Arbetsställe-id", text(40), required=True, clearable=False, example="S100"),
    Column("offer", "Erbjudande-id", text(40), values="ett erbjudande på arbetsstället",
           example="E100"),
    Column("form", "Form", choice(words.FORM), required=True, values=words.listed(words.FORM),
           example="arbetsträning"),
    Column("start_date", "Start", day, required=True, values="ÅÅÅÅ-MM-DD", example="2026-09-01"),
    Column("planned_end_date", "Planerat slut", day, values="ÅÅÅÅ-MM-DD", example="2026-11-30"),
    Column("end_date", "Slut", day, values="ÅÅÅÅ-MM-DD, sista dagen", example="2026-11-13"),
    Column("decision_authority", "Beslutsfattare", choice(words.DECISION_AUTHORITY),
           values=words.listed(words.DECISION_AUTHORITY), example="Arbetsförmedlingen"),
    Column("decision_ref", "Beslutsnummer", text(80), example="AF-2026-123"),
    Column("decision_from", "Beslut från", day, values="ÅÅÅÅ-MM-DD", example="2026-09-01"),
    Column("decision_to", "Beslut till", day, values="ÅÅÅÅ-MM-DD", example="2026-11-30"),
    Column("purpose", "Syfte", text(2000), values="krävs när Start är i dag eller senare",
           example="Pröva arbete i storkök"),
    Column("hours_start", "Timmar start", number(1, 40), values="1-40", example="15"),
    Column("hours_goal", "Timmar mål", number(1, 40), values="1-40", example="25"),
    Column("supervisor", "Handledare", email, personal=True, values="e-post till en användare"),
    Column("case_worker", "Handläggare", email, personal=True, values="e-post till en handläggare"),
    Column("subsidy", "Stödform", text(80), values="krävs för resursanställning"),
    Column("subsidy_ref", "Stöd beslut", text(80), values="krävs för resursanställning"),
    Column("outcome", "Avslut", choice(words.OUTCOME), values=words.listed(words.OUTCOME),
           example="fullföljd"),
    Column("agreement", "Överenskommelse", text(80), values="överenskommelsens kod"),
    Column("programme", "Program", text(80), values="programmets kod"),
    Column("comment", "Kommentar", text(2000), values="inga personnummer"),
)  # fmt: skip
