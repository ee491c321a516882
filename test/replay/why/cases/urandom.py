# cause: os-entropy @ 5 proved
import os
import random

seed = int.from_bytes(os.urandom(4), "little")
random.seed(seed)
print("loss=%.12f" % random.random())
