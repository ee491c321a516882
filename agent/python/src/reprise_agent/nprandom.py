"""NumPy: one choke point for every generator without a seed, and the legacy global state."""
import sys

from . import ending, place, settings, tracked
from .interrupt import pass_on
from .sink import fault
from .standin import StandIn

_getframe = sys._getframe
_NAMES = ("default_rng", "RandomState", "SeedSequence", "PCG64DXSM", "PCG64", "MT19937", "Philox", "SFC64", "random.seed")
_lines = {}
_made = []  # [bit generator, note] of RandomState objects that may yet be given their seed
_making = [None]


def _name(file, frame):
    """Which constructor the line names; NumPy's own frames are C and cannot be asked."""
    if file is None or frame is None:
        return "numpy.random"
    path = frame.f_code.co_filename
    try:
        if path not in _lines:
            with open(path, encoding="utf-8", errors="replace") as source:
                _lines[path] = source.read().split("\n")
        text = " ".join(_lines[path][frame.f_lineno - 1 : frame.f_lineno + 2])
    except OSError as error:
        pass_on(error)
        text = ""
    hits = [(text.index(name), name) for name in _NAMES if name in text]
    return "numpy.random." + min(hits)[1].replace("random.", "") if hits else "numpy.random"


def patch_bit_generator(module):
    real = module.randbits

    def randbits(k):
        try:
            frame = _getframe(1)
            while frame is not None and frame.f_code.co_filename == __file__:
                frame = frame.f_back
            caller = frame.f_code.co_filename if frame is not None else ""
            if caller.endswith("numpy/random/_pickle.py"):
                return real(k)  # a copy or an unpickled generator: its state follows at once
            if not caller.startswith("<frozen importlib"):
                user, file = place.nearest(frame)
                note = tracked.Creation(_name(file, user), frame)
                number = note.number(k)
                if _making[0] is None:
                    note.tell()
                else:
                    _making[0].append(note)
                if number is not None:
                    return number
        except Exception as error:
            fault("numpy randbits", error)
        return real(k)

    module.randbits = randbits


def _settle():
    """RandomState(3) makes an unseeded generator first and seeds it then: only what kept its entropy is told."""
    while _made:
        generator, notes = _made.pop(0)
        if getattr(generator, "seed_seq", None) is not None:
            for note in notes:
                note.tell()


def _patch_random_state(module):
    real = module._MT19937

    def make(*args, **kwargs):
        try:
            _settle()
            _making[0] = notes = []
            try:
                generator = real(*args, **kwargs)
            finally:
                _making[0] = None
            if notes:
                _made.append((generator, notes))
            return generator
        except Exception as error:
            fault("numpy RandomState", error)
            return real(*args, **kwargs)

    class Kind(type):  # mtrand calls it and asks isinstance of it
        __call__ = staticmethod(make)

        def __instancecheck__(cls, thing):
            return isinstance(thing, real)

    module._MT19937 = Kind("MT19937", (), {})
    ending.last.append(_settle)


def patch(module):
    if hasattr(module.mtrand, "_MT19937") and hasattr(module.mtrand._rand._bit_generator, "seed_seq"):
        _patch_random_state(module.mtrand)
    rand = module.mtrand._rand
    first = module.seed

    def state():
        name, keys, position, has_gauss, cached = rand.get_state()
        return hash((keys.tobytes(), position, has_gauss, cached))

    def seed(number):
        rand.seed([(number >> shift) & 0xFFFFFFFF for shift in range(0, 256, 32)])

    class Seed(StandIn):
        def __call__(self, *args, **kwargs):
            value = args[0] if args else kwargs.get("seed")
            if value is None:
                self.real(*args, **kwargs)
                return tracked.reseeded("numpy")
            frame = _getframe(1)
            if frame.f_code.co_filename.endswith("torch/utils/data/_utils/worker.py"):
                tracked.take_over("numpy")
                return self.real(*args, **kwargs)
            return tracked.own_seed("numpy", "numpy.random.seed", value, frame, lambda: self.real(*args, **kwargs))

    module.seed = Seed(first, "numpy.random", "seed")
    peek = None
    if settings.locate:
        import ctypes

        address = rand._bit_generator.ctypes.state_address

        def peek():
            return ctypes.string_at(address, 2500)  # 25 times faster: keys and position

    tracked.add("numpy", state, seed, 256, peek)
