"""Which models may be asked for by name. What people type is only ever looked up here, never taken for a path."""

from __future__ import annotations

import copy
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from core.commands import COMMANDS, Command
from core.errors import Misconfigured, NotOffered
from core.models.architectures import Kind
from core.models.config_file import unusable
from core.models.metadata import TOKENIZERS, ModelMetadata, lacks_for_tokenizer, read_metadata
from core.models.resolver import BUNDLED, resolve_model
from core.models.snapshot import on_disk
from core.results import ModelInfo
from core.settings import CoreSettings
from core.spelling import nearest

TWO_OF_A_NAME = (
    "Two of the models that are set are called {name}, and people could not tell which of them answers: "
    "give one a name of its own, for instance with a link to its folder (ln -s)."
)

OURS = "mit"
"""The licence of the bundled models: see ``core/bundled/ATTRIBUTION.md``."""


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One of the models in a list of all.

    Attributes:
        model: Which.
        kind: How it reads a text.
        commands: The commands that can ask it; all of them where nothing is known of it yet.
        defaults: Those that do where nothing is chosen.
        licence: As its card calls it, or empty.
        memory: About how many bytes it takes when it is loaded; 0 if that is not known yet.
        missing: The file or package without which its tokenizer cannot be read on this computer, or empty.
        unusable: The file that says what cannot be, or empty.
        loaded: Whether some device has it in memory.
    """

    model: ModelInfo
    kind: Kind
    commands: tuple[Command, ...]
    defaults: tuple[Command, ...]
    licence: str
    memory: int
    missing: str
    unusable: str
    loaded: bool


class ModelRegistry:
    """The models of the settings, those that the host allows besides, and the bundled ones.

    Raises:
        Misconfigured: Two folders have the same name. Two commits of one Hub id may: each command has its own.

    Attributes:
        defaults: What each command asks where nothing is chosen.
    """

    def __init__(self, settings: CoreSettings) -> None:
        self.defaults: dict[Command, ModelInfo] = {
            name: resolve_model(getattr(settings, f"{name}_model")) for name in COMMANDS
        }
        bundled = (f"bundled/{path.name}" for path in sorted(BUNDLED.iterdir()) if _holds_a_model(path))
        self._metadata: dict[ModelInfo, ModelMetadata] = {}
        self._named: dict[str, ModelInfo] = {}
        for model in (*self.defaults.values(), *map(resolve_model, (*settings.allowed_models, *bundled))):
            if self._named.setdefault(model.name, model).folder != model.folder:
                raise Misconfigured(TWO_OF_A_NAME, name=model.name)
            if folder := on_disk(model):
                self.update_metadata(model, folder)

    def get(self, command: Command, name: str = "") -> ModelInfo:
        """The model of that name, or the command's default.

        Raises:
            NotOffered: It is not among those that may be asked for, or does not fit the command.
            ModelUnavailable: It has no tokenizer that can be read.
        """
        default = self.defaults[command]
        model = default if name in ("", default.name) else self._named.get(name)
        if model is None:
            raise self._unknown(command, name)
        if not self._may_fit(command, model):
            known = self._metadata[model]
            if known.unusable:
                raise unusable(model.name, known.unusable)
            if known.missing and not known.commands:
                raise lacks_for_tokenizer(model.name, known.missing)
            raise NotOffered(
                "The model {model} does not fit /{command}: choose one from the list.",
                model=model.name,
                command=command,
            )
        return model

    def _unknown(self, command: Command, name: str) -> NotOffered:
        """The refusal of a name that no model has, with the one that may have been meant."""
        if near := nearest(name, (model.name for model in self.for_command(command))):
            return NotOffered("That model is not among those of this bot: did you mean {model}?", model=near)
        return NotOffered(
            "That model is not among those of this bot: choose one from the list, or ask the bot's host for it."
        )

    def preferring(self, name: str) -> Self:
        """The same models, where one of them is the default of every command that it fits; of none if there is no such.

        What is learnt of a model later counts for both.
        """
        chosen = copy.copy(self)
        chosen.defaults = {command: self._preferred(command, name) for command in COMMANDS}
        return chosen

    def _preferred(self, command: Command, name: str) -> ModelInfo:
        default = self.defaults[command]
        model = default if name == default.name else self._named.get(name)
        return model if model and self._may_fit(command, model) else default

    def carry_over(self, command: Command, model: ModelInfo, came_from: Command) -> str:
        """The name under which to ask for a model with another command: its own, or that of the command's default.

        A chosen model goes along where it fits; the default of one command means the default of the other. Tokens are
        always those of the model that answered, and what a model wrote is looked at with that model.
        """
        chosen = command == "tokens" or came_from == "write" or model != self.defaults[came_from]
        return (model if chosen and model in self.for_command(command) else self.defaults[command]).name

    def for_command(self, command: Command) -> list[ModelInfo]:
        """The models that can be asked for with a command, its default first; of some nothing is known yet."""
        default = self.defaults[command]
        others = (model for model in self._named.values() if model.name != default.name)
        return [default, *(model for model in others if self._may_fit(command, model))]

    def entries(self, loaded: Container[ModelInfo]) -> list[ModelEntry]:
        """A list of all, given those that are loaded."""
        models = dict.fromkeys((*self.defaults.values(), *self._named.values()))
        return [self._entry(model, model in loaded) for model in models]

    def _entry(self, model: ModelInfo, loaded: bool) -> ModelEntry:
        known = self._known(model)
        return ModelEntry(
            model,
            known.kind,
            tuple(command for command in COMMANDS if self._may_fit(command, model)),
            tuple(command for command in COMMANDS if self.defaults[command] == model),
            known.licence or (OURS if model.bundled else ""),
            known.memory(),
            known.missing,
            known.unusable,
            loaded,
        )

    def map_size(self, model: ModelInfo) -> tuple[int, int]:
        """How many layers and heads the attention maps of a model have at most; 0 for what is not known."""
        known = self._known(model)
        return known.layers, known.heads

    def kind(self, model: ModelInfo) -> Kind:
        """How a model reads a text, as far as that is known."""
        return self._known(model).kind

    def update_metadata(self, model: ModelInfo, folder: Path) -> None:
        """Read what the files of a model say about it."""
        self._metadata[model] = read_metadata(folder)

    def _known(self, model: ModelInfo) -> ModelMetadata:
        return self._metadata.get(model) or ModelMetadata(frozenset())

    def _may_fit(self, command: Command, model: ModelInfo) -> bool:
        return model not in self._metadata or command in self._metadata[model].commands


def _holds_a_model(folder: Path) -> bool:
    return any((folder / name).is_file() for name in TOKENIZERS)
