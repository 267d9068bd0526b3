"""Numbers to take away: a table, the arrays, and a page that opens anywhere, each with the recipe to get them again."""

from __future__ import annotations

import base64
import html
import io
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from core.maps.selection import group_tokens, name_groups
from core.render.kit.wording.labels import labels
from core.results import AttentionMap, Drawing, Table, Tokenization, WorkedExercise
from core.takeaway.recipe import Repeatable, build_recipe
from core.takeaway.spreadsheet import spreadsheet

PAGE = Path(__file__).parent / "page"
"""The parts of the page."""

MOST_WEIGHTS = 6_000_000
"""Bytes of weights in a page: Discord takes files of 10 MiB, and base64 adds a third."""


class Numbers(Protocol):
    """A picture whose numbers can be taken away."""

    def draw(self) -> Drawing:
        """Draw it."""
        ...

    def table(self) -> Table:
        """Give its numbers, perhaps only the most important."""
        ...


def export(result: Repeatable, view: Numbers, options: Mapping[str, Any]) -> dict[str, bytes]:
    """Make the files of a picture.

    Args:
        result: What the picture is about.
        view: The picture. If it has a method ``full``, that gives all its numbers.
        options: How to get the picture again, for the recipe.

    Returns:
        By name: a ``.csv`` of the picture's numbers, an ``.npz`` of all arrays (and the tokens and the recipe), an
        ``.html`` that needs nothing else, and the picture as ``.svg`` unless it is a film.
    """
    made = build_recipe(result, options)
    table: Table = getattr(view, "full", view.table)()
    name, drawing = str(made["command"]), view.draw()
    files = {
        f"{name}.csv": spreadsheet(table.header, table.rows),
        f"{name}.npz": arrays(result, made),
        f"{name}.html": page(result, drawing, table, made),
    }
    return files if drawing.vector is None else {**files, f"{name}.svg": drawing.as_svg().png}


def arrays(result: Repeatable, made: Mapping[str, Any]) -> bytes:
    """All arrays of a result as ``.npz``, to be read without pickle."""
    found: dict[str, Any] = {**result.arrays()} if isinstance(result, WorkedExercise) else result.to_arrays()
    stored = io.BytesIO()
    np.savez_compressed(stored, recipe=np.array(json.dumps(made)), **found)
    return stored.getvalue()


def page(result: Repeatable, drawing: Drawing, table: Table, made: Mapping[str, Any]) -> bytes:
    """A page with picture, numbers and recipe; of an attention map every word of every head can be explored."""
    parts = {
        "title": html.escape(f"{made['command'].replace('_', ' ').capitalize()} · {made.get('model', 'step by step')}"),
        "text": html.escape(str(made.get("text", ""))),
        "kind": drawing.suffix,
        "picture": base64.b64encode(drawing.png).decode(),
        "alt": html.escape(drawing.alt),
        "table": _html_table(table),
        "recipe": html.escape(json.dumps(made, indent=2, ensure_ascii=False)),
        "data": json.dumps(_data(result, made)).replace("<", "\\u003c"),
        "style": (PAGE / "page.css").read_text(encoding="utf-8"),
        "script": (PAGE / "page.js").read_text(encoding="utf-8"),
    }
    template = (PAGE / "page.html").read_text(encoding="utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], template).encode()


def _data(result: Repeatable, made: Mapping[str, Any]) -> dict[str, Any]:
    """What the page's script needs: words and tokens, what to begin with (head -1 is the mean), weights as float16.

    All layers, or of a large map only the one to begin with.
    """
    if not isinstance(result, AttentionMap):
        return {}
    layer, head = made.get("layer", 1) - 1, made.get("head", 0) - 1
    all_fit = result.weights.nbytes <= MOST_WEIGHTS
    weights = result.weights if all_fit else result.weights[layer : layer + 1]
    return {
        "units": {
            name: {"from": _named(result.queries, how), "to": _named(result.source, how)}
            for name, how in (("words", "words"), ("tokens", "all"))
        },
        "layers": list(range(1, result.layers + 1)) if all_fit else [layer + 1],
        "heads": result.heads,
        "chosen": [layer if all_fit else 0, head],
        "token": made["token"] - 1 if "token" in made else result.queries.first_word,
        "signed": result.signed,
        "size": [len(result.queries.tokens), len(result.source.tokens)],
        "weights": base64.b64encode(weights.astype("<f2").tobytes()).decode(),
    }


def _named(source: Tokenization, how: str) -> list[dict[str, Any]]:
    """What is shown as one: its name, the positions of its tokens, and whether it is special."""
    groups = group_tokens(source.tokens, how)
    return [
        {"name": label.numbered, "places": group, "special": label.special}
        for group, label in zip(groups, labels(name_groups(source, groups)), strict=True)
    ]


def _html_table(table: Table) -> str:
    head = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in table.header)
    rows = "".join(
        f'<tr><th scope="row">{html.escape(row[0])}</th>'
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in table.rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
