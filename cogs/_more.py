"""What cards say beside their headline."""

from __future__ import annotations

from cogs._language import Language
from cogs._text import quote
from core.normal import changes
from core.render.filled import chance
from core.results import AttentionMap, Tokenization, Unmasked


def together(say: Language, result: Unmasked) -> str:
    """The ways to fill several masks together, a line each."""
    lines = [
        say(
            "{words} {chance} · {method}, in the order {order}",
            words=quote(" ".join(word.strip() for word in filling.words), 80),
            chance=say.number(chance(filling.probability)),
            method=say(filling.method),
            order=", ".join(str(number + 1) for number in filling.order),
        )
        for filling in result.fillings
    ]
    return "\n".join([say("**All masks together**"), *lines])


def wrote(say: Language, attention: AttentionMap) -> list[str]:
    """What a model with a decoder wrote by itself; nothing if it did not."""
    if attention.rows is None or attention.signed or attention.rows.text == attention.source.text:
        return []
    return [say("It wrote: {text}", text=quote(attention.rows.text))]


def normalised(say: Language, source: Tokenization) -> list[str]:
    """What the tokenizer did to a text before it cut it; nothing if it did nothing."""
    changed = ", ".join(say(change) for change in changes(source))
    text = quote(source.normal or "", 200)
    return [say("Before cutting: {changes}: {text}", changes=changed, text=text)] if changed else []
