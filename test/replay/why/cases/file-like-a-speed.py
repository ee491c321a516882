# cause: unseeded-rng @ 6 proved
# files: data/p data/s
# A number after the name of a file, which could be a unit of speed, too.
import random

value = random.Random().random()
print("result", "data/s", value)
