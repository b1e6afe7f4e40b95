"""Sends what GOLIAT's window reports to the worker that started it.

Python imports a module of this name when it starts. The worker puts the folder of this one on PYTHONPATH for the
studies that it runs, so nothing of GOLIAT is changed. Where MUSTER_URL is set, requests to the address that is built
into GOLIAT go to that one, with the same path, body and answer; every other request is left alone. A sitecustomize
that would have been found without this one is run as if this one were not there.
"""

import os
import sys

_BUILT_IN_HOSTS = ("monitor.goliat.waves-ugent.be", "goliat.waves-ugent.be")
_BASE = os.environ.get("MUSTER_URL", "").rstrip("/")
_HERE = os.path.dirname(os.path.abspath(__file__))


def _bound(url):
    """The address in the place of one of GOLIAT's own; None for any other."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or parts.hostname not in _BUILT_IN_HOSTS:
            return None
    except (TypeError, ValueError, AttributeError):
        return None
    return _BASE + parts.path + ("?" + parts.query if parts.query else "")


def _patch(sessions):
    """Changes Session.request of the module requests.sessions, once."""
    original = sessions.Session.request
    if getattr(original, "_muster_bound", False):
        return

    def request(self, method, url, *args, **kwargs):
        return original(self, method, _bound(url) or url, *args, **kwargs)

    request._muster_bound = True
    request.__doc__ = original.__doc__
    request.__wrapped__ = original
    sessions.Session.request = request


class _Finder:
    """Waits for requests.sessions to be imported: a Python that never does pays nothing."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name != "requests.sessions":
            return None
        for finder in list(sys.meta_path):
            find = getattr(finder, "find_spec", None)
            if finder is _Finder or find is None:
                continue
            spec = find(name, path, target)
            if spec is not None and spec.loader is not None and hasattr(spec.loader, "exec_module"):
                _wrap(spec.loader)
                return spec
        return None


def _wrap(loader):
    execute = loader.exec_module

    def exec_module(module):
        execute(module)
        try:
            _patch(module)
        except Exception as problem:  # Never in the way of the program itself.
            print("muster: GOLIAT's reports stay unbound: %s" % problem, file=sys.stderr)

    loader.exec_module = exec_module


def _run_the_other():
    """Runs the sitecustomize that this one hides, under its own name."""
    from importlib.machinery import PathFinder

    places = [place for place in sys.path if os.path.abspath(place or os.curdir) != _HERE]
    spec = PathFinder.find_spec("sitecustomize", places)
    if spec is None or spec.loader is None:
        return
    from importlib.util import module_from_spec

    module = module_from_spec(spec)
    ours = sys.modules.get("sitecustomize")
    sys.modules["sitecustomize"] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        if ours is not None:
            sys.modules["sitecustomize"] = ours
        raise


if _BASE:
    if "requests.sessions" in sys.modules:
        _patch(sys.modules["requests.sessions"])
    else:
        sys.meta_path.insert(0, _Finder)
_run_the_other()
