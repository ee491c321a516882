"""The process-wide generators: seeded by us, by the program, drawn from or not."""
from . import derive, place
from .sink import emit, fault

known = {}  # name → Generator
watcher = None  # called when a generator appears (locate)


class Generator:
    """One global generator. state() is any hashable picture of it, seed(number) sets it."""

    def __init__(self, name, state, seed, bits):
        self.name, self.state, self.seed, self.bits = name, state, seed, bits
        self.own = False  # the program has seeded it
        self.told = False  # its draw has been reported
        self.fresh = False  # seeded by us in this very process
        self.base = None

    def start(self):
        """Gives it its derived seed, if any, and remembers the state to compare with."""
        number = derive.number(self.name, derive.following("global", self.name), self.bits)
        if number is not None:
            self.seed(number)
            emit("seeded", name=self.name)
            self.fresh = True
        self.own = False
        self.remember()

    def remember(self):
        self.base = self.state() if self.state is not None else None

    def drawn(self):
        return not self.own and self.state is not None and self.base is not None and self.state() != self.base

    def tell_drawn(self, file=None, line=None, how="source"):
        if not self.told:
            self.told = True
            emit("drawn", name=self.name, f=file, l=line, how=how)


def add(name, state, seed, bits, peek=None):
    generator = known[name] = Generator(name, state, seed, bits)
    generator.peek = peek or state
    try:
        generator.start()
        if watcher is not None:
            watcher()
    except Exception as error:
        fault("seed " + name, error)
    return generator


def own_seed(name, label, value, frame, call):
    """The program seeds a global generator itself: what it drew before that counts, what follows is its own."""
    user, file = place.nearest(frame)
    line = user.f_lineno if user is not None else None
    generator = known.get(name)
    before = False
    try:
        before = generator is not None and generator.drawn()
    except Exception as error:
        fault("state of " + name, error)
    result = call()
    try:
        if before and not generator.told:
            from . import source

            source.tell(generator, user)
        if generator is not None:
            generator.own = True
        emit("own", name=label, f=file, l=line, value=str(value)[:200])
    except Exception as error:
        fault("own seed of " + name, error)
    return result


def reseeded(name):
    """The program asked for fresh entropy: compare with this state from here on."""
    generator = known.get(name)
    if generator is not None:
        generator.own = False
        generator.remember()


def take_over(name):
    """A library seeds it from a stream that is known already (a DataLoader's worker): no draw of its own."""
    generator = known.get(name)
    if generator is not None:
        generator.own = True


def reseed_untouched():
    """After the process learnt its final key: what was seeded under the other one and not yet drawn from."""
    _reseed(lambda generator: generator.state is None or not generator.drawn())


def restart():
    """What was drawn so far is forgotten: the user's program begins now."""
    _reseed(lambda generator: not generator.told)


def _reseed(asked):
    for generator in list(known.values()):
        try:
            if generator.fresh and not generator.own and asked(generator):
                number = derive.number(generator.name, 0, generator.bits)
                if number is not None:
                    generator.seed(number)
                    generator.remember()
        except Exception as error:
            fault("reseed " + generator.name, error)


def after_fork():
    """State is inherited; only a draw in the child is the child's."""
    for generator in list(known.values()):
        generator.fresh = generator.told = False
        try:
            generator.remember()
        except Exception as error:
            fault("state of " + generator.name, error)


def _maker(frame):
    """The library that made it on behalf of the user's line: no global seed reaches what it keeps for itself."""
    while frame is not None and place.user_file(frame) is None:
        package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if package not in _PART_OF and not place.is_stdlib(frame.f_code.co_filename):
            return package
        frame = frame.f_back
    return ""


_PART_OF = ("", "numpy", "random", "torch", "tensorflow")


class Creation:
    """A generator made without a seed, at a place, for the n-th time there."""

    def __init__(self, name, frame):
        self.site, self.file, self.line = place.site_of(frame)
        maker = "" if self.file is None else _maker(frame)
        self.name = "%s (%s)" % (name, maker) if maker else name
        self.nth = derive.following("gen", self.site)

    def number(self, bits):
        """Its seed; None when seeding is off."""
        return derive.number(self.site, self.nth, bits)

    def tell(self):
        if self.nth < 20 or self.nth & (self.nth - 1) == 0:
            emit("gen", name=self.name, f=self.file, l=self.line, n=self.nth, key=self.site)


def note_creation(name, frame, bits):
    """Says where a generator without a seed was made, and gives its seed."""
    note = Creation(name, frame)
    note.tell()
    return note.number(bits)
