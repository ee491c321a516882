# verdict: inconclusive
# ignored: big.bin
# remove: big.bin
# big: big.bin
print("bytes=%d" % len(open("big.bin", "rb").read()))
