# cause: listing-order @ 9 proved
# divergence: 9 names
# files: data/a data/b data/c data/d data/e data/f
import os


def rows(folder):
    total = 0.0
    names = os.listdir(folder)
    for name in names:
        total = total * 0.7 + ord(name)
    return total


print("loss=%.12f" % rows("data"))
