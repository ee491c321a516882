# cause: unseeded-rng @ 12 proved
# divergence: 12 scale
import random

chooser = random.Random(5)
unused = random.Random()
values = []
for step in range(20):
    if step % 10 == 7:
        # only now and then
        seed = chooser.randrange(100)
        scale = random.SystemRandom().random() if step > 90 else random.random()
        values.append(scale * seed)
    else:
        values.append(chooser.random())
print("loss=%.12f" % sum(values))
