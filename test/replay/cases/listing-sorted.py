# verdict: reproduced
# files: data/a.txt data/b.txt data/c.txt data/d.txt data/e.txt data/f.txt
import glob
import os

print(sorted(os.listdir("data")), sorted(glob.glob("data/*.txt")))
print("sum=%d" % sum(len(open(os.path.join("data", n)).read()) for n in os.listdir("data")))
