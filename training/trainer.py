"""One training loop for every model in the box: optimizers, learning rate, checkpoint, progress bar."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path

import torch
from torch import Tensor, nn
from tqdm import tqdm

from training.muon import Muon

Batch = dict[str, Tensor]
MakeOptimizers = Callable[[nn.Module, float], Sequence[torch.optim.Optimizer]]

WARM_UP = 0.02  # share of the training during which the learning rate rises
FALL = 0.5  # share of it, at the end, during which the rate falls to zero
CHECKPOINT_EVERY = 1000  # steps
LAYER_DECAY = 0.85
IN_A_LAYER = re.compile(r"\.(\d+)\.")


class Trainer:
    """Trains a model until it has seen a given number of token ids, going on from its checkpoint where there is one.

    The learning rate of every group of parameters rises to what the optimizer was made with and falls to zero.
    """

    def __init__(
        self,
        model: nn.Module,
        *,
        rate: float,
        total: int,
        device: torch.device,
        checkpoint: Path,
        every: int = CHECKPOINT_EVERY,
        optimizers: MakeOptimizers | None = None,
    ) -> None:
        """Take the highest learning rate, the number of token ids to see (padding included) and where to resume.

        The optimizers are `muon_and_adamw` where no others are asked for.

        A checkpoint is written after `every` steps and at the end.
        """
        torch.backends.cuda.enable_cudnn_sdp(False)  # it plans anew for every shape, which takes longer than a step
        self.model = model.to(device).train()
        self.total, self.device, self.checkpoint = total, device, checkpoint
        self.every = every
        self.seen = self.step = 0
        self.optimizers = (optimizers or muon_and_adamw)(self.model, rate)
        rates = [[group["lr"] for group in optimizer.param_groups] for optimizer in self.optimizers]
        if checkpoint.exists():
            self._load()
        for optimizer, made in zip(self.optimizers, rates, strict=True):
            for group, rate in zip(optimizer.param_groups, made, strict=True):
                group["initial_lr"] = rate  # as PyTorch's schedulers call it; a checkpoint's is that of its step

    def fit(self, batches: Iterable[Batch], loss_of: Callable[[Batch], Tensor]) -> None:
        """Take one step per batch, in bfloat16; `batches` starts at the beginning even after an interruption."""
        with tqdm(total=self.total, initial=self.seen, unit="tok", unit_scale=True, mininterval=10) as bar:
            for batch in islice(batches, self.step, None):
                if self.seen >= self.total:
                    break
                loss = self._step({name: tensor.to(self.device) for name, tensor in batch.items()}, loss_of)
                self.seen += batch["input_ids"].numel()
                self.step += 1
                bar.update(self.seen - bar.n)
                if self.step % 50 == 0:
                    bar.set_postfix(loss=f"{loss.item():.3f}", step=self.step, refresh=False)
                if self.step % self.every == 0:
                    self._save()
        self._save()

    def _step(self, batch: Batch, loss_of: Callable[[Batch], Tensor]) -> Tensor:
        torch.manual_seed(self.step)  # dropout and masks are the same whether or not there was an interruption
        with torch.autocast(self.device.type, dtype=torch.bfloat16):
            loss = loss_of(batch)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = group["initial_lr"] * rate_at(self.seen / self.total)
            optimizer.step()
            optimizer.zero_grad()
        return loss.detach()

    def _save(self) -> None:
        state = {
            "model": self.model.state_dict(),
            "steppers": [optimizer.state_dict() for optimizer in self.optimizers],
            "seen": self.seen,
            "step": self.step,
        }
        unfinished = self.checkpoint.with_suffix(".writing")
        torch.save(state, unfinished)
        unfinished.replace(self.checkpoint)  # an interruption leaves the old checkpoint whole

    def _load(self) -> None:
        state = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        self.model.load_state_dict(state["model"])
        for optimizer, saved in zip(self.optimizers, state["steppers"], strict=True):
            optimizer.load_state_dict(saved)
        self.seen, self.step = state["seen"], state["step"]


def rate_at(progress: float) -> float:
    """Share of the highest learning rate after a share of the training: up, level, then linearly down to zero."""
    return min(progress / WARM_UP, 1.0, max(0.0, (1 - progress) / FALL))


def muon_and_adamw(model: nn.Module, rate: float) -> list[torch.optim.Optimizer]:
    """For a model that learns from nothing: `Muon` moves the matrices inside the layers, AdamW all the rest."""
    parameters = dict(model.named_parameters())
    matrices = [p for name, p in parameters.items() if p.ndim == 2 and IN_A_LAYER.search(name)]
    others = [p for name, p in parameters.items() if p.ndim != 2 or not IN_A_LAYER.search(name)]
    return [
        Muon(matrices, rate),
        torch.optim.AdamW(others, lr=rate, weight_decay=0.01, betas=(0.9, 0.98), fused=True),
    ]


def layerwise_adamw(model: nn.Module, rate: float) -> list[torch.optim.Optimizer]:
    """For a pretrained model: the head learns at `rate`, each layer at `LAYER_DECAY` of the rate of the one above.

    Howard and Ruder 2018 (arXiv:1801.06146), section 3.2 (discriminative fine-tuning): what the lower layers know is
    more general, and to be kept.
    """
    parameters = dict(model.named_parameters())
    layers = 1 + max(int(found[1]) for name in parameters if (found := IN_A_LAYER.search(name)))
    depths: dict[int, list[nn.Parameter]] = defaultdict(list)  # of the embeddings, 0, up to the head
    for name, parameter in parameters.items():
        within = IN_A_LAYER.search(name)
        depth = int(within[1]) + 1 if within else 0 if "embeddings" in name else layers + 1
        depths[depth].append(parameter)
    groups = [{"params": found, "lr": rate * LAYER_DECAY ** (layers + 1 - depth)} for depth, found in depths.items()]
    return [torch.optim.AdamW(groups, lr=rate, weight_decay=0.01, fused=True)]
