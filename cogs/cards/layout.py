"""How a kind of result looks on a card: its picture, its lines and its controls."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass, replace
from typing import Any

from cogs.cards.audience import Audience, audience_buttons
from cogs.cards.controls.items import Control, button
from cogs.cards.markdown import word_span
from cogs.cards.spacing import without_spaces
from cogs.cards.view_state import ViewState
from core.facade import View
from core.language import Language
from core.results import Result

OTHER_COMMANDS = {"sentiment": "Sentiment", "tokens": "Tokens", "attention": "Attention"}
"""Commands that can look at the text of another card."""

IN_A_ROW = 5
"""The most buttons that Discord allows in a row."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How one kind of result looks on a card.

    Attributes:
        command: The command or button that it answers; the picture's file is named after it.
        view: The picture, of a result seen in some way.
        first_line: What the headline says, if not what the picture's title does.
        notes: More lines below the text.
        rows: Rows of controls of its own, given the result's key.
        actions: Buttons of its own beside "As text": what they do, their detail and their label.
        one_text: Whether it is about one text, which other commands can look at, too.
    """

    command: str
    view: Callable[[Any, ViewState], View]
    first_line: Callable[[Language, Any, ViewState], str] | None = None
    notes: Callable[[Language, Any], list[str]] = lambda *_: []
    rows: Callable[[Language, str, Any, ViewState], list[list[Control]]] = lambda *_: []
    actions: tuple[tuple[str, str, str], ...] = ()
    one_text: bool = True

    def headline(self, say: Language, result: Result, state: ViewState) -> str:
        """What there is to see, in one sentence."""
        if self.first_line:
            return self.first_line(say, result, state)
        view: Any = self.picture(say, result, state)
        return view.finding(word_span)

    def picture(self, say: Language, result: Result, state: ViewState) -> View:
        """The picture of a result, on the ground that is wanted, in a language."""
        view: Any = self.view(result, state)  # every view is a dataclass with these two
        return replace(view, theme=state.theme, say=say)

    @property
    def lenses(self) -> list[str]:
        """The ways of asking about the same text that are among its own buttons."""
        return [detail for action, detail, _ in self.actions if action == "lens"]

    def controls(
        self,
        say: Language,
        key: str,
        result: Result,
        state: ViewState,
        offered: Container[str],
        audience: Audience,
    ) -> list[list[Control]]:
        """All rows of controls of a card for its audience; `offered` is what may be asked about it."""
        rows = self.rows(say, key, result, state)
        # only a card with more to change than its theme is worth changing together
        for_others = audience_buttons(say, key, state, audience) if rows or audience == "private" else []
        if "rescue" in offered:
            seen = without_spaces(result, state)
            rows.append([button("rescue", key, f"{self.command}.{seen}", say("Read it with a space"))])
        own = [
            button(action, key, state.detail_for(detail) if detail else str(state), say(label))
            for action, detail, label in self.actions
            if (detail if action == "lens" else action) in offered or action not in ("lens", "matters")
        ]
        others = [name for name in OTHER_COMMANDS if name in offered]
        lenses = [button("lens", key, state.detail_for(name), say(OTHER_COMMANDS[name])) for name in others]
        buttons = [button("numbers", key, str(state), say("As text")), *own, *lenses, *for_others]
        return [*rows, *(buttons[n : n + IN_A_ROW] for n in range(0, len(buttons), IN_A_ROW))]
