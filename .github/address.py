"""Put the repository's address into what is published: ``python .github/address.py https://forge/owner/name v0.1.0``.

A package index shows README.md without the files beside it. So its links get the address in front, at the tag that is
published, and pyproject.toml gets its URLs. Only who publishes knows the address: the repository itself names none.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:|#|mailto:)([^)\s]+)\)")
URLS = """
[project.urls]
Repository = "{address}"
Documentation = "{address}/tree/{tag}/docs"
Changelog = "{address}/blob/{tag}/CHANGELOG.md"
Issues = "{address}/issues"
"""


def absolute(text: str, address: str, tag: str) -> str:
    """Markdown whose links and pictures are found from anywhere."""

    def with_address(link: re.Match[str]) -> str:
        picture, words, path = link.groups()
        return f"{picture}[{words}]({address}/{'raw' if picture else 'blob'}/{tag}/{path})"

    return LINK.sub(with_address, text)


def main(address: str, tag: str) -> None:
    """Change README.md and pyproject.toml in the current folder."""
    readme, project = Path("README.md"), Path("pyproject.toml")
    readme.write_text(absolute(readme.read_text(encoding="utf-8"), address, tag), encoding="utf-8")
    settings = project.read_text(encoding="utf-8")
    project.write_text(settings + URLS.format(address=address, tag=tag), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
