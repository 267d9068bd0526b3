"""What becomes of an answer when something stands in for parts of a model: zero, their mean, another text's run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np

from core.asking.passes import BESIDE_ABLATION, BESIDE_PATCHING, OFF_TOGETHER, Progress, in_turns
from core.asking.switching import Heads, Switching, guesses, left_of
from core.errors import BadInput
from core.questions import PartAblation, PatchedRun
from core.reading.masks import answer_position, answer_positions, filling_task
from core.reading.targets import one_piece, parse_targets, tokenize_targets
from core.reading.validation import validate_text
from core.reading.versions import joined, require_alike, require_versions, telling_which
from core.results import Ablation, Guess, HeadsOff, Patching, Removal, Tokenization

SMALLEST = 0.01
"""Logits: a smaller difference between two texts is none to divide by."""

Numbers: TypeAlias = Sequence[tuple[int, ...]]
"""For one pass after the other, the numbers of some parts of a model."""

Ask: TypeAlias = Callable[[Numbers], Awaitable[Any]]
"""Asks a device what is left in each of these passes."""


class Interventions(Switching):
    """Questions that a model answers again and again, each time with other parts changed.

    `model` and `tenant` as for `core.asking.answers`; `progress` is told how many passes are done, and of how many.
    """

    async def ablate_label(
        self,
        text: str,
        *,
        mean: bool = False,
        off: Heads = (),
        model: str = "",
        tenant: Hashable = None,
        progress: Progress | None = None,
    ) -> Ablation:
        """What becomes of a text's most probable label without each head and each whole part of the classifier.

        A part's output is set to zero, or with `mean` to its mean over the text's positions. The heads `off`, each its
        layer and its number from 1, are besides switched off one after the other: see `switch_off`.
        """
        source = await self._source("ablate_label", text, model)
        tokenizer = await self._tokenizer(source.model)

        async def ask(off: Numbers) -> Any:
            question = PartAblation(tuple(source.ids), 0, mean, tuple(off))
            return await self._run("sentiment", question, source, tenant, len(off) + BESIDE_ABLATION)

        async def without(off: Numbers) -> Any:
            return (await ask(off))[1]

        labels, whole = await ask(())
        found = await self._ablated(source, whole, without, progress)
        found = replace(found, mean=mean, problem=tokenizer.problem, labels=labels)
        return await self.switch_off(found, off, tenant=tenant)

    async def ablate_word(
        self,
        text: str,
        *,
        mean: bool = False,
        mask: int = 1,
        off: Heads = (),
        model: str = "",
        tenant: Hashable = None,
        progress: Progress | None = None,
    ) -> Ablation:
        """The same for the most probable word at a mask of a text, from 1, or for what a causal model writes next."""
        source = await self._source("ablate_word", text, model)
        place, task = answer_position(source, mask), filling_task(source)

        async def ask(off: Numbers) -> Any:
            question = PartAblation(tuple(source.ids), place, mean, tuple(off))
            return await self._run("unmask", question, source, tenant, len(off) + BESIDE_ABLATION, task)

        found = replace(await self._ablated(source, await ask(()), ask, progress), mean=mean, mask=mask)
        return await self.switch_off(found, off, tenant=tenant)

    async def _ablated(self, source: Tokenization, whole: Any, ask: Ask, progress: Progress | None) -> Ablation:
        """What is left without each part, then without more and more heads, first those that change least alone.

        `whole` is what `ask` has said of the whole model: see `core.tasks.explaining.ablation.Ablated`.
        """
        answer, top, parts, _ = whole
        heads = [number for number, part in enumerate(parts) if part.kind == "head"]
        counts = sorted({-(-len(heads) * number // OFF_TOGETHER) for number in range(1, OFF_TOGETHER + 1)})
        total, tokens = len(parts) + len(counts), len(source.tokens)

        async def left(off: Numbers) -> Any:
            return (await ask(off))[-1]

        def tell(done: int) -> None:
            if progress:
                progress(done, total)

        alone = await in_turns([(number,) for number in range(len(parts))], tokens, left, tell)
        ranked = sorted(heads, key=lambda number: abs(alone[number][0] - answer[1]))
        off = [tuple(ranked[:count]) for count in counts]
        together = await in_turns(off, tokens, left, lambda done: tell(len(parts) + done))
        return Ablation(
            source,
            Guess(*answer),
            guesses(top),
            tuple(Removal(part, *left_of(answer, one)) for part, one in zip(parts, alone, strict=True)),
            tuple(HeadsOff(count, *left_of(answer, one)) for count, one in zip(counts, together, strict=True)),
        )

    async def patch(
        self,
        text: str,
        *,
        compare: str = "",
        model: str = "",
        tenant: Hashable = None,
        progress: Progress | None = None,
    ) -> Patching:
        """How far each part of the run over a second text moves the answer to a first one towards that to the second.

        `text` are both, of as many tokens, with ``[VS]`` between them; each with a gap, for a masked model. `compare`
        names two words to weigh against each other; by default they are the likeliest of each text.
        """
        sources = list[Tokenization]()
        for number, one in enumerate(require_versions(validate_text(text, "unmask"))):
            with telling_which(number):
                sources.append(await self._source("patch", one, model))
        first, second = sources
        require_alike(first, second)
        words = await self._weighed(first, compare)
        place, task, tokens = answer_positions(first)[0], filling_task(first), len(first.tokens)

        async def ask(parts: Numbers) -> Any:
            question = PatchedRun(tuple(first.ids), tuple(second.ids), place, words, tuple(parts))
            return await self._run("unmask", question, first, tenant, len(parts) + BESIDE_PATCHING, task)

        async def differences(parts: Numbers) -> list[float]:
            return (await ask(parts))[-1]

        answers, whole, (layers, heads), _ = await ask(())
        _require_difference(answers, whole)
        count = layers * heads + (layers + 1) * tokens

        def tell(done: int) -> None:
            if progress:
                progress(done, count)

        found = await in_turns([(number,) for number in range(count)], tokens, differences, tell)
        by_head, by_place = np.split(np.array(found, np.float32), [layers * heads])
        grids = by_head.reshape(layers, heads), by_place.reshape(layers + 1, tokens)
        source = replace(first, text=joined(first, second))
        return Patching(source, second, answers, whole, *grids, parse_targets(compare))

    async def _weighed(self, source: Tokenization, compare: str) -> tuple[int, ...]:
        """The ids of two words that were named; none if none were.

        Raises:
            BadInput: There is another number of them, or one has several tokens.
        """
        named = parse_targets(compare)
        if not named:
            return ()
        if len(named) != 2:
            raise BadInput(
                "Patching weighs two words against each other, and {count} are named: name two as `targets`, or none.",
                count=len(named),
            )
        tokenizer = await self._tokenizer(source.model)
        return one_piece(tokenize_targets(tokenizer, source, answer_positions(source)[0], named))


def _require_difference(answers: tuple[str, str], whole: tuple[float, float]) -> None:
    """Refuse two texts between which an answer has no way to go.

    Raises:
        BadInput: Both have the same answer, or the two words are as likely after one as after the other.
    """
    if answers[0] == answers[1]:
        raise BadInput(
            "Both texts get the same answer, so there is no difference to bring back: change another word, or name two "
            "words as `targets`."
        )
    if abs(whole[0] - whole[1]) < SMALLEST:
        raise BadInput("Between those two words the texts make no difference: change another word, or name others.")
