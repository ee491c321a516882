# verdict: conditional
# files: data/a.txt data/b.txt data/c.txt data/d.txt data/e.txt data/f.txt
# holds: data-order
import os

names = sorted((os.path.join("data", n) for n in sorted(os.listdir("data"))), key=os.path.getmtime)
print("order:", " ".join(names))
