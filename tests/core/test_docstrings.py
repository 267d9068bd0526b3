"""The examples of the docstrings, run; and what `import core` loads."""

from __future__ import annotations

import doctest
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

import core as library

ROOT = Path(__file__).parents[2]
WITH_EXAMPLES = ("core", "core.blocking", "core.facade", "core.notebook", "core.results.attention")


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_say_what_is_so(name: str) -> None:
    found = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert found.attempted and not found.failed


def test_no_example_is_forgotten() -> None:
    with_examples = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in (ROOT / "core").rglob("*.py")
        if re.search(r"^ *>>> ", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert {name for name in with_examples if "fonts" not in name} == set(WITH_EXAMPLES)


def test_every_public_name_is_there_and_explained() -> None:
    assert set(library.__all__) == {*library.PLACES, "__version__"} <= set(dir(library))
    for name in library.PLACES:
        assert getattr(library, name).__doc__
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        library.nothing  # noqa: B018


def test_importing_loads_next_to_nothing() -> None:
    heavy = "{'torch', 'transformers', 'numpy', 'PIL', 'tokenizers', 'huggingface_hub'}"
    program = f"import sys, core; assert not {heavy} & {{*sys.modules}}; core.show; assert 'torch' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
