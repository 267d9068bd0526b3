"""What the bot says, read from its code: the sentences of errors, and what is given to a `Language`."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields as fields_of
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

from bot.playground.exchange import NO_RESPONSE
from cogs.cards.audience import OFFERS
from cogs.cards.card import BUNDLED_MODELS
from cogs.cards.layouts import ABLATIONS, LAYOUTS
from cogs.lessons.unit import STOPS
from core.asking.answers import FILLING_METHODS
from core.errors import CoreError
from core.maps.measures import BEHAVIOURS
from core.maps.tour import SALIENT
from core.reading.tokenizers.normalisation import CHANGES
from core.render.kit.wording import cautions, findings
from core.render.lab.steps import KIND_NAMES

from .said_on_page import page_sentences

ROOT = Path(__file__).parents[1]
PAGE = [
    ROOT / "bot" / "playground" / name
    for name in (*(f"client/{name}.py" for name in ("composer", "forms", "locales", "people")), "page.py", "world.py")
]
BOT = [path for path in (ROOT / "bot").rglob("*.py") if "playground" not in path.parts]
SAYING = [*(ROOT / "core").rglob("*.py"), *(ROOT / "cogs").rglob("*.py"), *BOT, *PAGE]
"""All code that people may hear of, on Discord or on the page; the rest of the local Discord speaks to developers."""
HOSTS = {"command_line.py", "failures.py", "doctor.py", "limits.py", "memory_limits.py", "probes.py", "server_file.py"}
"""Code that speaks to hosts, in the terminal."""
LIBRARY = {"drawing.py", "notebook.py", "pieces.py", "view.py", "weights.py"}
"""Code that speaks to whoever imports the library, in English."""
ELSEWHERE: dict[str, Callable[[], Iterable[str]]] = {
    "label": lambda: (
        label
        for *_, label in (
            *OFFERS.values(),
            *(a for face in (*LAYOUTS.values(), *ABLATIONS.values()) for a in face.actions),
        )
    ),
    "stop.title": lambda: (stop.title for stop in STOPS.values()),
    "stop.tells": lambda: (stop.tells for stop in STOPS.values()),
    "place.stop.typed": lambda: (stop.typed for stop in STOPS.values()),
    "stop.name": lambda: (*SALIENT, *BEHAVIOURS),
    "kind.name": lambda: (*SALIENT, *BEHAVIOURS),
    "name": lambda: BEHAVIOURS,
    "BUNDLED_MODELS[source.model.name]": BUNDLED_MODELS.values,
    "filling.method": lambda: FILLING_METHODS,
    "change": lambda: CHANGES,
    "KIND_NAMES[kind]": KIND_NAMES.values,
    "sentence": lambda: FINDINGS,
    "exchange.failed": lambda: [NO_RESPONSE],
    "cautions.for_head(self.map, *self.indices)": lambda: CAUTIONS,
    "cautions.for_norms(self.map, self.head)": lambda: CAUTIONS,
    "cautions.for_all(self.map)": lambda: CAUTIONS,
}
"""What is said by a name that does not tell what it can be."""
FINDINGS = [text for name, text in vars(findings).items() if name.isupper() and isinstance(text, str)]
CAUTIONS = [text for name, text in vars(cautions).items() if name.isupper() and isinstance(text, str)]
FIELD = re.compile(r"\{(\w+)(?::[^{}]*)?\}")


def sentences() -> dict[str, str]:
    """Every sentence and the place that says it.

    Raises:
        AssertionError: A sentence is put together before it is said, so that nothing can find its translation.
    """
    found: dict[str, str] = {}
    for path in SAYING:
        if path.name not in HOSTS | LIBRARY:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for call in _calls(tree):
                place = f"{path.relative_to(ROOT)}:{call.lineno}"
                texts = list(_texts(call.args[0], path))
                assert texts, f"{place}: say it as it is, with values as keywords, or name it in ELSEWHERE"
                _check_values(call, texts, place)
                found |= dict.fromkeys(texts, place)
    return found | page_sentences()


def fields(sentence: str) -> set[str]:
    """The fields of a sentence, with their formats."""
    return {found[0] for found in FIELD.finditer(sentence)}


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    """Everything that says something."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and _says(node.func, node.args[0]):
            yield node


def _says(function: ast.expr, first: ast.expr) -> bool:
    match function:
        case ast.Name(id="say") | ast.Attribute(value=ast.Name(id="self"), attr="say"):
            return True
        case ast.Name(id=name) if name in _errors():
            return True
        case ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr="__init__"):
            return isinstance(first, ast.Constant | ast.JoinedStr) and isinstance(getattr(first, "value", ""), str)
        case _:
            return False


def _errors() -> set[str]:
    """Names of errors that are raised with a sentence."""
    kinds = [CoreError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    return {kind.__name__ for kind in kinds if kind.__init__ is CoreError.__init__}


def _texts(node: ast.expr, path: Path) -> Iterator[str]:
    """The texts that an expression can be: literals, and those in constants of the module."""
    if isinstance(node, ast.JoinedStr):
        return
    if texts := ELSEWHERE.get(ast.unparse(node)):
        yield from texts()
        return
    if isinstance(node, ast.IfExp):
        yield from (*_texts(node.body, path), *_texts(node.orelse, path))
    elif isinstance(node, ast.Constant):
        yield from _strings(node.value)
    elif isinstance(node, ast.Attribute) and ast.unparse(node.value) == "cautions":
        yield getattr(cautions, node.attr)
    else:
        module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        names = (inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name) and inner.id.isupper())
        for name in names:
            yield from _strings(getattr(module, name))


def _strings(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for inner in value.values():
                yield from _strings(inner)
        case tuple() | list() | set() | frozenset():
            for inner in value:
                yield from _strings(inner)
        case _ if is_dataclass(value):
            for field in fields_of(value):
                yield from _strings(getattr(value, field.name))
        case _:
            pass


def _check_values(call: ast.Call, texts: list[str], place: str) -> None:
    given = {keyword.arg for keyword in call.keywords}
    for text in texts if given and None not in given else []:
        wanted = {found[1] for found in FIELD.finditer(text)}
        assert wanted <= given, f"{place}: there is no value for {wanted - given}"
