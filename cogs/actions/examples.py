"""Examples that run at the press of a button."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cogs.cards.controls.items import Press
from cogs.lessons.answering import answer_stop
from cogs.lessons.place import Place
from cogs.lessons.unit import STOPS
from cogs.requests.answering import answer
from cogs.requests.bot_base import Interaction
from cogs.requests.exercise import answer_exercise
from core.commands import COMMANDS
from core.errors import Expired
from core.models.registry import ModelEntry


@dataclass(frozen=True, slots=True)
class Example:
    """A text to try with a command and a model; that of the command if none is named."""

    command: str
    text: str
    model: str = ""


EXAMPLES = {
    "tokens": Example("tokens", "Unbelievable: a naïve café 🤗"),
    "attention": Example("attention", "The animal didn't cross the street because it was too tired."),
    "unmask": Example("unmask", "Paris is the ___ of France."),
    "write": Example("write", "Once upon a time"),
    "sentiment": Example("sentiment", "The film was not bad at all."),
    "lab": Example("lab", ""),
    "learn": Example("learn", ""),
    "decoder": Example("unmask", "I would like a cup of", "bundled/gpt-mini"),
    "patching": Example(
        "patch", "The keys to the cabinet ___ lost. [VS] The key to the cabinet ___ lost.", "bundled/bert-mini"
    ),
    "encoder-decoder": Example("attention", "I love transformers because attention is easy to see", "bundled/reverser"),
}
"""By command, for two kinds of models, and for two texts; models read English best. /lab and /learn have their own."""

TELLING = ("unmask", "sentiment", "attention", "tokens")
"""Commands, those first that tell most about what a model was trained for."""


def example_of(entry: ModelEntry) -> Example | None:
    """What to try with a model; nothing if no command can ask it."""
    own = EXAMPLES.get(entry.kind)
    if own and own.command in entry.commands:
        return replace(own, model=entry.model.name)
    fitting = entry.defaults or (("tokens",) if entry.commands == COMMANDS else entry.commands)  # all: nothing is known
    command = next((command for command in TELLING if command in fitting), None)
    return replace(EXAMPLES[command], model=entry.model.name) if command else None


async def run_example(interaction: Interaction, press: Press) -> None:
    """Run an example, for the person who asks."""
    if press.detail not in EXAMPLES:
        raise Expired
    await _run(interaction, EXAMPLES[press.detail])


async def try_model(interaction: Interaction, press: Press) -> None:
    """Run the example of the model that was chosen, for the person who asks."""
    client = interaction.client
    entries = client.core.entries(client.chosen(interaction).model)
    example = next((example_of(entry) for entry in entries if entry.model.name == press.value), None)
    if not example:
        raise Expired
    await _run(interaction, example)


async def _run(interaction: Interaction, example: Example) -> None:
    if example.command == "lab":
        await answer_exercise(interaction, private=True)
    elif example.command == "learn":
        await answer_stop(
            interaction, Place(next(iter(STOPS)), theme=interaction.client.theme(interaction)), private=True
        )
    else:
        await answer(interaction, example.command, example.text, model=example.model, private=True)
