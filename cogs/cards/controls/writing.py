"""The controls below what a model wrote, and the tokens that it wrote, which travel in them.

A text that is cut into tokens again may give others than those that were written, so the tokens themselves are kept:
their ids stand in the custom_ids of the buttons, some in each.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator

from cogs.cards.controls.items import Control, Press, button
from cogs.cards.view_state import ViewState
from core.errors import Expired
from core.language import Language
from core.results import Written

STEPS = {"likeliest": "Likeliest", "draw": "Draw one", "ten": "Write ten", "back": "Back"}
"""What the buttons do, and what they are called."""

SETTINGS = "Settings"
"""What the button is called that opens a form with temperature, top-k, top-p and seed."""

IN_EACH = 16
"""Tokens in the custom_id of a button; the buttons have room for `core.reading.continuation.MOST_WRITTEN`."""

BYTES = 3
"""Of a token's id."""


def writing_rows(say: Language, key: str, result: Written, state: ViewState) -> list[list[Control]]:
    """Buttons that write one token or ten, take one back, and change the settings."""
    ids = [token.id for token in result.written]
    parts = (_pack(ids[start : start + IN_EACH]) for start in range(0, IN_EACH * len(STEPS), IN_EACH))
    steps = [
        button(
            "write",
            key,
            f"{step}.{state.theme}.{part}",
            say(STEPS[step]),
            disabled=not ids if step == "back" else bool(result.ending),
        )
        for step, part in zip(STEPS, parts, strict=True)
    ]
    return [[*steps, button("sampling", key, state.theme, say(SETTINGS))]]


def read_written(custom_ids: Iterable[str]) -> tuple[int, ...]:
    """The ids of the tokens that were written, from the controls of a card.

    Raises:
        Expired: They are not those of such a card.
    """
    parts = [parse_step(press.detail)[2] for press in _presses(custom_ids) if press.action == "write"]
    if len(parts) != len(STEPS):
        raise Expired("write")
    return tuple(id for part in parts for id in _unpack(part))


def parse_step(detail: str) -> tuple[str, str, str]:
    """What a button does, the theme of its card, and the tokens that it carries.

    Raises:
        Expired: It is no such button.
    """
    step, _, rest = detail.partition(".")
    theme, _, part = rest.partition(".")
    if step not in STEPS:
        raise Expired("write")
    return step, theme, part


def _presses(custom_ids: Iterable[str]) -> Iterator[Press]:
    for custom_id in custom_ids:
        try:
            yield Press.parse(custom_id)
        except Expired:
            continue


def _pack(ids: Iterable[int]) -> str:
    return base64.urlsafe_b64encode(b"".join(id.to_bytes(BYTES, "big") for id in ids)).decode()


def _unpack(part: str) -> Iterator[int]:
    try:
        read = base64.urlsafe_b64decode(part)
    except ValueError:
        raise Expired("write") from None
    for start in range(0, len(read), BYTES):
        yield int.from_bytes(read[start : start + BYTES], "big")
