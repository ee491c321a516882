# cause: hash-order @ 5 proved
# divergence: 5 vocabulary
text = "the cat sat on the mat while one old dog lay by our red door".split()

vocabulary = {word: index for index, word in enumerate(set(text))}
encoded = [vocabulary[word] for word in text]
print("encoded", encoded)
