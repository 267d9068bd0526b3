"""The page as axe-core sees it (https://github.com/dequelabs/axe-core): nothing that keeps people out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from . import samples

if TYPE_CHECKING:
    from .page import Page
    from .standin import StandIn

SERIOUS = {"serious", "critical"}


def violations(page: Page) -> list[str]:
    """What is serious, and where."""
    axe = pytest.importorskip("axe_core_python.selenium", reason="axe-core is not installed").Axe()
    found: list[dict[str, Any]] = axe.run(page.driver)["violations"]
    return [
        f"{rule['id']}: {node['html'][:150]} {node['failureSummary'][:300]}"
        for rule in found
        if rule["impact"] in SERIOUS
        for node in rule["nodes"]
    ]


def test_what_is_serious_is_found(page: Page) -> None:
    page.open()
    page.run("document.querySelector('main').append(document.createElement('button'))")
    (found,) = violations(page)
    assert found.startswith("button-name: <button></button>")


@pytest.mark.parametrize(("scheme", "width"), [("dark", 1280), ("light", 390)])
def test_nothing_serious(page: Page, server: StandIn, scheme: str, width: int) -> None:
    server.messages = [samples.answer_card(server.url), *samples.every_component(server.url)]
    page.prefer(scheme)
    page.width(width)
    page.open()
    server.send({"t": "bot", "online": False})
    assert violations(page) == []
    page.find("#entry").click()
    page.type("/")
    page.find("[role=option]")
    assert violations(page) == []
    page.type("tokens Hold on")
    page.find(".field")
    assert violations(page) == []
    server.send({"t": "modal", "nonce": 1, "interaction_id": "77", "modal": samples.MODAL})
    page.find("dialog")
    assert violations(page) == []
