# cause: uninitialised-memory @ 5 proved
# needs: torch
import torch

weights = torch.empty(40000)
weights[::2] = 1.0
print("loss=%.6e" % weights[1::2].sum().item())
