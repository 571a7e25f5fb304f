"""What each page about results and learning is for; a part of the list in ``purposes.py``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

#: By endpoint.
OF_REPORTS: Mapping[str, Any] = {
    "learning.show": _l(
        "Här ser du vad enheten lär sig av sitt arbete, och vad som väntar på dig."
    ),
    "learning.show_trainings": _l(
        "Här noterar du utbildningar du har gått, och ser vad du saknar."
    ),
    "learning.risks.show_risks": _l(
        "Här ser du vad som kan gå fel i arbetet, vem som ansvarar och om det hände."
    ),
    "learning.risks.show_new_risk": _l(
        "Här skriver du en risk, hur stor den är och vad ni gör åt den."
    ),
    "learning.risks.show_risk": _l(
        "Här bedömer du en risk på nytt, och noterar en gång om året om det hände."
    ),
    "learning.years.show_assessment": _l(
        "Här svarar du utan namn på hur du möter kvinnor och män, och ser vad enheten svarade."
    ),
    "learning.years.show_review": _l(
        "Här går ni en gång om året igenom målgruppen och resurserna med de andra parterna."
    ),
    "learning.years.show_costs": _l(
        "Här skriver du in årets kostnader och ser vad ett jobb har kostat, aldrig per person."
    ),
    "learning.years.show_audit_sheet": _l(
        "Här finns mått och ett stickprov utan namn, för den som granskar arbetet."
    ),
    "reports.show_outcomes": _l(
        "Här ser du vad arbetet har lett till, och om det skiljer sig mellan grupper."
    ),
    "reports.definitions.show_definitions": _l(
        "Här läser du vad varje tal i rapporterna betyder och hur det räknas."
    ),
    "reports.indicators.show_engagement": _l(
        "Här ser du hur enheten arbetar med arbetsgivare: kontakter, erbjudanden och vad de "
        "leder till."
    ),
    "reports.indicators.show_indicators": _l(
        "Här ser du det som myndigheter och kommuner brukar fråga efter, för ett år eller kvartal."
    ),
    "reports.pictures.show_pictures": _l(
        "Här hämtar du diagram att visa för andra. Varje diagram säger själv hur det räknas."
    ),
    "reports.quarterly.show": _l(
        "Här läser du ett kvartal i tal, och vad chefen säger om dem. Ett utkast blir "
        "färdigt när det fryses."
    ),
    "reports.quarterly.show_endings": _l(
        "Här ser du vilka avslut i kvartalet som ingen har skrivit destination på."
    ),
    "reports.quarterly.show_list": _l(
        "Här hittar du rapporten för varje kvartal, och väljer om du vill få besked om nästa."
    ),
    "reports.published.show_published": _l(
        "Här ser du de resultat som får publiceras. Talen är låsta och pekar inte ut någon."
    ),
    "reports.surveys.show_surveys": _l(
        "Här ser du vad arbetsgivare och deltagare har svarat, hopräknat, "
        "och hur många som svarade."
    ),
    "reports.cube.show_cube": _l(
        "Här räknar du flöden, ledtider och resultat för valfria grupper och månader, för internt "
        "bruk."
    ),
    "reports.funnel.show_funnel": _l(
        "Här ser du hur långt de inskrivna har kommit, och vid vilket steg grupper skiljs åt."
    ),
    "reports.gaps.show_gaps": _l(
        "Här jämför du vad olika grupper har fått frågor om, vad som är noterat "
        "och vad de har fått."
    ),
    "reports.weights.show_exposure": _l(
        "Här ser du vilka grupper som syns högst upp i matchningen och blir föreslagna."
    ),
    "reports.weights.show_what_if": _l(
        "Här provar du andra poäng och ser vad som skulle ändras, innan något sparas."
    ),
}
