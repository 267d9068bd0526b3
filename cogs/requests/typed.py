"""What somebody typed, shown in the refusal of it, and read back from there: see `cogs.actions.edit`.

Nothing of it is kept in memory. Only its author sees the refusal, which outlives the process.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import discord
from discord import app_commands, ui

from cogs.cards.controls.items import NOTHING, button
from core.errors import Expired
from core.language import Language
from core.reading.validation import replace_surrogates

TYPED = "typed"
"""Where an interaction that sends a form keeps what was written into it."""

LONGEST_EMBED, LONGEST_EMBEDS = 4096, 6000
"""Characters that Discord takes in the description of an embed, and in all embeds of a message."""

OPTION = re.compile(r"(\w+):(\S+)")
ESCAPED = re.compile(r"\\u\{([0-9a-f]{1,6})\}")


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed.

    Attributes:
        form: The custom_id of the form in which it can be changed.
        title: What it is: a command, or a form.
        texts: What was written, by the name of the option or the field.
        options: Options that are a number or one of several choices, as they are typed.
    """

    form: str
    title: str
    texts: Mapping[str, str]
    options: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def of_command(cls, command: str, texts: Mapping[str, str], options: Mapping[str, str]) -> Self:
        """A slash command."""
        return cls(f"edited:{NOTHING}:{command}", f"/{command}", texts, options)

    @classmethod
    def of(cls, interaction: discord.Interaction[Any]) -> Typed | None:
        """What was typed for an interaction, if anything was."""
        command, said = interaction.command, interaction.data or {}
        if not isinstance(command, app_commands.Command):
            return interaction.extras.get(TYPED)
        given = {str(one["name"]): str(one["value"]) for one in said.get("options", ()) if "value" in one}
        words = [one.display_name for one in command.parameters if takes_words(one)]
        texts = {name: given[name] for name in words if name in given}
        options = {name: value for name, value in given.items() if name not in texts}
        return cls.of_command(command.name, texts, options)

    @classmethod
    def read(cls, message: discord.Message | None, form: str) -> Self:
        """Read what `show` made.

        Raises:
            Expired: There is nothing of that kind in the message.
        """
        if not message or not message.embeds:
            raise Expired
        first, last = message.embeds[0], message.embeds[-1]
        texts = {one.title or "": _unescape(one.description or "") for one in message.embeds}
        return cls(form, first.author.name or "", texts, dict(OPTION.findall(last.footer.text or "")))

    def show(self, say: Language) -> dict[str, Any]:
        """What to send along with a refusal: the texts, and a button that opens them; nothing if Discord takes less."""
        options = " ".join(f"{name}:{value}" for name, value in self.options.items())
        blocks = {name: f"```\n{_escape(replace_surrogates(text))}\n```" for name, text in self.texts.items()}
        sizes = [_units(block) for block in blocks.values()]
        around = _units("".join([self.title, options, *blocks]))
        if not blocks or max(sizes) > LONGEST_EMBED or sum(sizes) + around > LONGEST_EMBEDS:
            return {}
        embeds = [discord.Embed(title=name, description=block) for name, block in blocks.items()]
        embeds[0].set_author(name=self.title)
        if options:
            embeds[-1].set_footer(text=options)
        action, key, detail = self.form.split(":")
        view = ui.View(timeout=None)
        view.add_item(button("edit", key, f"{action}.{detail}", say("Edit"), style=discord.ButtonStyle.primary))
        view.stop()  # its button works by itself
        return {"embeds": embeds, "view": view}


def takes_words(parameter: app_commands.Parameter) -> bool:
    """Whether an option of a command takes whatever is written."""
    return parameter.type is discord.AppCommandOptionType.string and not parameter.choices


def _units(text: str) -> int:
    """As many characters as Discord counts at most."""
    return len(text.encode("utf-16-le")) // 2


def _escape(text: str) -> str:
    """A text that ends no code block and hides nothing, from which `_unescape` makes exactly the same again."""
    return "".join(sign if _is_plain(sign) else f"\\u{{{ord(sign):x}}}" for sign in text)


def _is_plain(sign: str) -> bool:
    joined = sign in "\n\u200d"  # that one is within many emoji
    return joined or (sign not in "\\`" and unicodedata.category(sign) not in {"Cc", "Cf", "Co"})


def _unescape(block: str) -> str:
    text = block.removeprefix("```\n").removesuffix("\n```")
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
