# verdict: differs
# reason: every step after resuming is the same, but metric train_loss
# needs: transformers
import os

os.environ["HF_HUB_OFFLINE"] = "1"
import torch
from transformers import Trainer, TrainingArguments
from transformers.trainer_utils import get_last_checkpoint

torch.set_num_threads(1)


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.net = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Dropout(0.2), torch.nn.Linear(8, 1))

    def forward(self, x, labels=None):
        return {"loss": (self.net(x) - labels).square().mean()}


torch.manual_seed(0)
rows = [{"x": torch.full((4,), i / 24), "labels": torch.tensor([i / 24])} for i in range(24)]
arguments = TrainingArguments(
    "out", num_train_epochs=4, per_device_train_batch_size=8, save_strategy="epoch", report_to=[], use_cpu=True, seed=1,
    logging_steps=1, disable_tqdm=True,
)  # fmt: skip
last = get_last_checkpoint("out") if os.path.isdir("out") else None
Trainer(Model(), arguments, train_dataset=rows).train(resume_from_checkpoint=last)
