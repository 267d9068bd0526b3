"""What the words of a question say already against it, before any tokenizer or model is needed."""

from __future__ import annotations

from core.commands import command_of
from core.reading.masks import require_mask
from core.reading.targets import parse_targets
from core.reading.templates import expand_template
from core.reading.tokenizers.decoding import MOST_IDS, parse_ids
from core.reading.validation import split_lines, validate_text
from core.reading.versions import require_versions, telling_which


def check_question(way: str, text: str, targets: str = "", *, causal: bool = False) -> tuple[str, ...]:
    """The texts that are going to be read, as the models get them; none where there is nothing but a list of ids.

    Args:
        way: How it is asked: see `core.commands`.
        text: What is asked about.
        targets: Words to compare at its masks.
        causal: Whether a model may go on with a text that has no mask.

    Raises:
        BadInput: There is no such way to ask, or the text is not for it.
    """
    command = command_of(way)
    text = validate_text(text, command)
    if command == "unmask":
        for number, one in enumerate(require_versions(text) if way == "patch" else (text,)):
            with telling_which(number):
                require_mask(one, causal=causal or way == "surprisal")
        parse_targets(targets)
    match way:
        case "variants":
            return tuple(validate_text(version, command) for _, version in expand_template(text))
        case "several":
            return split_lines(text)
        case "patch":
            return require_versions(text)
        case "decode":
            parse_ids(text, MOST_IDS)
            return ()
        case _:
            return (text,)
