"""Look for known vulnerabilities in the tested set of packages: ``python -m tests.audit``.

Asks the Open Source Vulnerabilities database (https://google.github.io/osv.dev/post-v1-querybatch/) about every line of
``constraints.txt``. Exit code 1: there is one. Where the database cannot be reached this says so and stops nobody.
"""

from __future__ import annotations

import json
import sys
import urllib.error
import urllib.request
from pathlib import Path

CONSTRAINTS = Path(__file__).parents[1] / "constraints.txt"
DATABASE = "https://api.osv.dev/v1/querybatch"
SECONDS = 15


def pinned(text: str) -> list[tuple[str, str]]:
    """Names and versions of a file of constraints."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [(name, version) for line in lines if line for name, _, version in [line.partition("==")]]


def vulnerabilities(packages: list[tuple[str, str]], database: str = DATABASE) -> dict[str, list[str]]:
    """The ids of known vulnerabilities, by ``name==version``; those without any are left out.

    Raises:
        OSError: The database cannot be reached.
    """
    queries = [{"package": {"name": name, "ecosystem": "PyPI"}, "version": version} for name, version in packages]
    body = json.dumps({"queries": queries}).encode()
    request = urllib.request.Request(database, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:
        results = json.load(answer)["results"]
    found = zip(packages, results, strict=True)
    return {
        f"{name}=={version}": [one["id"] for one in row["vulns"]] for (name, version), row in found if row.get("vulns")
    }


def main(database: str = DATABASE) -> int:
    """Print what is found."""
    packages = pinned(CONSTRAINTS.read_text(encoding="utf-8"))
    try:
        found = vulnerabilities(packages, database)
    except OSError as error:
        print(f"Audit skipped: {database} cannot be reached ({type(error).__name__}).")
        return 0
    for package, ids in found.items():
        print(f"{package}: {', '.join(ids)}: see https://osv.dev/vulnerability/{ids[0]}")
    print(f"{len(packages)} packages, {len(found)} with known vulnerabilities.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
