"""The audit sheet as tables: the same on the page, on paper and in the workbook."""

from __future__ import annotations

from itertools import pairwise

from matchsvc.errors import N_
from matchsvc.learning.audit_sheet import CLASSES, STEPS, AuditSheet, Sampled, Spread
from matchsvc.learning.wording import STEP
from matchsvc.reports.outcomes import Share
from matchsvc.reports.shapes import Sheet, Words

HIDDEN = N_("Dolt")


def sheets_of(sheet: AuditSheet, words: Words) -> list[Sheet]:
    """The figures, the classes of open cases, and the sample."""
    return [
        Sheet(
            words(N_("Mått")),
            [words(each) for each in (N_("Mått"), N_("Tal"), N_("Så räknas det"))],
            _figures(sheet, words),
        ),
        Sheet(
            words(N_("Ärenden per medarbetare")),
            [words(N_("Öppna ärenden i dag")), words(N_("Medarbetare"))],
            [
                [_class(low, high), workers]
                for (low, high), (_bound, workers) in zip(_bounds(), sheet.caseload, strict=True)
            ],
        ),
        Sheet(
            words(N_("Stickprov")),
            [
                words(N_("Ärende")),
                *(
                    words(N_("%(step)s, vecka")) % {"step": str(STEP[step]).lower()}
                    for step in STEPS
                ),
                words(N_("Byten av handläggare")),
                words(N_("Uppföljningar")),
                words(N_("Läge")),
            ],
            [_case(each, words) for each in sheet.sample],
        ),
    ]


def _bounds() -> list[tuple[int, int | None]]:
    return [(low + 1, high) for low, high in pairwise((0, *CLASSES, None))]  # type: ignore[operator]


def _class(low: int, high: int | None) -> str:
    return f"{low}–{high}" if high is not None else f"{low}–"


def _figures(sheet: AuditSheet, words: Words) -> list[list[str | float | None]]:
    return [
        [
            words(N_("Öppna ärenden per medarbetare")),
            _spread(sheet.open_cases, words),
            words(N_("Öppna ärenden i dag för var och en som har minst ett. Utan namn.")),
        ],
        [
            words(N_("Samma handläggare hela tiden")),
            _share(sheet.one_worker, words),
            words(N_("Ärenden som var öppna under året och aldrig har bytt handläggare.")),
        ],
        [
            words(N_("Dagar till det första förslaget")),
            _spread(sheet.days_to_proposal, words),
            words(N_("Från inskrivning till det första förslaget, för förslag under året.")),
        ],
        [
            words(N_("Kontakter de första fyra veckorna")),
            _spread(sheet.contacts, words),
            words(N_("Dagar med uppföljning, anteckning eller möte, för varje start under året.")),
        ],
        [
            words(N_("Kontakt alla fyra veckorna")),
            _share(sheet.weeks_with_contact, words),
            words(N_("Starter under året med minst en kontakt i var och en av veckorna 1 till 4.")),
        ],
        [
            words(N_("Besök hos arbetsgivare")),
            sheet.visits,
            words(N_("Loggade besök under året.")),
        ],
        [
            words(N_("Arbetsgivare som fick besök")),
            sheet.visited,
            words(N_("Olika arbetsgivare bland besöken.")),
        ],
    ]


def _spread(spread: Spread, words: Words) -> str:
    if spread.values is None:
        return words(HIDDEN)
    if spread.quartiles is None:
        return "–"
    low, middle, high = spread.quartiles
    return words(N_("median %(middle)s, hälften mellan %(low)s och %(high)s (%(n)s värden)")) % {
        "middle": middle, "low": low, "high": high, "n": spread.values,
    }  # fmt: skip


def _share(share: Share, words: Words) -> str:
    if share.of == 0:
        return "–"
    if share.is_hidden:
        return words(HIDDEN)
    told = words(N_("%(k)s av %(n)s")) % {"k": share.n, "n": share.of}
    return f"{share.percent} % ({told})"


def _case(each: Sampled, words: Words) -> list[str | float | None]:
    state = N_("Pågår") if each.is_open else N_("Avslutat")
    return [
        each.name,
        *(each.weeks[step] for step in STEPS),
        each.hand_overs,
        words(N_("%(k)s av %(n)s")) % {"k": each.follow_ups, "n": each.due},
        words(state),
    ]
