# cause: wall-clock @ 8 proved
# divergence: 8 newest
import datetime

rows = [(datetime.timedelta(microseconds=7919 * i % 1000000), i % 7) for i in range(300)]


newest = datetime.datetime.now()
edge = datetime.timedelta(microseconds=newest.microsecond)
train = [value for age, value in rows if age < edge]
test = [value for age, value in rows if age >= edge]
print("loss=%.12f" % ((sum(train) + 0.5) / (sum(test) + 0.5)), len(train))
