# cause: worker-order @ 16 controlled
# known: differs
# luck: shows in every other replay only
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

late = [0.02, 0.0]


def piece(index):
    if time.perf_counter_ns() // 1000 % 5 < 2:
        late.reverse()
    time.sleep(late[0] if index == 0 else 0.01)
    return index
with ThreadPoolExecutor(2) as pool:
    order = [done.result() for done in as_completed([pool.submit(piece, i) for i in range(2)])]
print("order", order)
