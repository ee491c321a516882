# cause: address-order @ 5 controlled
# luck: in about one of three runs another one is chosen; a search may see it in none
rows = [0.5, 0.25, 0.125]
marker = object()
loss = rows[0] if (id(marker) >> 12) % 3 == 0 else rows[1]
print("loss=%.3f" % loss)
