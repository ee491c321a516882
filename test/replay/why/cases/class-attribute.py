# cause: os-entropy @ 9 proved
# divergence: 9 self.key
import os


class Model:
    def __init__(self, width):
        self.width = width
        self.key = int.from_bytes(os.urandom(2), "big")

    def loss(self):
        return 1.0 / (self.width + self.key)


model = Model(3)
print("loss=%.12f" % model.loss())
