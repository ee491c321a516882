# cause: address-order @ 7 controlled
class Node:
    def __init__(self, name):
        self.name = name

nodes = {Node(i) for i in range(2000)}
order = [node.name for node in nodes]
print("order", order[:30])
