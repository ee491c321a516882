# cause: hash-order @ 3 proved
def names():
    return {"adam", "sgd", "rmsprop", "lion", "adagrad"}


print("order", *names())
