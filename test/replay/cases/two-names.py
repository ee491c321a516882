# verdict: conditional
# holds: hash-order
metrics = {"loss": 0.5, "acc": 0.9}
for name in {"loss", "acc"}:
    print(name, metrics[name])
