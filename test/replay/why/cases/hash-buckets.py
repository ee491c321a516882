# cause: hash-order @ 8 proved
# divergence: 8 slot
words = ["cat", "dog", "sat", "mat", "old", "red", "lay"]
features = [0.0] * 16


def bucket(word):
    slot = hash(word) % 16
    return slot


for place, word in enumerate(words):
    features[bucket(word)] += place + 1.5
print("loss=%.6f" % sum(i * value for i, value in enumerate(features)))
