"""Ask the package index whether anything that we lock has a known weakness.

    scripts/audit.py     exit 1 when something has; 0 when nothing has, or nobody answered

Where the index gives no data about weaknesses, as many mirrors do not, it says so loudly: «not
checked» is not «none found». docs/hardening.md says who asks then.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
#: Weaknesses that do not concern us: the id, why not, and until when that was judged.
ACCEPTED: dict[str, str] = {}
#: Asked first: when even this one is not answered for, none is.
KNOWN = "flask"
SECONDS = 60


def locked() -> list[str]:
    """``name==version`` of everything that we lock for this Python."""
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    asked = [Requirement(line) for line in lines if line]
    return sorted(
        f"{each.name}{each.specifier}"
        for each in asked
        if each.marker is None or each.marker.evaluate()
    )


def ask(pins: list[str]) -> list[dict[str, Any]]:
    """What the index says of each; empty when it does not answer."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(pins))
        file.flush()
        command = [
            *(str(Path(sys.executable).parent / "pip-audit"), "--requirement", file.name),
            *("--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off"),
            *("--vulnerability-service", "pypi", "--timeout", "5"),
        ]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=SECONDS, check=False
            )
            found: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
        except (subprocess.TimeoutExpired, OSError, ValueError, KeyError):
            return []
    return found


def judge(found: list[dict[str, Any]], asked: int) -> tuple[int, list[str]]:
    """The exit code, and what to say.

    Args:
        found: as pip-audit tells it, one a package.
        asked: how many were asked about.
    """
    checked = [each for each in found if "vulns" in each]
    wrong = [
        f"{each['name']} {each['version']}: {weak['id']}, mended in "
        f"{', '.join(weak.get('fix_versions', [])) or 'no version'}"
        for each in checked
        for weak in each["vulns"]
        if not {weak["id"], *weak.get("aliases", [])} & ACCEPTED.keys()
    ]
    said = [f"weakness: {line}" for line in wrong]
    if len(checked) < asked:
        said.append(f"NOT CHECKED: no answer for {asked - len(checked)} of {asked} packages")
    if checked:
        said.append(f"checked: {len(checked)}, with known weaknesses: {len(wrong)}")
    return (1 if wrong else 0), said


def main() -> int:
    """Ask, and say."""
    pins = locked()
    first = ask([pin for pin in pins if pin.startswith(f"{KNOWN}==")])
    answers = any("vulns" in each for each in first)
    code, said = judge(ask(pins) if answers else [], len(pins))
    print("\n".join(said))
    return code


if __name__ == "__main__":
    sys.exit(main())
