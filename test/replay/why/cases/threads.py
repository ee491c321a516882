# cause: threads @ 12 controlled
import threading
import time

total = [0.0]
lock = threading.Lock()


def add(part):
    time.sleep(open("/dev/urandom", "rb").read(1)[0] % 17 / 2000)
    with lock:
        total[0] = total[0] * 0.7 + part


threads = [threading.Thread(target=add, args=(index,)) for index in range(12)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("loss=%.12f" % total[0])
