"""One pair, explained: what pages, commands and the API show of it (contract.md section 3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from matchsvc.matching.gate_words import GateLine


@dataclass(frozen=True, slots=True)
class PartLine:
    """One requirement in words and numbers; ``points`` sum with the others to the total."""

    requirement: UUID
    label: str
    purpose: str
    importance: str
    state: str
    by: UUID | None
    by_label: str
    relation: str
    rung: str
    learned: str
    how_we_know: str
    evidence: int
    points: tuple[int, int, int]
    most: int

    @property
    def total(self) -> int:
        """Points of the three numbers together."""
        return sum(self.points)


@dataclass(frozen=True, slots=True)
class Result:
    """One pair, explained."""

    participant: UUID
    offer: UUID
    open: bool
    can_be_overridden: bool
    gates: tuple[GateLine, ...]
    parts: tuple[PartLine, ...]
    met: int
    partly: int
    required: int
    points: int
    most: int
    cover: int
    wishes: tuple[dict[str, Any], ...]
    wait_days: int
    weights: str
    asks: tuple[tuple[str, str], ...] = field(default=())
    not_counted: tuple[str, ...] = field(default=())
    text: tuple[str, ...] = field(default=())  # paragraphs to be read aloud

    @property
    def closed(self) -> tuple[GateLine, ...]:
        """The gates that are closed."""
        return tuple(gate for gate in self.gates if gate.state == "closed")

    @property
    def required_points(self) -> int:
        """Points of the required parts."""
        return sum(part.total for part in self.parts if part.importance == "required")

    def as_json(self) -> dict[str, Any]:
        """One of contract.md section 3's results, with both ids."""
        return {
            "participant": str(self.participant),
            "offer": str(self.offer),
            "open": self.open,
            "gates": [
                {
                    "code": gate.code,
                    "state": gate.state,
                    "reason": gate.reason,
                    "opens_by": gate.opens_by,
                }
                for gate in self.gates
                if gate.state != "open"
            ],
            "required": {"met": self.met, "partly": self.partly, "of": self.required},
            "points": self.points,
            "max": self.most,
            "cover": self.cover,
            "parts": [
                {
                    "requirement": str(part.requirement),
                    "label": part.label,
                    "class": part.importance,
                    "state": part.state,
                    "by": str(part.by) if part.by else None,
                    "relation": part.relation,
                    "evidence": part.evidence,
                    "points": list(part.points),
                }
                for part in self.parts
            ],
            "wishes": list(self.wishes),
            "asks": [sentence for _, sentence in self.asks],
            "wait_days": self.wait_days,
            "not_counted": list(self.not_counted),
            "text": "\n".join(self.text),
        }
