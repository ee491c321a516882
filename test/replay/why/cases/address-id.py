# cause: address-order @ 9 controlled
# divergence: 9 return
class Layer:
    def __init__(self, width):
        self.width = width


made = [Layer(width) for width in range(3000)]
layers = sorted(made, key=lambda layer: id(layer) // 16 % 4093)
total = 0.0
for layer in layers[:40]:
    total = total * 0.7 + layer.width
print("loss=%.12f" % total)
