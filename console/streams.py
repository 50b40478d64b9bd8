"""This process's standard output and error: a reader that has gone, and letters that its encoding lacks."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

__all__ = ["ReaderGone", "prepare_streams", "write_err", "write_out"]


class ReaderGone(Exception):
    """Whoever read standard output (`head`) has enough; nothing more can be written."""


def prepare_streams() -> None:
    """Let no letter stop a command: what the encoding of a stream lacks is written as an escape."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def write_out(text: str) -> None:
    """Write results at once.

    Raises:
        ReaderGone: the other end of the pipe was closed.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # What is still buffered would fail again at the process's end, with words nobody asked for.
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise ReaderGone from None


def write_err(text: str) -> None:
    """Write a remark; where nobody listens any more it is left out, for remarks are no results."""
    with suppress(BrokenPipeError):
        sys.stderr.write(text)
        sys.stderr.flush()
