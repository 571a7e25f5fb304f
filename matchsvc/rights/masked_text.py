"""A text with passages left out: what was there is not in what comes back, only that it was."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from matchsvc.rights.provisions import provisions


@dataclass(frozen=True, slots=True)
class Gap:
    """A passage that is left out: where it begins and ends, by which provisions."""

    starts: int
    ends: int
    codes: tuple[str, ...]


def gaps_in(text: str, spans: Iterable[tuple[int, int, str]]) -> list[Gap]:
    """Spans put together where they meet, so that nobody can count what is left out.

    Args:
        text: the whole text.
        spans: where each begins and ends, and its provision; in any order.
    """
    gaps: list[Gap] = []
    for starts, ends, code in sorted(spans):
        last = gaps[-1] if gaps else None
        if last is not None and not text[last.ends : starts].strip():
            codes = tuple(dict.fromkeys((*last.codes, code)))
            gaps[-1] = Gap(last.starts, max(last.ends, ends), codes)
        else:
            gaps.append(Gap(starts, ends, (code,)))
    return gaps


def left_of(text: str, spans: Iterable[tuple[int, int, str]]) -> str | None:
    """The text as it may be read; None when nothing of it is left.

    Each gap reads ``[Maskerat: OSL 21 kap. 1 §]``, however long it was.
    """
    gaps = gaps_in(text, spans)
    starts = [0, *(gap.ends for gap in gaps)]
    ends = [*(gap.starts for gap in gaps), len(text)]
    kept = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    if not any(each.strip() for each in kept):
        return None
    sections = [", ".join(provisions()[code].section for code in gap.codes) for gap in gaps]
    said = [f"[Maskerat: OSL {each}]" for each in sections]
    return kept[0] + "".join(f"{gap}{after}" for gap, after in zip(said, kept[1:], strict=True))
