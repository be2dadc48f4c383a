"""One round of an adversarial network in PyTorch, timed: the peer of `npm run bench -- gan`.

A step of the discriminator and a step of the generator, non-saturating, Adam. Reads {"hidden": h, "batch": n, "columns": d,
"latent": l, "penalty": "none" | "r1" | "gradientPenalty", "threads": k, "rounds": m} from standard input and writes
{"version": ..., "milliseconds": [...]}.
"""

import json
import sys
import time

import torch
import torch.nn.functional as functional

task = json.load(sys.stdin)
hidden, batch, columns, latent = (task[name] for name in ("hidden", "batch", "columns", "latent"))
torch.manual_seed(0)
torch.set_num_threads(task["threads"])


def network(inputs, outputs, activation):
    return torch.nn.Sequential(
        torch.nn.Linear(inputs, hidden), activation, torch.nn.Linear(hidden, hidden), activation, torch.nn.Linear(hidden, outputs)
    )


generator = network(latent, columns, torch.nn.ReLU())
discriminator = network(columns, 1, torch.nn.LeakyReLU(0.2))
optimizers = [torch.optim.Adam(player.parameters(), 1e-3, betas=(0.5, 0.999)) for player in (generator, discriminator)]
rows = torch.randn(batch, columns)


def penalty_of(data, generated, on_data):
    if task["penalty"] == "r1":
        (gradient,) = torch.autograd.grad(on_data.sum(), data, create_graph=True)
        return 0.5 * gradient.square().sum(1).mean()
    if task["penalty"] == "gradientPenalty":
        shares = torch.rand(batch, 1)
        between = (generated + (data - generated) * shares).detach().requires_grad_()
        (gradient,) = torch.autograd.grad(discriminator(between).sum(), between, create_graph=True)
        return (gradient.norm(dim=1) - 1).square().mean()
    return 0


def play():
    optimizers[1].zero_grad(set_to_none=True)
    with torch.no_grad():
        generated = generator(torch.randn(batch, latent))
    data = rows.clone().requires_grad_(task["penalty"] == "r1")
    on_data = discriminator(data)
    loss = functional.softplus(-on_data).mean() + functional.softplus(discriminator(generated)).mean()
    (loss + penalty_of(data, generated, on_data)).backward()
    optimizers[1].step()
    optimizers[0].zero_grad(set_to_none=True)
    game = functional.softplus(-discriminator(generator(torch.randn(batch, latent)))).mean()
    game.backward(inputs=list(generator.parameters()))
    optimizers[0].step()
    return loss.item() + game.item()


for _ in range(10):
    play()
times = []
for _ in range(task["rounds"]):
    began = time.perf_counter()
    play()
    times.append(1000 * (time.perf_counter() - began))
json.dump({"version": torch.__version__, "milliseconds": times}, sys.stdout)
