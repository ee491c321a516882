# cause: address-order @ 12 controlled
import random


class Node:
    def __init__(self, name):
        self.name = name


noise = random.Random().random()
nodes = {Node(i) for i in range(2000)}
order = [node.name for node in nodes]
print("order", order[:30], noise)
