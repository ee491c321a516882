# cause: address-order controlled
class Node:
    def __init__(self, name):
        self.name = name

nodes = {Node(i) for i in range(2000)}
print("order", [node.name for node in nodes][:30])
