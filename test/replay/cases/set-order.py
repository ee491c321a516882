# verdict: conditional
# holds: hash-order
names = {"alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta"}
print("order:", " ".join(names))
