"""What the pages on people's rights, deletion and the log are for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

#: By endpoint.
OF_LAW: Mapping[str, Any] = {
    "log_checks.show_report": _l("Här ser och skriver du ut vad granskningen av loggen har gett."),
    "log_checks.show_sample": _l("Här bedömer du om läsningarna i urvalet hörde till arbetet."),
    "log_checks.show_samples": _l("Här drar du urval ur loggen och ser vilka som är bedömda."),
    "retention.show_holds": _l(
        "Här ser du vilka akter som inte får raderas, sätter stopp och häver."
    ),
    "retention.show_plan": _l("Här godkänner du en lista med akter, och ser protokollet efteråt."),
    "retention.show_retention": _l("Här ser du vilka akter som ska raderas, och gör en lista."),
    "retention.show_rules": _l("Här ser du vad som sparas hur länge, och enligt vilken lag."),
    "rights.show_register": _l(
        "Här står vem som har bett om vad, och när svaret senast ska lämnas."
    ),
    "rights.show_person": _l(
        "Här ser du vad personen har rätt till och har bett om, och begränsar uppgifterna."
    ),
    "rights.show_request": _l("Här läser du en begäran, svarar på den eller förlänger tiden."),
    "rights.show_copy": _l(
        "Här läser du igenom allt som är sparat om personen, innan kopian lämnas."
    ),
    "rights.records.show_new": _l("Här skriver du vad någon vill läsa i akten."),
    "rights.records.show_line": _l(
        "Här markerar du vad i en text som ska maskeras, mening för mening eller ord för ord, och "
        "skriver varför."
    ),
    "rights.records.show": _l(
        "Här bestämmer du rad för rad vad som får läsas, och hämtar pappret."
    ),
}
