# cause: worker-order @ 14 controlled
import time
from multiprocessing import Pool


def piece(index):
    time.sleep(open("/dev/urandom", "rb").read(1)[0] % 17 / 2000)
    return index


if __name__ == "__main__":
    total = 0.0
    with Pool(4) as pool:
        for value in pool.imap_unordered(piece, range(24)):
            total = total * 0.7 + value
    print("loss=%.12f" % total)
