# cause: unseeded-rng @ 8 proved
# cause: hash-order @ 9 proved
# cause: listing-order @ 10 proved
# files: data/a data/b data/c data/d data/e
import os
import random

draw = random.Random().random()
words = list({"alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta"})
names = os.listdir("data")
print("loss=%.12f" % draw, words[0], words[-1], names)
