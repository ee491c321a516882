# verdict: reproduced
names = {"alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta"}
print("order:", " ".join(sorted(names)))
