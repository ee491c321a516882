# cause: other @ 6 proved
# divergence: 6 seed
import os
import random

seed = os.getpid()
random.seed(seed)
print("loss=%.12f" % random.random())
