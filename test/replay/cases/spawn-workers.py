# verdict: conditional
# holds: unseeded-rng @ 8
import multiprocessing
import random


def work(i):
    return round(random.random(), 6)


if __name__ == "__main__":
    ctx = multiprocessing.get_context("spawn")
    with ctx.Pool(1) as pool:
        print(pool.map(work, range(3)))
