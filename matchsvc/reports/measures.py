"""Every measure, defined once: pages, exports, the API and docs are made from this list.

A figure that stands anywhere has its entry here, and opens it. The words are Swedish and translated
where they are shown. Sources are rows of the domain description (REP-01 …) or a law.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from matchsvc.errors import N_
from matchsvc.reports.measure import CountedIn, Measure, SmallCells
from matchsvc.reports.measures_learning import LEARNING

_CASES = N_("Personer som enheten har skrivit in.")
_STARTED_IN_PERIOD = N_("Dagen då det började ligger i perioden, första och sista dagen inräknade.")
_ENROLLED_IN_PERIOD = N_("Inskriven i perioden; resultat till och med periodens sista dag.")


def _listed(measures: Iterable[Measure]) -> Mapping[str, Measure]:
    found: dict[str, Measure] = {}
    for each in measures:
        if each.name in found:
            raise ValueError(each.name)
        found[each.name] = each
    return found


#: name -> measure, in the order they are told.
REGISTRY: Mapping[str, Measure] = _listed(
    [
        Measure(
            name="placements",
            title=N_("Placeringar"),
            definition=N_(
                "Personer som har börjat minst en placering under perioden: praktik, arbetsträning "
                "eller prova på."
            ),
            counted_in=CountedIn.PERSONS,
            numerator=N_("Personer med minst en placering som började i perioden."),
            denominator=None,
            population=_CASES,
            time_rule=_STARTED_IN_PERIOD,
            small_cells=SmallCells.COUNT,
            source="REP-01, ACC-2",
        ),
        *LEARNING,
    ]
)
