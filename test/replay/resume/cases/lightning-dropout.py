# verdict: differs
# needs: lightning
# resume-args: {checkpoint}
# lost: generator rng.torch proved
import sys

import lightning.pytorch as L
import torch

torch.set_num_threads(1)
L.seed_everything(1)
rows = torch.arange(96.0).reshape(24, 4) / 96


class Model(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Dropout(0.2), torch.nn.Linear(8, 1))

    def training_step(self, batch, _):
        return self.net(batch[0]).square().mean()

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.01)


keep = L.callbacks.ModelCheckpoint(dirpath="saved", save_top_k=-1, filename="{epoch}")
trainer = L.Trainer(
    max_epochs=4, accelerator="cpu", logger=False, callbacks=[keep], enable_progress_bar=False, enable_model_summary=False
)
loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(rows), batch_size=8)
trainer.fit(Model(), loader, ckpt_path=sys.argv[1] if len(sys.argv) > 1 else None)
