# cause: unseeded-rng @ 7 proved
# divergence: 7 chance
# known: differs
# luck: one run of three comes out otherwise: a search may see none
import random

chance = random.Random().random()
epochs = 3 if chance > 0.33 else 4
print("loss=%.12f" % (1.0 / epochs))
