"""One training step in PyTorch, eager, as its tutorials write it."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from app.config import RunConfig
from app.training.network import Network
from benchmarks.rounds import Batches, Contender


def pytorch_step(
    images: NDArray[np.float32], labels: NDArray[np.int64], config: RunConfig, lane: int, fused: bool
) -> Contender:
    """`fused`: the optimizer updates everything in one call of the library."""
    torch.set_num_threads(1)
    modules: list[nn.Module] = []
    for W, b in Network(config.hidden, np.random.default_rng(config.seed)).layers:
        linear = nn.Linear(*W.shape)
        linear.weight.data, linear.bias.data = torch.tensor(W.T), torch.tensor(b)
        modules += [linear, nn.ReLU()]
    model = nn.Sequential(*modules[:-1])
    optimizer = _optimizer(model, config, lane, fused)
    x_all, y_all = torch.from_numpy(images), torch.from_numpy(labels)

    def train(rows_of_batches: Batches) -> list[tuple[float, float]]:
        metrics = []
        for rows in rows_of_batches:
            index = torch.from_numpy(rows)
            x, y = x_all[index], y_all[index]
            optimizer.zero_grad()
            z = model(x)
            loss = nn.functional.cross_entropy(z, y)
            loss.backward()
            optimizer.step()
            metrics.append((loss.item(), (z.argmax(1) == y).float().mean().item()))
        return metrics

    return train


def _optimizer(model: nn.Module, config: RunConfig, lane: int, fused: bool) -> torch.optim.Optimizer:
    rate = config.learning_rate_of(lane)
    match config.lanes[lane].hyperparameters():
        case {"beta1": beta1, "beta2": beta2, "epsilon": epsilon}:
            return torch.optim.Adam(model.parameters(), rate, (beta1, beta2), epsilon, fused=fused)
        case others:
            return torch.optim.SGD(model.parameters(), rate, **others, fused=fused)
