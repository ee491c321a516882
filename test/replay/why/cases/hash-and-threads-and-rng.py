# cause: worker-order @ 14 controlled
# cause: hash-order @ 16 proved
# cause: unseeded-rng @ 17 proved
import random
import time
from concurrent.futures import ThreadPoolExecutor, as_completed


def piece(index):
    time.sleep(open("/dev/urandom", "rb").read(1)[0] % 17 / 2000)
    return index

with ThreadPoolExecutor(8) as pool:
    order = [done.result() for done in as_completed([pool.submit(piece, i) for i in range(24)])]

words = list({"alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta"})
random.shuffle(order)
print("order", order, words)
