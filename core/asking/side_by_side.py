"""The same question to two models: two requests in the queue, and both answers in one result."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Hashable
from contextlib import contextmanager
from typing import Any

from core.asking.answers import Answers
from core.commands import Command, command_of
from core.errors import BadInput, Busy, Closed, CoreError, OfModel
from core.maps.requests import is_pair
from core.reading.checks import check_question
from core.reading.separators import split_versions
from core.results import ModelInfo, TwoFillings, TwoMaps, TwoSentiments

OPTION = "with"
"""What people call the second model."""


class SideBySide(Answers):
    """Questions to two models, `model` and `other`; what goes wrong with one of them says with which."""

    async def sentiment_with(self, text: str, *, other: str, model: str = "", tenant: Hashable = None) -> TwoSentiments:
        """How two classifiers read a text: see `Answers.sentiment`. Each has its own labels."""
        return TwoSentiments(await self._both("sentiment", text, model, other, tenant=tenant))

    async def unmask_with(
        self,
        text: str,
        *,
        other: str,
        model: str = "",
        top: int = 5,
        compare: str = "",
        tenant: Hashable = None,
    ) -> TwoFillings:
        """What two language models put at the masks of a text: see `Answers.unmask`.

        One of them may be causal where there is a single gap: it reads only what stands before that.
        """
        asked = {"top": top, "compare": compare}
        return TwoFillings(await self._both("unmask", text, model, other, **asked, tenant=tenant))

    async def attention_with(self, text: str, *, other: str, model: str = "", tenant: Hashable = None) -> TwoMaps:
        """The attention of two models within a text, or within a pair: see `Answers.attention`.

        Of a model with a decoder it is that of the encoder, which reads the text as the other model does.
        """
        found = TwoMaps(await self._both("attention", text, model, other, tenant=tenant))
        if is_pair(text) and any(one.rows for one in found.answers):
            raise BadInput(
                "A model with a decoder writes the second text where the other reads it: leave out `second:`, or "
                "`with:`."
            )
        return found

    def check(
        self, way: str, text: str, model: str = "", *, read: bool = True, other: str = "", **options: Any
    ) -> None:
        """Refuse what can be refused at once: see `Service.check`; `layer` and `head` are those of the first model."""
        if not other:
            super().check(way, text, model, read=read, **options)
            return
        command = command_of(way)
        check_question(command, text, options.get("compare", ""), causal=True)
        if command != "sentiment" and len(split_versions(text)) > 1:
            raise BadInput("Two models are compared on one text: leave out `with:`, or `against:`.")
        models = self.models_beside(command, model, other)
        placed = options, {name: value for name, value in options.items() if name not in ("layer", "head")}
        for one, given in zip(models, placed, strict=True):
            with _named(one.name):
                super().check(command, text, one.name, read=read, **given)

    def models_beside(self, command: Command, model: str, other: str) -> tuple[ModelInfo, ModelInfo]:
        """The models of such a question: `model`, or the command's own, and `other`.

        Raises:
            BadInput: They are the same.
            ModelUnavailable: There is none of such a name.
        """
        first = self.models.get(command, model)
        with _named(OPTION):
            second = self.models.get(command, other)
        if first == second:
            raise BadInput(
                "That would be {model} twice: name another model in `with:`, to see where the two differ.",
                model=first.name,
            )
        return first, second

    async def _both(self, command: Command, text: str, model: str, other: str, **options: Any) -> tuple[Any, Any]:
        """The answers of both, asked at once."""
        self._check_open()
        self.check(command, text, model, read=False, other=other, compare=options.get("compare", ""))

        async def ask(one: ModelInfo) -> Any:
            with _named(one.name):
                return await getattr(self, command)(text, model=one.name, **options)

        first, second = await asyncio.gather(*map(ask, self.models_beside(command, model, other)))
        return first, second


@contextmanager
def _named(model: str) -> Generator[None]:
    """Say of what goes wrong with which model it does; what holds up every question is told as it is."""
    try:
        yield
    except (Busy, Closed):
        raise
    except CoreError as error:
        raise OfModel(model, error) from error
