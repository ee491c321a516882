# cause: unseeded-rng @ 6 proved
# divergence: 6 chance
# known: differs
import random

chance = random.Random().random()
epochs = 3 if chance > 0.15 else 4
print("loss=%.12f" % (1.0 / epochs))
