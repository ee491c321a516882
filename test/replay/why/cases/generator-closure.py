# cause: unseeded-rng @ 7 proved
# divergence: 7 source
import random


def batches(count):
    source = random.Random()

    def jitter(value):
        noise = source.random()
        return value + noise

    for index in range(count):
        yield jitter(index)


print("loss=%.12f" % sum(batches(4)))
