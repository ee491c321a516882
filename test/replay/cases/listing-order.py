# verdict: conditional
# files: data/a.txt data/b.txt data/c.txt data/d.txt data/e.txt data/f.txt
# holds: listing-order @ 6
import os

names = os.listdir("data")
print("order:", " ".join(names))
