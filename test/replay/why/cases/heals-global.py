# cause: unseeded-rng @ 5 proved
# divergence: 5 start
import random

start = [random.random() for _ in range(3)]
random.seed(7)
order = random.sample(range(100), 10)
print("loss=%.12f" % sum(start), order)
