# cause: threads @ 16 controlled
# needs: torch
# operator: aten.index_put
import zlib

import torch

torch.set_num_threads(4)
torch.manual_seed(0)
rows = torch.randint(0, 20, (100000,))
target = torch.randn(100000, 1)
table = torch.randn(20, 8, requires_grad=True)
optimizer = torch.optim.SGD([table], lr=0.1)
for step in range(4):
    loss = ((table[rows] - target) ** 2).sum() / 1000
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
print("weights", zlib.crc32(table.detach().numpy().tobytes()), "loss=%.9f" % loss.item())
