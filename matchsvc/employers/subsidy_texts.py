"""What was known of the subsidies when they were written down (domain.md 2.3): read, not verified.

The words are Swedish and stand in the database, where a unit adds to them; they have no English.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

_READ = date(2026, 3, 1)
_WAGE = "Förordning (2017:462) om särskilda insatser för personer med funktionsnedsättning"

STARTER: Sequence[Mapping[str, Any]] = (
    {
        "code": "wage_subsidy_development",
        "name": "Lönebidrag för utveckling i anställning",
        "what": "Ersättning för en del av lönen när någon med nedsatt arbetsförmåga utvecklas i "
        "en anställning. Arbetsplatsen anpassar arbetet och hjälper personen att växa in i det.",
        "limits": "Högst 12 månader i taget och 24 månader sammanlagt. Lönekostnad räknas upp "
        "till 20 000 kronor i månaden på heltid. Upp till 5 000 kronor till för insatser. "
        "Villkor i nivå med kollektivavtal och lön som betalas elektroniskt.",
        "law": "2017:462 18, 21 och 25–28 §§",
        "source": _WAGE,
        "valid_from": None,
        "verified_on": _READ,
    },
    {
        "code": "wage_subsidy_employment",
        "name": "Lönebidrag för anställning och för trygghet i anställning",
        "what": "Ersättning för en del av lönen när arbetsförmågan är nedsatt under lång tid. "
        "Trygghet i anställning är för den som behöver stödet längre.",
        "limits": "Anställning: högst 4 år i taget och 8 år sammanlagt. Trygghet: högst 4 år i "
        "taget. Upp till 2 800 kronor i månaden till för insatser.",
        "law": "2017:462 29–36 §§",
        "source": _WAGE,
        "valid_from": None,
        "verified_on": _READ,
    },
    {
        "code": "personal_assistant_support",
        "name": "Personligt biträde",
        "what": "Ersättning för den tid som en kollega lägger på att hjälpa personen i arbetet. "
        "Hjälpen kan gälla både anställning och praktik.",
        "limits": "Högst 60 000 kronor om året. Kan inte förenas med tilläggen för insatser i "
        "lönebidragen.",
        "law": "2017:462 9 och 10 §§",
        "source": _WAGE,
        "valid_from": date(2025, 6, 1),
        "verified_on": _READ,
    },
    {
        "code": "sius",
        "name": "SIUS, särskild stödperson för introduktion och uppföljning",
        "what": "En stödperson från Arbetsförmedlingen är med på arbetsplatsen i början. Stödet "
        "minskar steg för steg och anställningen följs upp.",
        "limits": "Högst 6 månader av introduktion, sedan uppföljning.",
        "law": "2017:462 11 §",
        "source": _WAGE,
        "valid_from": None,
        "verified_on": _READ,
    },
    {
        "code": "introduction_job",
        "name": "Introduktionsjobb",
        "what": "Ersättning för en del av lönen när den som anställs har varit utan arbete länge "
        "eller är ny i Sverige. Anställningen ska ge en väg in på arbetsmarknaden.",
        "limits": "80 procent av lönekostnaden, på bruttolön upp till 20 000 kronor. Högst 12 "
        "månader i taget och 24 sammanlagt. Ingen får ha sagts upp på grund av arbetsbrist vid "
        "enheten de senaste 12 månaderna. Handledarstödet togs bort den 1 februari 2025.",
        "law": "2018:42 4–5, 10, 14–17 och 20 §§",
        "source": "Förordning (2018:42) om särskilt anställningsstöd",
        "valid_from": date(2025, 2, 1),
        "verified_on": _READ,
    },
    {
        "code": "new_start_job",
        "name": "Nystartsjobb",
        "what": "Arbetsgivaren får tillbaka arbetsgivaravgiften, och mer för den som varit borta "
        "länge. Stödet betalas genom skattekontot.",
        "limits": "En arbetsgivaravgift, två efter 24–36 månader utan arbete, två och en halv "
        "efter mer än 36 månader. Lön räknas upp till 20 000 kronor. Lika länge som tiden utan "
        "arbete, högst 24 månader från 25 års ålder och 12 månader för 20–24 år. Särskilda regler "
        "vid uppsägning och för närstående.",
        "law": "2018:43 3–17 och 21 §§",
        "source": "Förordning (2018:43) om stöd för nystartsjobb",
        "valid_from": None,
        "verified_on": _READ,
    },
)
