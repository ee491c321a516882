# verdict: conditional
# holds: hash-order
import time

start = time.time()
first = time.perf_counter()
names = list({"alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta"})
middle = time.monotonic()
print("order:", " ".join(names))
print("took %.4f s, elapsed %.4f s" % (time.time() - start, time.perf_counter() - first))
print("time: %.4f s" % (time.monotonic() - middle))
