# verdict: conditional
# needs: torch
# holds: unseeded-rng @ 6
import torch

layer = torch.nn.Linear(4, 2)
torch.save(layer.state_dict(), "model.pt")
print("norm=%.6f" % layer.weight.norm().item())
