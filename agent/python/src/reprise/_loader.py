"""A DataLoader that can be gone on with in the middle of an epoch."""
import sys

from . import _states
from ._plain import decode, encode


def _handled():
    """Which exception is being handled, as a number."""
    return id(sys.exc_info()[1])


class Resumable:
    """Gives what the loader gives, and knows how far it is.

    The order of an epoch follows from the generators at its beginning. Resumed, it is begun with these again, the batches that
    were given are passed over, and then the generators are what they were at the save.
    """

    def __init__(self, loader):
        self.loader = loader
        self._given = None  # batches of this epoch so far; None between epochs
        self._begun = None  # states of generators when it began
        self._pending = None  # (batches to pass over, states at its beginning, states at the save)
        self._pass = None  # of several passes over the loader the last one that was begun
        self._left = None  # (batches given, what was handled when it began) of an epoch that was left early

    def __len__(self):
        return len(self.loader)

    def __getattr__(self, name):
        if "loader" not in self.__dict__:  # being copied or unpickled
            raise AttributeError(name)
        return getattr(self.loader, name)

    def _own(self):
        """Generators of the loader and its samplers, in an order that is always the same."""
        found = []
        sampler = getattr(self.loader, "sampler", None)
        batches = getattr(self.loader, "batch_sampler", None)
        for holder in (self.loader, sampler, batches, getattr(batches, "sampler", None)):
            generator = getattr(holder, "generator", None)
            if generator is not None and hasattr(generator, "get_state") and all([generator is not one for one in found]):
                found.append(generator)
        return found

    def _states(self):
        return {"all": _states.generators(), "own": [one.get_state() for one in self._own()]}

    def _set(self, states):
        _states.set_generators(states["all"])
        for one, state in zip(self._own(), states["own"]):
            one.set_state(state)

    def __iter__(self):
        if self._pending is None:
            passed, now = 0, None
            self._begun = self._states()
        else:
            (passed, self._begun, now), self._pending = self._pending, None
            self._set(self._begun)
        batches = iter(self.loader)
        self._given, self._left, mine = 0, None, object()
        self._pass, began = mine, _handled()
        try:
            for _ in range(passed):
                next(batches)
                self._given += 1
            if now is not None:
                self._set(now)
            for batch in batches:
                self._given += 1
                yield batch
        except BaseException:  # of the loop that was left, or of the loader
            if self._pass is mine:
                self._left = (self._given, began)
            raise
        finally:
            # Left early by the program it is over too: what comes next is an epoch of its own.
            if self._pass is mine:
                self._given = self._pass = None

    def state_dict(self):
        if self._pending is not None:  # restored, and not yet gone on with
            given, begun, _ = self._pending
        else:
            given, begun = self._given, self._begun
            if given is None and self._left is not None and _handled() not in (id(None), self._left[1]):
                given = self._left[0]  # an interruption left it: the epoch is to be gone on with
        own = [one.get_state() for one in self._own()]
        return {"given": given, "begun": encode(begun if given is not None else None, "loader"), "own": own}

    def load_state_dict(self, state):
        for one, own in zip(self._own(), state["own"]):
            one.set_state(own)
        self._pending = None
        if state["given"] is not None:
            self._pending = (state["given"], decode(state["begun"]), None)

    def restored(self):
        """All generators are what they were at the save: so they are to be once the batches were passed over."""
        if self._pending is not None:
            given, begun, _ = self._pending
            self._pending = (given, begun, self._states())
