"""The owner's socket: who may ask, what is answered when something breaks, and that no command is lost or run twice."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from console.cli import run_request
from console.owner import Owner, Request, ask_owner, owner_answers, socket_path
from sync.errors import StoreUnreadable
from tests.console.homes import Home


def answering(text: str, code: int = 0) -> Callable[[Request], int]:
    def run(request: Request) -> int:
        request.out(f"{text} {' '.join(request.argv)}\n")
        return code

    return run


def exchange(home: Path, request: bytes) -> list[dict[str, object]]:
    """Send raw bytes and return the lines that come back until the owner hangs up."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(20)
        client.connect(str(socket_path(home)))
        client.sendall(request)
        client.shutdown(socket.SHUT_WR)
        return [json.loads(line) for line in client.makefile("rb")]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def test_nobody_listens(home: Path) -> None:
    assert ask_owner(home, ["list"]) is None
    assert not owner_answers(home)
    assert ask_owner(home / "not there", ["list"]) is None


def test_a_stale_socket_of_a_killed_owner_is_nobody_and_is_replaced(home: Path) -> None:
    script = (
        "import socket, sys, os; s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen();"
        " os.kill(os.getpid(), 9)"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(socket_path(home))], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert socket_path(home).exists()
    assert ask_owner(home, ["list"]) is None
    with Owner(home, answering("new")):
        assert owner_answers(home)
        assert ask_owner(home, ["list"]) == 0
    assert not socket_path(home).exists()


@pytest.mark.parametrize(
    "request_bytes", [b"nonsense\n", b"[1]\n", b"\xff\xfe\n", b"", b"{" + b"x" * (1 << 20) + b"}\n"],
    ids=["no JSON", "no object", "no text", "nothing", "too long"],
)  # fmt: skip
def test_a_request_that_cannot_be_read_is_answered_and_the_owner_goes_on(home: Path, request_bytes: bytes) -> None:
    ran: list[Request] = []
    with Owner(home, lambda r: ran.append(r) or 0):  # type: ignore[func-returns-value]
        (answer,) = exchange(home, request_bytes)
        assert answer["exit"] == 2
        assert "the request could not be read" in str(answer["err"])
        assert ran == []
        assert owner_answers(home)


def test_a_command_that_breaks_is_answered_and_the_owner_goes_on(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(request: Request) -> int:
        raise ValueError("secret detail")

    with Owner(home, broken):
        assert ask_owner(home, ["list"]) == 70
        assert "our bug: ValueError" in capsys.readouterr().err
        assert owner_answers(home)


def test_an_owner_that_dies_in_the_middle_is_code_3(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(socket_path(home)))
        server.listen()

        def accept_then_die() -> None:
            connection, _ = server.accept()
            connection.recv(65536)
            connection.sendall(b'{"accepted": true}\n{"out": "half')
            connection.close()

        dying = threading.Thread(target=accept_then_die)
        dying.start()
        assert ask_owner(home, ["pull"]) == 3
        dying.join()
    assert "stopped before the command was finished" in capsys.readouterr().err


def test_a_request_that_nobody_took_was_not_run_and_may_be_asked_again(home: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(socket_path(home)))
        server.listen()
        closing = threading.Timer(0.05, server.close)
        closing.start()
        assert ask_owner(home, ["pull"]) is None
        closing.join()


def test_a_home_where_nobody_can_listen_is_refused_in_a_sentence(home: Path) -> None:
    socket_path(home).mkdir()
    with pytest.raises(StoreUnreadable, match="nobody can listen at"), Owner(home, answering("x")):
        raise AssertionError("it must not listen")


def test_a_long_path_gets_a_short_socket_in_a_private_folder(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    short = tmp_path_factory.mktemp("t")
    monkeypatch.setattr("tempfile.tempdir", str(short))
    long = home / ("x" * 120)
    long.mkdir()
    path = socket_path(long)
    assert len(os.fsencode(path)) <= 100
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert socket_path(home / ("y" * 120)) != path
    with Owner(long, answering("long")):
        assert ask_owner(long, ["list"]) == 0
    path.parent.chmod(0o755)
    with pytest.raises(PermissionError, match="can be read by others"):
        socket_path(long)
    assert ask_owner(long, ["list"]) is None
    with pytest.raises(StoreUnreadable, match="belongs to somebody else"), Owner(long, answering("x")):
        raise AssertionError("it must not listen")
    path.parent.rmdir()
    elsewhere = short / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    path.parent.symlink_to(elsewhere)
    with pytest.raises(PermissionError):
        socket_path(long)


def test_only_this_user_may_connect(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Owner(home, answering("mine")):
        assert stat.S_IMODE(socket_path(home).stat().st_mode) == 0o600
        monkeypatch.setattr("console.owner._peer_uid", lambda connection: os.getuid() + 1)
        assert ask_owner(home, ["list"]) is None
        assert not owner_answers(home)


def test_output_errors_and_code_come_through_in_order(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(request: Request) -> int:
        request.out(f"{request.argv} in {request.cwd} by {request.who}\n")
        request.err("careful ␛ \udc80\n")
        for n in range(3000):
            request.out(f"{n}\n")
        return 1

    with Owner(home, run):
        # Standard output of a real command takes any letter; here only the captured one is asked.
        assert exchange(home, b'{"argv": ["a b", "\\u00e9"], "cwd": "/x", "who": "ann"}\n')[-1] == {"exit": 1}
        lines = exchange(home, b'{"argv": ["a b"], "cwd": "/x", "who": "ann"}\n')
    assert lines[0] == {"accepted": True}
    assert lines[1] == {"out": "['a b'] in /x by ann\n"}
    assert lines[2] == {"err": "careful ␛ \udc80\n"}
    assert [line["out"] for line in lines[3:-1]] == [f"{n}\n" for n in range(3000)]
    assert capsys.readouterr().out == ""


def test_the_user_of_the_client_is_the_one_that_is_recorded(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setenv("TIEOUT_USER", "ann")
    with Owner(home, lambda r: seen.append(r.who) or 0):  # type: ignore[func-returns-value]
        ask_owner(home, ["list"])
    assert seen == ["ann"]


def test_many_commands_at_once_each_get_their_own_answer(home: Path) -> None:
    together = threading.Barrier(20)

    def run(request: Request) -> int:
        together.wait(timeout=30)
        request.out(request.argv[0])
        return int(request.argv[0])

    codes: dict[int, object] = {}

    def ask(n: int) -> None:
        request = json.dumps({"argv": [str(n)], "cwd": "/"}).encode() + b"\n"
        codes[n] = exchange(home, request)[1:]

    with Owner(home, run):
        asking = [threading.Thread(target=ask, args=(n,)) for n in range(20)]
        for thread in asking:
            thread.start()
        for thread in asking:
            thread.join(timeout=60)
    assert codes == {n: [{"out": str(n)}, {"exit": n}] for n in range(20)}


def test_a_client_that_hangs_up_cancels_its_command(home: Path) -> None:
    ended = threading.Event()

    def run(request: Request) -> int:
        deadline = time.monotonic() + 30
        while not request.cancel.is_cancelled:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        ended.set()
        return 1

    with Owner(home, run):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.connect(str(socket_path(home)))
            client.sendall(b'{"argv": ["pull"]}\n')
            assert b"accepted" in client.recv(100)
        assert ended.wait(30)


def test_an_owner_that_ends_waits_for_what_it_took(home: Path) -> None:
    started, may_end, order = threading.Event(), threading.Event(), list[str]()

    def run(request: Request) -> int:
        started.set()
        assert may_end.wait(30)
        order.append("command")
        return 0

    codes: list[int | None] = []
    with Owner(home, run):
        asking = threading.Thread(target=lambda: codes.append(ask_owner(home, ["pull"])))
        asking.start()
        assert started.wait(30)
        threading.Timer(0.1, may_end.set).start()
    order.append("closed")
    asking.join(timeout=30)
    assert (order, codes) == (["command", "closed"], [0])


def test_an_owner_without_patience_cancels_what_it_took(home: Path) -> None:
    started = threading.Event()
    cancelled: list[bool] = []

    def run(request: Request) -> int:
        started.set()
        deadline = time.monotonic() + 30
        while not request.cancel.is_cancelled and time.monotonic() < deadline:
            time.sleep(0.01)
        cancelled.append(request.cancel.is_cancelled)
        return 1

    with Owner(home, run, patience_s=0.0):
        asking = threading.Thread(target=lambda: ask_owner(home, ["pull"]))
        asking.start()
        assert started.wait(30)
    assert cancelled == [True]
    asking.join(timeout=30)


def test_a_command_runs_in_the_process_that_has_the_database(pulled: Home) -> None:
    workspace = pulled.workspace()
    with Owner(pulled.folder, lambda request: run_request(workspace, request)):
        listed = pulled.command("list", "orders", "--json", "--limit", "3")
        assert len(listed.rows) == 3
        assert "no such record" in pulled.command("show", "nonsense", code=2).err
        doctor = {row["check"]: row["detail"] for row in pulled.command("doctor", "--json").rows}
        assert "another process owns it" in doctor["database"]


def test_many_processes_at_once_all_get_their_answer_without_any_owner_before(pulled: Home) -> None:
    started = [
        pulled.start("list", "orders", "--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(4)
    ]
    ended = [(p.communicate(timeout=100), p.returncode) for p in started]
    assert [code for _, code in ended] == [0] * 4, [err for (_, err), _ in ended]
    assert len({out for (out, _), _ in ended}) == 1
    assert ended[0][0][0].count("\n") > 100
