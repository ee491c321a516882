"""A builtin's place taken by a callable that behaves like one: it does not bind, and pickles by its name."""


class StandIn:
    """Stands where `real` stood: same name, module, text and repr. Subclasses define __call__."""

    def __init__(self, real, module=None, name=None):
        self.real = real
        self.__wrapped__ = real
        self.__name__ = name or getattr(real, "__name__", "?")
        self.__qualname__ = self.__name__
        self.__module__ = module or getattr(real, "__module__", None)
        self.__doc__ = getattr(real, "__doc__", None)
        own = getattr(real, "__self__", None)
        if own is not None:
            self.__self__ = own

    def __call__(self, *args, **kwargs):
        return self.real(*args, **kwargs)

    def __reduce__(self):
        return self.__qualname__

    def __repr__(self):
        return repr(self.real)

    def __getattr__(self, name):
        return getattr(object.__getattribute__(self, "real"), name)


def like(function, original):
    """A function that passes for the one it wraps."""
    for name in ("__module__", "__name__", "__qualname__", "__doc__"):
        try:
            setattr(function, name, getattr(original, name))
        except (AttributeError, TypeError):
            pass
    function.__wrapped__ = original
    return function
