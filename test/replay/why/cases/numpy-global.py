# cause: unseeded-rng @ 11 proved
# divergence: 11 order
# needs: numpy
import numpy as np


class Data:
    rows = np.arange(60.0)

    def batches(self):
        order = np.random.permutation(len(self.rows))
        for part in np.array_split(order, 4):
            yield self.rows[part]


total = 0.0
for batch in Data().batches():
    total = total * 0.7 + batch.sum()
print("loss=%.12f" % total)
