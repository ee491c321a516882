# verdict: reproduced
import os
import time

print("pid %d started at %s" % (os.getpid(), time.ctime()))
print("[%s] [%d] loss=0.5" % (time.strftime("%H:%M:%S"), os.getpid()))
with open("train.log", "w") as f:
    f.write("%s INFO process %d: epoch 1 loss 0.5\n" % (time.strftime("%Y-%m-%d %H:%M:%S"), os.getpid()))
