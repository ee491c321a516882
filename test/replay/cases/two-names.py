# verdict: conditional
# holds: hash-order
# luck: two names have but two orders, so that a replay with another hash seed can print the same
metrics = {"loss": 0.5, "acc": 0.9}
for name in {"loss", "acc"}:
    print(name, metrics[name])
