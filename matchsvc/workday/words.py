"""What each kind of task says. The places are filled with aliases and dates, never with names."""

from __future__ import annotations

from collections.abc import Mapping

from matchsvc.errors import N_

#: Kind of task: the Swedish sentence that the page translates and fills.
TASK_WORDS: Mapping[str, str] = {
    "protected_hit": N_("Någon har anmält %(alias)s på nytt. Hör efter vad som gäller."),
    "protection_lift": N_("Skyddet för %(alias)s ska kanske hävas. Pröva och bekräfta, eller neka."),
}
