# verdict: reproduced
# ignored: logs/version_0/x.txt logs/version_1/x.txt
import os

n = len(os.listdir("logs"))
os.makedirs("logs/version_%d" % n)
with open("logs/version_%d/x.txt" % n, "w") as f:
    f.write("loss 0.5")
