# cause: data-order @ 5 proved
# files: a.csv b.csv c.csv
import os

newest = max(["a.csv", "b.csv", "c.csv"], key=os.path.getmtime)
print("trained on", newest)
