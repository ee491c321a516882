# cause: wall-clock @ 12 proved
# divergence: 12 stamp
import functools
import time


def stamped(function):
    @functools.wraps(function)
    def wrapped(*args):
        value = function(*args)
        # how long is left of this second
        stamp = time.time_ns() % 1000003
        return value + stamp
    return wrapped


@stamped
def score(x):
    return x * 2


print("loss=%d" % score(3))
