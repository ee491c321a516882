# cause: unseeded-rng @ 11 proved
# divergence: 11 hidden
# operator: aten.bernoulli_.float
# needs: torch
import torch

torch.set_num_threads(1)
weights = torch.linspace(-1, 1, 24).reshape(6, 4).requires_grad_()
inputs = torch.linspace(0, 3, 48).reshape(8, 6)
for step in range(2):
    hidden = torch.nn.functional.dropout(inputs @ weights, 0.5)
    loss = (hidden**2).mean()
    loss.backward()
    with torch.no_grad():
        weights -= 0.1 * weights.grad
        weights.grad = None
print("loss=%.9f" % loss.item())
