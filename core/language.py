"""A language to say things in: a table from what the code says, in English, to what its readers read."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from core.errors import CoreError


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """One language; called with a sentence, it says it. What its table lacks stays English.

    Attributes:
        code: As Discord begins the names of its locales, such as ``de``.
        sentences: What people read, by the English sentence, with its fields in braces.
        signs: What stands in numbers in the place of ``,``, ``.`` and ``%``.
    """

    code: str = "en"
    sentences: Mapping[str, str] = field(default_factory=dict[str, str])
    signs: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def load(cls, file: Path) -> Self:
        """Read a table."""
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        return cls(file.stem, table["sentences"], table["signs"])

    def __call__(self, sentence: str, /, **values: Any) -> str:
        """Say a sentence, with its values in their places: numbers as one writes them in this language.

        Without values, braces are ordinary signs.
        """
        said = self.sentences.get(sentence, sentence)
        return _Filling(self).vformat(said, (), values) if values else said

    def __repr__(self) -> str:
        return f"<Language: {self.code}>"

    def error(self, error: CoreError) -> str:
        """Say what an error says."""
        said = {name: self.error(one) if isinstance(one, CoreError) else one for name, one in error.values.items()}
        return self(error.sentence, **said)

    def number(self, written: str) -> str:
        """A number that is written the English way, as one writes it in this language."""
        return written.translate(str.maketrans(dict(self.signs)))


ENGLISH = Language()


class _Filling(string.Formatter):
    """Puts values into a sentence."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def format_field(self, value: Any, format_spec: str) -> Any:
        written = super().format_field(value, format_spec)
        return self._language.number(written) if isinstance(value, int | float) else written
