"""Run the notebook of examples/ anew, and keep what it shows: ``python -m benchmarks.notebook``.

The same models and libraries give the same pictures.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "examples" / "unit.ipynb"
SECONDS = 600
"""That a cell may take."""


def executed() -> Any:
    """The notebook as it is when each of its cells has run, without what libraries grumble about."""
    notebook: Any = nbformat.read(NOTEBOOK, as_version=4)
    where = {"metadata": {"path": str(ROOT)}}
    NotebookClient(notebook, timeout=SECONDS, resources=where, record_timing=False, coalesce_streams=True).execute()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
    notebook.metadata = {name: notebook.metadata[name] for name in ("kernelspec",)}
    return notebook


if __name__ == "__main__":
    nbformat.write(executed(), NOTEBOOK)
