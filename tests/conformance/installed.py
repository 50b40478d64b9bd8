"""Clients that other people wrote, installed once a checkout: into `.cache/clients`, by what was asked for.

A folder without its mark was left half-way and is made anew; workers that need the same client wait for each other.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

__all__ = ["node_with", "python_with"]

_PLACE = REPOSITORY / ".cache" / "clients"
_MARK = ".complete"
_LONGEST_S = 110
_NPM = ("install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock", "--loglevel=error")


def python_with(package: str, *, start: str = sys.executable, needed: bool = False) -> Path:
    """Return the interpreter of an environment that holds a package.

    Skips with the installer's words where it cannot be had; with `needed` that is a failure where pip reaches a
    registry. `start` is the interpreter that the environment is made of.
    """

    def commands(folder: Path) -> list[list[str]]:
        pip = [sys.executable, "-m", "pip", "--python", str(folder), "install", "-q", "--no-compile", package]
        return [[start, "-m", "venv", "--without-pip", str(folder)], pip]

    folder, trouble = _made(f"{package} of {start}", commands)
    if trouble and needed and _pip_reaches_a_registry():
        pytest.fail(f"{package} must not be left out where packages can be had: {trouble}")
    if trouble:
        pytest.skip(f"{package} cannot be installed here: {trouble}")
    return folder / "bin" / "python"


def node_with(package: str) -> Path:
    """Return a folder whose `node_modules` hold a package; skips with the reason where it cannot be had."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip(f"{package} needs Node and npm, and they are not on this machine")
    folder, trouble = _made(f"{package} of npm", lambda folder: [[npm, *_NPM, "--prefix", str(folder), package]])
    if trouble:
        pytest.skip(f"{package} cannot be installed here: {trouble}")
    return folder


def _made(what: str, commands: Callable[[Path], Sequence[Sequence[str]]]) -> tuple[Path, str]:
    """Return the folder, and what kept it from being filled."""
    folder = _PLACE / hashlib.sha256(what.encode()).hexdigest()[:16]
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if (folder / _MARK).exists():
            return folder, ""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for command in commands(folder):
            if trouble := _trouble_of(command):
                return folder, trouble
        (folder / _MARK).write_text(what, encoding="utf-8")
    return folder, ""


def _trouble_of(command: Sequence[str]) -> str:
    """Return the last words of an installer's command that did not work, empty for one that did."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_LONGEST_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return (done.stderr.strip().splitlines() or ["no words"])[-1] if done.returncode else ""


def _pip_reaches_a_registry() -> bool:
    command = [sys.executable, "-m", "pip", "index", "versions", "iniconfig"]
    return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0
