# verdict: reproduced
import os

print("writing to", os.path.abspath("out/model.txt"))
os.makedirs("out", exist_ok=True)
with open(os.path.abspath("out/model.txt"), "w") as f:
    f.write("saved in %s\nloss 0.5\n" % os.getcwd())
