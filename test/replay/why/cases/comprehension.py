# cause: unseeded-rng @ 8 proved
# divergence: 8 rows
import random


def load(count):
    base = [index * 0.5 for index in range(count)]
    rows = [value + random.random() for value in base]
    return sorted(rows)


print("loss=%.12f" % sum(load(5)))
