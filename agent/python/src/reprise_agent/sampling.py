"""Which steps are looked at: all, or every k-th, with k doubled until the looking costs at most a hundredth of the run."""
import time

from . import settings

clock = getattr(time.perf_counter, "real", time.perf_counter)
SHARE = 0.01
FIRST = 4  # steps that are always looked at, of each of the first streams
STREAMS = 16
LINES = 2000  # after so many at one k, k is doubled too: a long run does not fill the disk


class Pace:
    def __init__(self, all_steps):
        self.all = all_steps
        self.every = 1
        self.spent = 0.0  # seconds inside us, in all
        self.begun = self.before = 0.0
        self.steps = self.lines = 0
        self.costs = []

    def due(self, stream):
        """A power of two, so that two runs which settled at different ones still have steps in common."""
        if self.all:
            return True
        first = stream.n < FIRST or stream.n % self.every == 0
        return first and (stream.index < STREAMS or stream.index % self.every == 0)

    def step(self, looked):
        """After each step. The step's own time is the mean since the first: an evaluation now and then belongs to the run."""
        if self.all:
            return
        now = clock()
        if self.steps == 0:
            self.begun, self.before = now, self.spent
            self.last = self.spent
        elif looked:
            self.costs = self.costs[-3:] + [self.spent - self.last]
            self.lines += 1
        self.steps += 1
        self.last = self.spent
        if looked and len(self.costs) == 4:
            own = max(1e-9, (now - self.begun) - (self.spent - self.before)) / (self.steps - 1)
            while self.every < 1 << 20 and min(self.costs) > SHARE * self.every * own:
                self.every *= 2
        if self.lines >= LINES:
            self.every, self.lines = self.every * 2, 0


def start():
    return Pace(settings.steps == "all")
