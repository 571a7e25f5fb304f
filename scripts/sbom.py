"""What the product is made of, as CycloneDX: installed packages, and the vendored front-end parts.

    scripts/sbom.py [FILE]     writes FILE (var/sbom.cdx.json) and checks licences; exit 1 when one
                               that is shipped has a licence that nobody has said yes to

What is needed at run time has the scope ``required``, what an extra brings ``optional``, tools of
development ``excluded``. Vendored files are listed with their SHA-256, as in their manifest.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
STATIC = ROOT / "matchsvc/web/static"
#: What may be shipped together with a program under EUPL-1.2 by whoever runs it.
ALLOWED = {
    *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "EUPL-1.2", "ISC", "MIT"),
    *("MIT-0", "MIT-CMU", "MPL-2.0", "OFL-1.1", "PSF-2.0", "Python-2.0", "Zlib", "HPND"),
    *("LGPL-3.0-only", "LGPL-2.1-or-later", "Apache-2.0 WITH LLVM-exception"),
}
#: Said only in words, or not at all, in what the package tells; read in the package itself.
SAID_ELSEWHERE = {
    "partd": "BSD-3-Clause",
    "protobuf": "BSD-3-Clause",
    "pypdfium2": "BSD-3-Clause",
    "python-stdnum": "LGPL-2.1-or-later",
    "python-dateutil": "BSD-3-Clause",
    "ortools": "Apache-2.0",
    "sortedcontainers": "Apache-2.0",
    "sparse-dot-topn": "Apache-2.0",
}
#: Classifiers that name one licence.
CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "ISC License (ISCL)": "ISC",
}
#: Vendored parts: the name in package.json, its licence, and where its files lie.
VENDORED = {
    "@digdir/designsystemet-css": ("MIT", "vendor/designsystemet/"),
    "@fontsource-variable/source-sans-3": ("OFL-1.1", "fonts/source-sans-3"),
    "@fontsource-variable/vazirmatn": ("OFL-1.1", "fonts/vazirmatn"),
    "htmx.org": ("0BSD", "vendor/htmx/"),
    "lucide-static": ("ISC", "vendor/icons/"),
}


def normal(name: str) -> str:
    """A package's name as the index spells it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def needed(package: str, extras: frozenset[str] = frozenset()) -> set[str]:
    """The packages that one needs, itself among them, with these extras."""
    found: set[str] = set()
    waiting = [(normal(package), extras)]
    while waiting:
        name, wanted = waiting.pop()
        found.add(name)
        try:
            asked = [Requirement(line) for line in requires(name) or []]
        except PackageNotFoundError:
            continue
        for each in asked:
            applies = each.marker is None or any(
                each.marker.evaluate({"extra": extra}) for extra in ("", *wanted)
            )
            if applies and normal(each.name) not in found:
                waiting.append((normal(each.name), frozenset(each.extras)))
    return found


def installed() -> dict[str, Any]:
    """The bill of what is installed, by the tool of the standard."""
    command = [
        *(str(Path(sys.executable).parent / "cyclonedx-py"), "environment", "--no-validate"),
        *("--output-reproducible", "--pyproject", str(ROOT / "pyproject.toml"), sys.executable),
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    bill: dict[str, Any] = json.loads(done.stdout)
    return bill


def vendored() -> list[dict[str, Any]]:
    """The front-end parts with each of their files and its hash."""
    versions = json.loads((ROOT / "package.json").read_text("utf-8"))["devDependencies"]
    lines = (STATIC / "vendor/MANIFEST.sha256").read_text("utf-8").splitlines()
    files = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    return [
        {
            "type": "library",
            "bom-ref": f"npm:{name}",
            "name": name,
            "version": versions[name],
            "purl": f"pkg:npm/{name.replace('@', '%40')}@{versions[name]}",
            "scope": "required",
            "licenses": [{"license": {"id": licence}}],
            "components": [
                {"type": "file", "name": file, "hashes": [{"alg": "SHA-256", "content": digest}]}
                for file, digest in sorted(files.items())
                if file.startswith(folder)
            ],
        }
        for name, (licence, folder) in VENDORED.items()
    ]


def bill_of_materials() -> dict[str, Any]:
    """All of it."""
    bill = installed()
    always, sometimes = needed("matchsvc"), needed("matchsvc", frozenset({"fast", "dask"}))
    for part in bill["components"]:
        name = normal(part["name"])
        part["scope"] = (
            "required" if name in always else "optional" if name in sometimes else "excluded"
        )
    bill["components"] += vendored()
    return bill


def licences_of(part: dict[str, Any]) -> set[str]:
    """The licences that hold for a part: the standard's short names, or what it says instead."""
    name = normal(part["name"])
    if name in SAID_ELSEWHERE:
        return {SAID_ELSEWHERE[name]}
    said = part.get("licenses", [])
    short = [each["license"]["id"] for each in said if "id" in each.get("license", {})]
    short += [each["expression"] for each in said if "expression" in each]
    if not short:
        words = [each["license"].get("name", "") for each in said if "license" in each]
        short = [CLASSIFIERS.get(word.rpartition(" :: ")[2], word) for word in words]
    parts = (re.split(r" (?:AND|OR) ", each.strip("()")) for each in short)
    return {one.strip("() ") for each in parts for one in each}


def not_agreed(bill: dict[str, Any]) -> list[str]:
    """Shipped parts with a licence that nobody has said yes to, or with none."""
    return [
        f"{part['name']} {part.get('version', '')}: {', '.join(sorted(found)) or 'no licence told'}"
        for part in bill["components"]
        if part["scope"] != "excluded" and (not (found := licences_of(part)) or found - ALLOWED)
    ]


def main() -> int:
    """Write the bill; say what was found."""
    file = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "var/sbom.cdx.json")
    bill = bill_of_materials()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(bill, indent=1, ensure_ascii=False) + "\n", "utf-8")
    counted = {
        scope: sum(part["scope"] == scope for part in bill["components"])
        for scope in ("required", "optional", "excluded")
    }
    print(f"{file}: {counted}")
    for line in (wrong := not_agreed(bill)):
        print(f"licence: {line}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
