# verdict: exact
import os

import torch

from reprise import checkpoint

torch.set_num_threads(1)
torch.manual_seed(0)
rows = torch.randn(48, 4, generator=torch.Generator().manual_seed(7))
model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.BatchNorm1d(8), torch.nn.Dropout(0.2), torch.nn.Linear(8, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 3, 0.5)
data = torch.utils.data.TensorDataset(rows, rows.sum(1, keepdim=True))
loader = checkpoint.resumable(torch.utils.data.DataLoader(data, batch_size=8, shuffle=True))
things = {"model": model, "optimizer": optimizer, "scheduler": scheduler, "loader": loader}
last = checkpoint.restore("last.ckpt", **things)
step = last["step"] if last else 0
for epoch in range(last["epoch"] if last else 0, 3):
    for x, y in loader:
        optimizer.zero_grad()
        ((model(x) - y) ** 2).mean().backward()
        optimizer.step()
        step += 1
        if step % 4 == 0:
            checkpoint.save("last.ckpt", step=step, epoch=epoch, **things)
    scheduler.step()
torch.save(model.state_dict(), "model.pt")
