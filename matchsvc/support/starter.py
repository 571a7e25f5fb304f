"""What a unit begins with: blocks of the information pack, and questions with answers, as data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).parent / "data" / "starter.yaml"
_DATA: dict[str, list[dict[str, Any]]] = yaml.safe_load(_FILE.read_text("utf-8"))
BLOCKS = tuple({key: str(text).strip() for key, text in each.items()} for each in _DATA["blocks"])
QUESTIONS = tuple(
    {key: str(text).strip() for key, text in each.items()} for each in _DATA["questions"]
)
