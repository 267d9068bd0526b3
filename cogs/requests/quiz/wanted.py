"""What somebody wants who starts a round of the quiz."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cogs.cards.markdown import strip_invisible
from core.errors import BadInput
from core.models.registry import ModelRegistry
from core.quiz import KINDS, LONGEST, Kind
from core.reading.masks import ANY_MASK

MOST_SECONDS = 10 * 60
"""After which somebody may let a round end by itself."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A round that somebody wants; what is empty is left to chance, or as it is here.

    Attributes:
        kind: Of which kind.
        text: What to ask about.
        model: The name of the model to ask.
        theme: Of its pictures.
        seconds: After which it ends by itself.
        points: Of the rounds before, by person, if they are counted.
        private: Whether only that person sees it; as the server has it if nothing is said.
    """

    kind: Kind | None = None
    text: str = ""
    model: str = ""
    theme: str = ""
    seconds: int = 0
    points: Mapping[int, int] | None = None
    private: bool | None = None

    def shown_text(self) -> str:
        """The text as a card can show all of it, and as it can be read back from there.

        Raises:
            BadInput: It is too long, or there is nothing in it.
        """
        shown = strip_invisible(self.text).replace("`", "ˋ")
        if len(shown) > LONGEST:
            raise BadInput("A round is about at most {most} characters: shorten the text.", most=LONGEST)
        if self.text and not shown:
            raise BadInput("There is nothing to read in that text: write a sentence, or leave it out.")
        return shown


def fitting_kinds(models: ModelRegistry, kind: Kind | None, text: str, model: str) -> list[Kind]:
    """The kinds to choose from: that which is wanted, or all that go with a text and the name of a model."""
    if kind:
        return [kind]
    gap = bool(ANY_MASK.search(text))
    kinds: list[Kind] = [one for one in KINDS if not text or (one == "word") == gap]
    fitting: list[Kind] = [
        one for one in kinds if any(model in ("", known.name) for known in models.for_command(KINDS[one].command))
    ]
    return fitting or kinds
