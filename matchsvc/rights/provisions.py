"""The provisions by which a passage is kept secret, as data (OSL 2009:400)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

#: What a passage is taken to be until somebody has looked at it: secret unless it is clear that
#: nobody is harmed (OSL 26:1).
PRESUMED = "osl_26_1"


@dataclass(frozen=True, slots=True)
class Provision:
    """A provision: its code, where it stands and what it is about, in Swedish as in the law."""

    code: str
    section: str
    about: str

    @property
    def cited(self) -> str:
        """As it stands on a paper."""
        return f"{self.section} offentlighets- och sekretesslagen"


@cache
def provisions() -> dict[str, Provision]:
    """All, by code, in the order of the file."""
    read = yaml.safe_load((Path(__file__).parent / "data" / "provisions.yaml").read_text("utf-8"))
    return {each["code"]: Provision(**each) for each in read}
