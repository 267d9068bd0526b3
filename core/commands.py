"""What can be asked: the commands, each with a model of its own, and what goes deeper into their answers."""

from __future__ import annotations

from typing import Literal

from core.errors import BadInput

Command = Literal["sentiment", "unmask", "write", "tokens", "attention"]
COMMANDS: tuple[Command, ...] = ("sentiment", "unmask", "write", "tokens", "attention")

COMMAND_TASKS: dict[Command, tuple[str, ...]] = {
    "sentiment": ("sentiment",),
    "unmask": ("unmask", "causal"),
    "write": ("causal",),
    "tokens": (),
    "attention": ("attention", "across"),
}
"""The `core.tasks` that answer a command; which of them depends on the kind of model."""

IN_TURNS = ("ablate_word", "ablate_label", "patch")
"""Ways of asking that take their time, and tell how far they are: see `core.asking.passes.Progress`."""

FOLLOW_UPS: dict[str, Command] = {
    "layers": "unmask",
    "why_word": "unmask",
    "lens": "unmask",
    "patch": "unmask",
    "ablate_word": "unmask",
    "surprisal": "unmask",
    "why": "sentiment",
    "ablate_label": "sentiment",
    "variants": "sentiment",
    "changed": "sentiment",
    "several": "sentiment",
    "compare": "tokens",
    "decode": "tokens",
    "attention_row": "attention",
    "sentiment_with": "sentiment",
    "unmask_with": "unmask",
    "attention_with": "attention",
}
"""What can be asked about an answer, by the name of a method, and the command whose models and rules it shares."""

TWO_MODELS = {"sentiment": "sentiment_with", "unmask": "unmask_with", "attention": "attention_with"}
"""How two models are asked what a command asks one."""


def command_of(way: str) -> Command:
    """The command whose models and rules a way of asking has: that of the name, or the one it goes deeper into.

    Raises:
        BadInput: There is no such way, as in a control that another version made.
    """
    for command in COMMANDS:
        if command == FOLLOW_UPS.get(way, way):
            return command
    raise BadInput("That control belongs to an older version of the bot: run the command again.")
