"""One training step of a variational autoencoder in PyTorch, timed: the peer of `npm run bench -- vae`.

Reads {"sizes": [d, hidden, latent], "batch": n, "bernoulli": flag, "threads": k, "steps": m} from standard input and writes
{"version": ..., "milliseconds": [...]}.
"""

import json
import sys
import time

import torch
import torch.nn.functional as functional

task = json.load(sys.stdin)
columns, hidden, latent = task["sizes"]
torch.manual_seed(0)
torch.set_num_threads(task["threads"])
layers = [
    torch.nn.Linear(columns, hidden),
    torch.nn.Linear(hidden, 2 * latent),
    torch.nn.Linear(latent, hidden),
    torch.nn.Linear(hidden, columns),
]
optimizer = torch.optim.Adam([p for layer in layers for p in layer.parameters()], 1e-3)
rows = torch.randn(task["batch"], columns)
if task["bernoulli"]:
    rows = (rows > 0).float()


def step():
    optimizer.zero_grad()
    means, log_variances = layers[1](functional.relu(layers[0](rows))).chunk(2, 1)
    codes = means + torch.exp(0.5 * log_variances) * torch.randn_like(means)
    decoded = layers[3](functional.relu(layers[2](codes)))
    if task["bernoulli"]:
        reconstruction = functional.binary_cross_entropy_with_logits(decoded, rows, reduction="sum")
    else:
        reconstruction = 0.5 * ((rows - decoded) ** 2).sum()
    divergence = 0.5 * (means**2 + log_variances.exp() - 1 - log_variances).sum()
    loss = (reconstruction + divergence) / task["batch"]
    loss.backward()
    optimizer.step()
    return loss.item()


for _ in range(10):
    step()
times = []
for _ in range(task["steps"]):
    began = time.perf_counter()
    step()
    times.append(1000 * (time.perf_counter() - began))
json.dump({"version": torch.__version__, "milliseconds": times}, sys.stdout)
