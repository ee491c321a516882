# cause: worker-order @ 22 controlled
# needs: torch
import multiprocessing
import time

import torch
from torch.utils.data import DataLoader, Dataset


class Rows(Dataset):
    def __init__(self):
        self.seen = multiprocessing.Value("i", 0)

    def __len__(self):
        return 32

    def __getitem__(self, index):
        time.sleep(open("/dev/urandom", "rb").read(1)[0] % 17 / 2000)
        with self.seen.get_lock():
            self.seen.value += 1
            return torch.tensor([float(index), float(self.seen.value)])
loader = DataLoader(Rows(), batch_size=4, num_workers=3)
total = 0.0
for batch in loader:
    total = total * 0.7 + (batch[:, 0] * batch[:, 1]).sum().item()
print("loss=%.9f" % total)
