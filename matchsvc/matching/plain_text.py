"""An explanation in plain words, that a case worker can read aloud. Nothing is looked up here.

It says the same as the page, in the same order: what is asked for and how we know, what must fit
and what would open it, what is not known, what was not counted, and the sum. It never presumes
who the person is, and names no workplace of hers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from matchsvc.errors import N_
from matchsvc.matching.gate_words import GateLine, Words
from matchsvc.matching.results import PartLine, Result

HOW_WE_KNOW: Mapping[str, str] = {
    "claimed": N_("Personen har sagt det själv."),
    "exemplified": N_("Personen har gett ett exempel."),
    "observed": N_("Någon har sett det."),
    "confirmed": N_("Det är bekräftat."),
}


def plain_text(result: Result, words: Words) -> tuple[str, ...]:
    """Paragraphs that together say everything about a pair."""
    paragraphs = (
        [_summary(result, words)],
        [_part(part, words) for part in result.parts],
        list(_must_fit(result, words)),
        list(_unknown(result, words)),
        [
            words(
                N_("Räknas inte in: %(what)s."), what="; ".join(str(s) for s in result.not_counted)
            ),
            _sum(result, words),
        ],
    )
    return tuple(" ".join(sentences) for sentences in paragraphs if sentences)


def _summary(result: Result, words: Words) -> str:
    if not result.required:
        return words(N_("Platsen kräver ingen särskild kompetens."))
    missing = result.required - result.met - result.partly
    counts = {"of": result.required, "met": result.met, "partly": result.partly, "missing": missing}
    return words(
        N_(
            "Krav på kompetens: %(of)s. Uppfyllda: %(met)s, delvis: %(partly)s, "
            "saknas: %(missing)s."
        ),
        **counts,
    )


def _part(part: PartLine, words: Words) -> str:
    label = part.label if part.importance == "required" else _merit(part, words)
    values = {"what": label, "by": part.by_label}
    if part.state == "missing":
        purpose = words(N_("Varför det efterfrågas: %(purpose)s"), purpose=_ended(part.purpose))
        return f"{words(N_('%(what)s saknas i kartläggningen.'), **values)} {purpose}"
    how = f"{words(HOW_WE_KNOW[part.rung])} {words(N_('Lärt %(where)s.'), where=part.learned)}"
    if part.state == "met" and part.relation == "narrower":
        said = words(N_("%(what)s är uppfyllt, genom %(by)s som hör dit."), **values)
    elif part.state == "met":
        said = words(N_("%(what)s är uppfyllt."), **values)
    elif part.relation in {"same", "narrower"}:
        said = words(N_("%(what)s är delvis uppfyllt: nivån är lägre eller inte känd."), **values)
    else:
        said = words(N_("%(what)s är delvis uppfyllt: %(by)s liknar."), **values)
    return f"{said} {how}"


def _merit(part: PartLine, words: Words) -> str:
    return words(N_("Meriten %(what)s"), what=part.label)


def _must_fit(result: Result, words: Words) -> Iterator[str]:
    for gate in result.gates:
        if gate.state == "closed":
            yield _closed(gate, words)
        elif gate.state == "open" and gate.code == "conditions":
            yield f"{gate.name}: {_ended(gate.spoken)}"
    if result.open:
        yield words(N_("Inget av det som måste stämma stänger."))
    elif result.can_be_overridden:
        yield words(
            N_(
                "En handläggare får föreslå ändå, med ett skäl: arbetsgivaren är skyldig att "
                "anpassa det som är skäligt."
            )
        )


def _closed(gate: GateLine, words: Words) -> str:
    opens = (
        words(N_("Öppnas av anpassning: %(what)s."), what=gate.opens_by)
        if gate.can_be_overridden
        else words(N_("Öppnas om %(what)s."), what=gate.opens_by)
    )
    return f"{words(N_('Stängt nu.'))} {gate.name}: {_ended(gate.spoken)} {opens}"


def _unknown(result: Result, words: Words) -> Iterator[str]:
    if not result.asks:
        return
    yield words(N_("Det här vet vi inte än. Det räknas varken för eller emot:"))
    for whom, question in result.asks:
        said = question[:1].upper() + question[1:]
        if whom == "offer":
            yield words(N_("Fråga arbetsgivaren: %(question)s"), question=said)
        else:
            yield words(N_("Fråga personen: %(question)s"), question=said)


def _sum(result: Result, words: Words) -> str:
    if not result.most:
        return words(N_("En människa bestämmer."))
    return words(
        N_(
            "Täckningen av kraven är %(points)s av %(most)s poäng. Poängen ordnar listan och är "
            "inget betyg. En människa bestämmer."
        ),
        points=result.points,
        most=result.most,
    )


def _ended(sentence: str) -> str:
    """A sentence with its full stop."""
    text = sentence.strip()
    return text if text.endswith((".", "?", "!")) else f"{text}."
