"""What a card was asked, read back from the card itself: see `cogs.cards.asked`."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Self

import discord

from cogs.cards.asked import (
    ASKED,
    CUT,
    EXACT,
    TARGETS,
    model_line,
    options_of,
    read_explained,
    read_place,
    read_switches,
    tokenizer_line,
)
from cogs.cards.controls.items import custom_ids
from cogs.cards.controls.writing import read_written
from core import Core
from core.commands import TWO_MODELS, Command, command_of
from core.errors import BadInput, Expired
from core.reading.sampling import parse_sampling
from core.results import Explanation, ModelInfo, Result
from core.takeaway.recipe import read_exercise

APART = ("lab", "learn")
"""Commands that ask no model of their own, by the names of their pictures."""

WAYS = {"whatif": "changed"}
"""The method of the core behind a picture's name, where they differ."""

SPAN = re.compile(r"^`([^`]*)`", re.MULTILINE)


def command_of_card(message: discord.Message | None) -> Command:
    """The command of a card, by the name of its picture.

    Raises:
        Expired: It does not say, or it is one that asks no model.
    """
    way = _way_of(message)
    try:
        return command_of(way)
    except BadInput:
        raise Expired(way if way in APART else "") from None


@dataclass(frozen=True, slots=True)
class CardQuestion:
    """What has to be asked to get a card again. Whatever the card does not show exactly is `Expired` when it is needed.

    Attributes:
        way: The method of the core that gave the answer: a command, or one of `core.commands.FOLLOW_UPS`.
        top: Words per mask; 0 for commands without masks.
        says: What the card says beside its question, the name of its model among it.
    """

    way: str
    top: int
    says: str
    _text: str | None
    _asked: str | None
    _controls: tuple[str, ...] = ()

    @classmethod
    def read(cls, message: discord.Message | None) -> Self:
        """Read a card."""
        texts = list(_texts(message.components)) if message else []
        ids = {text.id or 0: text.content for text in texts}
        exact = next((id for id in ids if EXACT <= id < ASKED), 0)
        says = "\n".join(text.content for text in texts if (text.id or 0) < EXACT)
        asked = None if CUT in ids else ids.get(ASKED, "")
        controls = tuple(custom_ids(message.components)) if message else ()
        return cls(_way_of(message), exact % EXACT, says, ids[exact][1:-1] if exact else None, asked, controls)

    @property
    def text(self) -> str:
        """The text that the card is about; several are lines.

        Raises:
            Expired: It is not shown exactly.
        """
        return "\n".join(self._spans(self._asked)) if self.way == "several" else self._shown(self._text)

    @property
    def compared(self) -> str:
        """The words that were asked about beside the text, if any were.

        Raises:
            Expired: They are not shown exactly.
        """
        shown = self._shown(self._asked).strip("`")
        return shown.removeprefix(TARGETS) if shown.startswith(TARGETS) else ""

    @property
    def options(self) -> dict[str, Any]:
        """What was asked beside a text, as `cogs.cards.asked.options_of` says it of a result.

        Raises:
            Expired: That is not shown exactly.
        """
        match self.way:
            case "unmask" | "unmask_with":
                return {"top": self.top, "compare": self.compared}
            case "lens" | "patch":
                return {"compare": self.compared}
            case "why" | "why_word":
                return read_explained(SPAN.findall(self._shown(self._asked)))
            case "ablate_word" | "ablate_label":
                return read_switches(self._shown(self._asked).strip("`"))
            case "write":
                return self._sampling()
            case _:
                return {}

    def again(self, core: Core) -> partial[Awaitable[Result]]:
        """How to ask again: what is returned takes the `tenant`.

        Raises:
            Expired: The card does not show all that is needed, or a model that it names can no longer be asked for.
        """
        if self.way == "lab":
            (exercise,) = self._spans(self._asked)
            return partial(core.lab, read_exercise(exercise))
        options: dict[str, Any] = {"model": self.model(core).name}
        if self.way in TWO_MODELS.values():
            options["other"] = self._second(core).name
        match self.way:
            case "decode":
                texts = self._spans(self._asked)
            case "changed":
                texts = [self.text, *self._spans(self._asked)]
            case "attention_row":
                (place,) = self._spans(self._asked)
                texts, options = [self.text], options | read_place(place)
            case "compare":
                texts, options["others"] = [self.text], self._others(core)
            case "write":
                text, options = self.writing(core)
                texts, options["count"] = [text], 0
            case _:
                texts, options = [self.text], options | self.options
        return partial(getattr(core, self.way), *texts, **options)

    def writing(self, core: Core) -> tuple[str, dict[str, Any]]:
        """What a model went on with, and the options of `Core.write`: what it wrote is among them.

        Raises:
            Expired: As for `again`, or the card is another.
        """
        if self.way != "write":
            raise Expired
        written = read_written(self._controls)
        return self.text, {**self.options, "written": written, "model": self.model(core).name}

    def _sampling(self) -> dict[str, Any]:
        (spelt,) = self._spans(self._asked)
        try:
            return asdict(parse_sampling(spelt))
        except BadInput:
            raise Expired(self._command) from None

    def model(self, core: Core, command: Command | None = None) -> ModelInfo:
        """The model that the card names in its last line, or the first of two.

        `command` is the card's, where no picture tells it.

        Raises:
            Expired: It can no longer be asked for.
        """
        return self._models(core, command)[0]

    def _second(self, core: Core) -> ModelInfo:
        """The second of two models that the card names."""
        _, *others = self._models(core)
        if not others:
            raise Expired(self._command)
        return others[0]

    def _models(self, core: Core, command: Command | None = None) -> list[ModelInfo]:
        """The models that the card names, in its order; at least one."""
        known = {model_line(model): model for model in reversed(core.models.for_command(command or self._command))}
        begun = (line.split(" · ")[0] for line in self.says.splitlines())
        found = [known[beginning] for beginning in begun if beginning in known]
        if not found:
            raise Expired(command or self._command)
        return found

    def _others(self, core: Core) -> str:
        """The tokenizers of a comparison behind the first, which is the card's model."""
        lines = [line for line in self.says.splitlines() if line.startswith("`")]
        known = core.models.for_command(self._command)
        found = [model.name for line in lines for model in known if line.startswith(tokenizer_line(model))]
        if len(found) != len(lines):
            raise Expired(self._command)
        return ", ".join(found[1:])

    @property
    def _command(self) -> Command:
        try:
            return command_of(self.way)
        except BadInput:
            raise Expired(self.way if self.way in APART else "") from None

    def _shown(self, said: str | None) -> str:
        if said is None:
            raise Expired(self._command)
        return said

    def _spans(self, said: str | None) -> list[str]:
        """The code spans at the beginning of the lines of what was asked; at least one."""
        spans = SPAN.findall(self._shown(said))
        return spans or [self._shown(None)]


def ask_again(core: Core, result: Explanation) -> partial[Awaitable[Result]]:
    """The same for a kept result, which says itself what was asked."""
    return partial(getattr(core, result.way), result.source.text, model=result.source.model.name, **options_of(result))


def _way_of(message: discord.Message | None) -> str:
    name = message.attachments[0].filename.partition(".")[0] if message and message.attachments else ""
    return WAYS.get(name, name)


def _texts(components: Sequence[Any]) -> Iterator[discord.TextDisplay]:
    for component in components:
        if isinstance(component, discord.TextDisplay):
            yield component
        yield from _texts(getattr(component, "children", ()))
