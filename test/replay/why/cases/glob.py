# cause: listing-order @ 7 proved
# cause: listing-order @ 8 proved
# files: data/a.csv data/b.csv data/c.csv data/d.csv data/e.csv data/f.csv more/g.txt more/h.txt more/i.txt more/j.txt more/k.txt
import glob
import pathlib

files = glob.glob("data/*.csv")
rest = [path.name for path in pathlib.Path("more").iterdir()]
tidy = sorted(pathlib.Path("data").glob("*.csv"))
print("order", files, rest, len(tidy))
