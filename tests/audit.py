"""Look for known vulnerabilities in the tested set of packages: ``python -m tests.audit``.

Compares every line of ``constraints.txt`` with ``tests/advisories.toml``, and asks the Open Source Vulnerabilities
database (https://google.github.io/osv.dev/post-v1-querybatch/) about it. Exit code 1: there is one. Where the database
cannot be reached, this says what was not checked, and stops nobody.
"""

from __future__ import annotations

import json
import sys
import tomllib
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import Version

CONSTRAINTS = Path(__file__).parents[1] / "constraints.txt"
ADVISORIES = Path(__file__).with_name("advisories.toml")
DATABASE = "https://api.osv.dev/v1/querybatch"
SECONDS = 15


def pinned(text: str) -> list[tuple[str, str]]:
    """Names and versions of a file of constraints."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [(name, version) for line in lines if line for name, _, version in [line.partition("==")]]


def listed(packages: list[tuple[str, str]], advisories: dict[str, Any]) -> dict[str, list[str]]:
    """The ids of the listed vulnerabilities, by ``name==version``."""
    mended = advisories["mended"]
    return {
        f"{name}=={version}": mended[canonicalize_name(name)]["ids"]
        for name, version in packages
        if (known := mended.get(canonicalize_name(name))) and Version(version) < Version(known["version"])
    }


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
    advisories = tomllib.loads(ADVISORIES.read_text(encoding="utf-8"))
    found = listed(packages, advisories)
    try:
        found |= vulnerabilities(packages, database)
        checked = ""
    except (OSError, ValueError, KeyError, HTTPException) as error:
        checked = (
            f" NOT CHECKED: what became known after {advisories['as_of']} or is not in {ADVISORIES.name}, for "
            f"{database} cannot be reached ({type(error).__name__})."
        )
    for package, ids in found.items():
        print(f"{package}: {', '.join(ids)}: see https://osv.dev/vulnerability/{ids[0]}")
    print(f"{len(packages)} packages, {len(found)} with known vulnerabilities.{checked}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
