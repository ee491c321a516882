# verdict: differs
# lost: optimizer optimizer seen
# lost: generator rng.torch consistent
import os

import torch

torch.set_num_threads(1)
torch.manual_seed(0)
rows = torch.randn(48, 4, generator=torch.Generator().manual_seed(7))
model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.BatchNorm1d(8), torch.nn.Dropout(0.0), torch.nn.Linear(8, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 3, 0.5)
data = torch.utils.data.TensorDataset(rows, rows.sum(1, keepdim=True))
loader = torch.utils.data.DataLoader(data, batch_size=16, shuffle=False)
start = 0
if os.path.exists("last.pt"):
    last = torch.load("last.pt")
    for name, thing in (("model", model), ("scheduler", scheduler)):
        thing.load_state_dict(last[name])
    start = last["epoch"]
for epoch in range(start, 5):
    for x, y in loader:
        optimizer.zero_grad()
        loss = ((model(x) - y) ** 2).mean()
        loss.backward()
        optimizer.step()
    scheduler.step()
    print(f"epoch {epoch} loss {loss.item():.6f}")
    torch.save({"epoch": epoch + 1, **{name: thing.state_dict() for name, thing in (("model", model), ("scheduler", scheduler))}}, "last.pt")
