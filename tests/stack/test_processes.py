"""Child processes: what happens when they fail, resist, or lose their parent."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from stack.paths import ROOT
from stack.processes import Process, ProcessError, Stack, free_ports, reserved, wait_until

SLEEP = ["sleep", "60"]


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


class NeverReady(Process):
    ready_timeout = 0.2

    def is_ready(self):
        return False


def test_a_process_that_ends_at_once_shows_its_log(tmp_path):
    process = Process("broken", ["sh", "-c", "echo the reason; exit 3"], tmp_path)
    process.is_ready = lambda: False
    with pytest.raises(ProcessError, match=r"status 3\n(.*\n)*the reason"):
        process.start()


def test_a_process_that_is_never_ready_is_killed(tmp_path):
    process = NeverReady("mute", SLEEP, tmp_path)
    with pytest.raises(ProcessError, match="mute to be ready"):
        process.start()
    assert not process.is_running()


def test_stop_kills_what_ignores_the_request(tmp_path):
    process = Process("stubborn", ["sh", "-c", "trap '' TERM; echo set; while :; do sleep 0.1; done"], tmp_path)
    process.is_ready = lambda: "set" in process.log_tail()
    process.stop_timeout = 0.3
    with process:
        pid = process.pid
    assert not is_alive(pid)


def test_kill_takes_the_children_along(tmp_path):
    process = Process("family", ["sh", "-c", "sleep 60 & echo $!; wait"], tmp_path)
    process.is_ready = lambda: process.log_tail().strip().isdigit()
    process.start()
    child = int(process.log_tail())
    process.kill()
    wait_until(lambda: not is_alive(child), 5, "the child to end")


def runs(pid, program):
    return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0].endswith(program.encode())


def test_a_process_dies_with_its_parent(tmp_path):
    program = (
        "import pathlib, sys, time\n"
        "from stack.processes import Process\n"
        f"process = Process('orphan', {SLEEP!r}, pathlib.Path({str(tmp_path)!r})).start()\n"
        "print(process.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=environment) as parent:
        orphan = int(parent.stdout.readline())
        # The kernel is told just before the program begins; a parent that dies earlier leaves it behind.
        wait_until(lambda: runs(orphan, SLEEP[0]), 5, "the program to begin")
        parent.send_signal(signal.SIGKILL)
    wait_until(lambda: not is_alive(orphan), 5, "the process to end")


def test_start_again_after_a_kill(tmp_path):
    with Process("phoenix", SLEEP, tmp_path) as process:
        first = process.pid
        process.kill()
        assert not process.is_running()
        assert process.start().pid != first


def test_the_last_started_is_stopped_first(tmp_path):
    order = []

    class Noting(Process):
        def stop(self):
            order.append(self.name)
            super().stop()

    with pytest.raises(RuntimeError, match="in the middle"), Stack() as stack:
        for name in ("one", "two", "three"):
            stack.start(Noting(name, SLEEP, tmp_path))
        raise RuntimeError("in the middle")
    assert order == ["three", "two", "one"]


def test_a_process_that_ended_by_itself_is_reported(tmp_path):
    with Stack() as stack:
        process = stack.start(Process("short", ["sleep", "0.1"], tmp_path))
        wait_until(stack.ended, 5, "it to end")
        assert stack.ended() == [process]


def test_waiting_gives_up():
    start = time.monotonic()
    with pytest.raises(ProcessError, match=r"0\.1 s in vain for a miracle"):
        wait_until(lambda: False, 0.1, "a miracle")
    assert time.monotonic() - start < 2


def test_ports_are_given_once():
    first, second = free_ports(2), free_ports(2)
    assert not {first, first + 1} & {second, second + 1}


def test_a_port_is_given_to_one_program_only_also_while_nothing_listens():
    # The other program looks from the same port on.
    ask = f"import os; os.getpid = lambda: {os.getpid()}; from stack.processes import free_ports; print(free_ports())"
    free_ports()
    other = subprocess.run([sys.executable, "-c", ask], cwd=ROOT / "script", capture_output=True, text=True, check=True)
    assert int(other.stdout) not in reserved


def test_a_process_outlives_the_thread_that_asked_for_it(tmp_path):
    process = Process("lasting", SLEEP, tmp_path)
    thread = threading.Thread(target=process.start)
    thread.start()
    thread.join()
    time.sleep(0.2)
    assert process.is_running()
    process.kill()
