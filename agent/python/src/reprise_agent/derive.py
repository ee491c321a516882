"""Streams of seeds from the run's root: SHA-256 over root, process, site and how-many-th call."""
from itertools import count

from . import settings

_counters = {}
_roots = {}
_sites = {}
proc = "0"


def sha256(data):
    global sha256
    try:
        from _sha2 import sha256 as function
    except ImportError:
        try:
            from _sha256 import sha256 as function
        except ImportError:
            from hashlib import sha256 as function
    sha256 = function
    return function(data)


def load_streams():
    """Lines `site key TAB root [TAB site]`: these sites draw from another root, as the site that they were in other code."""
    if settings.streams:
        with open(settings.streams, encoding="utf-8", errors="surrogateescape") as file:
            for line in file:
                fields = line.rstrip("\n").split("\t")
                if len(fields) > 1:
                    _roots[fields[0]] = fields[1]
                    _sites[fields[0]] = fields[-1] if len(fields) > 2 else fields[0]


def root_of(site):
    return _roots.get(site, settings.root)


def following(name, site):
    """How many times this site asked before."""
    counter = _counters.get((name, site))
    if counter is None:
        counter = _counters.setdefault((name, site), count())
    return next(counter)


def number(site, nth, bits):
    """An integer of so many bits, or None when the seed is off."""
    root = root_of(site)
    if not root:
        return None
    text = "\0".join((root, proc, _sites.get(site, site), str(nth)))
    blocks = []
    for block in range((bits + 255) // 256):
        blocks.append(sha256((text + "\0" + str(block)).encode("utf-8", "surrogateescape")).digest())
    return int.from_bytes(b"".join(blocks), "big") >> (256 * len(blocks) - bits)
