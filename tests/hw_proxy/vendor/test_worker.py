"""A library's process: what happens to it when it misbehaves, and what it can reach. Real processes, real C."""

import errno
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from stack.paths import ROOT

from hw_proxy.vendor.description import load
from hw_proxy.vendor.faults import VendorError
from hw_proxy.vendor.library import Library
from hw_proxy.vendor.process import WorkerProcess
from hw_proxy.vendor.quarantine import MemoryStore, Quarantine
from hw_proxy.vendor.worker import keeper, main
from hw_proxy.vendor.worker.channel import Channel
from simulators.vendor import describe
from simulators.vendor.cards import HUALI, ZONGLIANG, Record, make_card
from tests.hw_proxy.vendor.support import CUSTOMER, METER, SERIAL, ChipInReader, library

ORDER = {"customer": CUSTOMER, "meter": METER, "kind": "purchase", "count": 5, "quantity": 700}


@pytest.fixture
def chip():
    """A card of the maker in a reader."""
    return ChipInReader(make_card(HUALI, Record(SERIAL, CUSTOMER, METER, 2, 4, 5000, 20_000, True, 4, 900)))


def failing(made, verb="read", chip=None):
    """The code of a call that must fail."""
    with pytest.raises(VendorError) as error:
        made.call(verb, ORDER, chip.transmit if chip else None)
    return error.value.code


@pytest.mark.parametrize(
    ("trick", "code"),
    [
        ("read:crash", "V-103"),
        ("read:exit", "V-103"),
        ("read:leak", "V-103"),
        ("read:garbage", "V-105"),
        ("read:overrun", "V-103"),
    ],
)
def test_a_library_that_goes_wrong_fails_its_call_and_loses_its_process(built, chip, trick, code):
    made = library(built, "huali", trick)
    assert failing(made, chip=chip) == code
    assert made.worker is None


@pytest.mark.parametrize("trick", ["read:hang", "read:spin"])
def test_a_library_that_does_not_return_is_killed_in_time(built, chip, trick):
    made = library(built, "huali", trick)
    made.start()
    pid = made.worker.pid
    begin = time.monotonic()
    assert failing(made, chip=chip) == "V-102"
    assert time.monotonic() - begin < 10
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_byte_written_past_the_end_of_a_buffer_is_found(built):
    """The guard page begins at a multiple of eight; what lies between is found by its pattern."""
    chip = ChipInReader(make_card(ZONGLIANG, Record(SERIAL, CUSTOMER, METER, 2, 4, 5000, 20_000)))
    assert failing(library(built, "zongliang", "read:overrun"), chip=chip) == "V-105"


def test_a_library_works_again_after_every_kind_of_failure(built, chip):
    store = MemoryStore()
    for trick in ("read:crash", "read:garbage"):
        assert failing(library(built, "huali", trick, store), chip=chip) in ("V-103", "V-105")
    made = library(built, "huali", None, store)
    assert made.call("read", {}, chip.transmit)["serial"] == SERIAL
    assert made.quarantine.health().failures == 0
    made.stop()


def test_a_library_that_leaks_slowly_gets_a_new_process_before_its_limit(built, chip):
    made = library(built, "huali", "read:drip", memory_mb=256)
    pids = set()
    for _number in range(12):
        assert made.call("read", {}, chip.transmit)["serial"] == SERIAL
        made.start()
        pids.add(made.worker.pid)
    assert len(pids) > 1
    assert made.quarantine.health().failures == 0
    made.stop()


def test_three_crashes_quarantine_and_reading_does_not_forgive_a_crash_in_writing(built, chip):
    made = library(built, "huali", "sell:crash")
    for _number in range(2):
        assert failing(made, "purchase", chip) == "V-103"
        assert made.call("read", {}, chip.transmit)["serial"] == SERIAL
    assert failing(made, "purchase", chip) == "V-103"
    assert failing(made, "read", chip) == "V-104"
    assert made.worker is None


def test_an_operator_releases_a_quarantined_library(built, chip):
    made = library(built, "huali", "sell:crash", crashes=1)
    assert failing(made, "purchase", chip) == "V-103"
    assert failing(made, "read", chip) == "V-104"
    made.quarantine.release()
    assert made.call("read", {}, chip.transmit)["serial"] == SERIAL
    made.stop()


def test_a_quarantine_outlasts_a_restart_and_ends_by_itself():
    store, now = MemoryStore(), [1000.0]
    one = Quarantine(store, "x", 2, 60.0, lambda: now[0])
    one.failed("read", "hung")
    assert not one.resting()
    one.failed("read", "hung")
    again = Quarantine(store, "x", 2, 60.0, lambda: now[0])
    assert again.resting()
    now[0] += 61
    assert not again.resting()
    again.failed("read", "hung")
    assert again.resting()


def test_a_clock_set_back_does_not_make_a_quarantine_of_years():
    store, now = MemoryStore(), [2_000_000_000.0]
    one = Quarantine(store, "x", 1, 60.0, lambda: now[0])
    one.failed("read", "hung")
    now[0] = 1_000_000_000.0
    assert not one.resting()


def test_an_error_that_the_library_reports_is_named_and_counts_for_nothing(built, chip):
    made = library(built, "huali", "sell:fail")
    with pytest.raises(VendorError) as error:
        made.call("purchase", ORDER, chip.transmit)
    assert (error.value.code, error.value.number) == ("C-204", -5)
    assert "write failed" in error.value.text
    assert made.quarantine.health().failures == 0
    made.stop()


def test_an_error_number_without_a_row_is_an_error_of_the_library(built, chip):
    made = library(built, "huali", "sell:garbage")
    with pytest.raises(VendorError) as error:
        made.call("purchase", ORDER, chip.transmit)
    assert (error.value.code, error.value.number) == ("V-106", 12345)
    made.stop()


def test_a_library_that_ignores_its_limit_of_processor_time_is_killed_by_the_kernel(built, chip, monkeypatch):
    monkeypatch.setattr("hw_proxy.vendor.process.CPU_LIFE", 2)
    made = library(built, "huali", "read:spin_on", timeout=60.0)
    with pytest.raises(VendorError, match="signal 9") as error:
        made.call("read", {}, chip.transmit)
    assert error.value.code == "V-103"


def test_a_library_that_has_used_half_its_processor_time_gets_a_new_process(built, chip, monkeypatch):
    monkeypatch.setattr("hw_proxy.vendor.process.CPU_LIFE", 2)
    made = library(built, "huali", "read:burn")
    pids = set()
    for _number in range(6):
        assert made.call("read", {}, chip.transmit)["serial"] == SERIAL
        made.start()
        pids.add(made.worker.pid)
    assert len(pids) > 1
    assert made.quarantine.health().failures == 0
    made.stop()


def test_a_process_that_cannot_be_started_is_a_missing_library_and_leaves_nothing_behind(built, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    held = len(os.listdir("/proc/self/fd"))
    with pytest.raises(VendorError) as error:
        Library(load(describe("huali", built))).start()
    assert error.value.code == "V-101"
    assert "no process could be started" in error.value.text
    assert list(tmp_path.iterdir()) == []
    assert len(os.listdir("/proc/self/fd")) == held


def test_a_keeper_without_room_for_the_library_s_process_says_so(monkeypatch):
    class Full(keeper.Keeper):
        def __init__(self, _line):
            """Nothing of this process is changed."""

        def fork(self):
            raise OSError(errno.EAGAIN, "no room")

    ours, theirs = socket.socketpair()
    monkeypatch.setattr(main, "Keeper", Full)
    monkeypatch.setattr("sys.argv", ["run", str(theirs.detach()), "0"])
    with ours:
        with pytest.raises(SystemExit):
            main.run()
        assert "no room" in Channel(ours).receive(time.monotonic() + 5)["failed"]


def test_a_missing_library_says_which_file(built):
    description = replace(load(describe("huali", built)), file=built / "nothing.so")
    with pytest.raises(VendorError) as error:
        Library(description).start()
    assert error.value.code == "V-101"
    assert "nothing.so" in error.value.text


def test_a_missing_library_is_not_tried_again_at_once(built, monkeypatch):
    tries = []
    monkeypatch.setattr("hw_proxy.vendor.library.REST", 0.2)
    real = WorkerProcess.__init__

    def counted(self, *arguments):
        tries.append(1)
        real(self, *arguments)

    monkeypatch.setattr(WorkerProcess, "__init__", counted)
    made = Library(replace(load(describe("huali", built)), file=built / "nothing.so"))
    for _number in range(3):
        with pytest.raises(VendorError, match="V-101"):
            made.start()
    assert len(tries) == 1
    time.sleep(0.2)
    with pytest.raises(VendorError, match="V-101"):
        made.start()
    assert len(tries) == 2


def test_a_library_without_the_described_function_says_which(built):
    description = load(describe("huali", built))
    functions = {**description.functions, "read": replace(description.functions["read"], symbol="HL_Reed")}
    with pytest.raises(VendorError, match="HL_Reed"):
        Library(replace(description, functions=functions)).start()


def test_a_value_that_does_not_fit_never_reaches_the_library(built, chip):
    made = library(built, "huali")
    with pytest.raises(VendorError) as error:
        made.call("purchase", {**ORDER, "customer": "1" * 13}, chip.transmit)
    assert error.value.code == "V-105"
    assert chip.commands == []
    made.stop()


def test_an_init_that_refuses_makes_the_library_missing(built):
    with pytest.raises(VendorError) as error:
        library(built, "huali", "init:fail").start()
    assert error.value.code == "V-101"


def test_the_card_leaving_during_a_call_is_an_error_of_the_card(built, chip):
    made = library(built, "huali")

    def gone(_command):
        return None

    with pytest.raises(VendorError) as error:
        made.call("read", {}, gone)
    assert error.value.code == "C-206"
    made.stop()


SPY = r"""
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <dirent.h>
#include <unistd.h>
extern char **environ;
int reach(const char *path) { int f = open(path, O_RDONLY); if (f < 0) return 0; close(f); return 1; }
int network(void) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
    int s = socket(AF_INET, SOCK_STREAM, 0);
    to.sin_addr.s_addr = htonl(0x7f000001);
    if (s < 0) return 0;
    int r = connect(s, (struct sockaddr *)&to, sizeof to), e = errno;
    close(s);
    return r == 0 || e == ECONNREFUSED;
}
int look(const char *path, char *out) {
    int files = 0, descriptors = 0;
    struct dirent *entry;
    DIR *here = opendir(".");
    while (here && (entry = readdir(here))) files += entry->d_name[0] != '.';
    for (int f = 3; f < 4096; f++) descriptors += fcntl(f, F_GETFD) >= 0;
    descriptors -= here != NULL;
    sprintf(out, "%d|%d|%d|%d|%d|%d", reach(path), network(), getenv("SECRET_OF_THE_SERVICE") != NULL,
            files, descriptors, (int)getuid());
    return 0;
}
"""
SPY_TOML = """
id = "spy"
name = "Spy"
maker = "Nobody"
file = "libspy.so"
transport = "reader"
unit = "kwh"
atrs = ["3b00"]
read_back = "sle4442_demo"
[functions.purchase]
symbol = "look"
arguments = [{ type = "text", value = "reader" }, { type = "buffer", size = 128, format = "seen" }]
[formats.seen]
kind = "text"
fields = [{ name = "version" }]
"""


def test_a_library_sees_neither_files_nor_environment_nor_network_of_the_service(built, tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_SERVICE", "1")
    secret = tmp_path / "keys.json"
    secret.write_text("secret")
    os.chmod(secret, 0o644)
    # Readable by everybody, so that only the fence keeps the library out.
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.geteuid() and folder != Path("/"):
            os.chmod(folder, folder.stat().st_mode | 0o055)
    (built / "spy.c").write_text(SPY)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", built / "libspy.so", built / "spy.c"], check=True)
    (built / "spy.toml").write_text(SPY_TOML)
    worker = WorkerProcess(load(built / "spy.toml"))
    try:
        seen = worker.call("purchase", {"reader": str(secret)}).values["version"].split("|")
    finally:
        worker.kill()
    reached, network, environment, files, descriptors, user = map(int, seen)
    assert (reached, network, environment, files) == (0, 0, 0, 0)
    # The channel to the service and nothing else.
    assert descriptors == 1
    assert user != 0


UNPRIVILEGED = """
import os, sys
sys.path.insert(0, sys.argv[1])
from hw_proxy.vendor.worker import sandbox
if os.geteuid() == 0:
    os.chown(sys.argv[2], 65534, 65534)
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
try:
    sandbox.confine({"memory_mb": 512, "cpu_s": 60, "readable": [], "writable": []})
except sandbox.NotConfined:
    print("refused")
    sys.exit()
try:
    open(sys.argv[2]).read()
    print("read")
except PermissionError:
    print("kept out")
"""


def test_where_the_service_is_not_root_the_kernel_keeps_the_library_from_the_service_s_own_files():
    """Or, on a kernel without Landlock, nothing is loaded at all."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        secret = Path(folder) / "keys.json"
        secret.write_text("secret")
        secret.chmod(0o600)
        done = subprocess.run(
            [sys.executable, "-c", UNPRIVILEGED, str(ROOT), str(secret)], capture_output=True, text=True, check=True
        )
    assert done.stdout.strip() in ("kept out", "refused")


def strays(parent):
    """The processes that a library started and that have left its session, by numbers."""
    family = psutil.Process(parent).children(recursive=True)
    return [each for each in family if os.getsid(each.pid) != parent]


def all_gone(processes):
    """Wait until the processes have ended."""
    _gone, alive = psutil.wait_procs(processes, timeout=10)
    return not alive


def test_what_a_killed_library_has_started_ends_with_it_although_it_left_group_session_and_parent(built, chip):
    made = library(built, "huali", "read:daemon")
    assert made.call("read", {}, chip.transmit)["serial"] == SERIAL
    left = strays(made.worker.pid)
    assert left
    made.stop()
    assert all_gone(left)


def test_what_a_crashed_library_has_started_ends_with_it(built, chip):
    made = library(built, "huali", "read:daemon")
    made.call("read", {}, chip.transmit)
    left = strays(made.worker.pid)
    (worker,) = (each for each in psutil.Process(made.worker.pid).children() if each not in left)
    worker.kill()
    assert failing(made, chip=chip) == "V-103"
    assert all_gone([worker, *left])


def test_children_are_found_where_the_kernel_does_not_list_them(monkeypatch):
    monkeypatch.setattr(keeper, "_CHILDREN", "/nowhere/{}")
    with subprocess.Popen(["sleep", "60"]) as child:
        found = keeper._children()
        child.kill()
    assert child.pid in found
    assert child.pid not in keeper._children()
    assert os.getpid() not in found


def test_a_unit_that_is_stopped_does_not_end_a_library_before_the_service(built, chip):
    made = library(built, "huali")
    made.start()
    for each in psutil.Process(made.worker.pid).children():
        each.terminate()
    os.kill(made.worker.pid, signal.SIGTERM)
    pid = made.worker.pid
    assert made.call("read", {}, chip.transmit)["serial"] == SERIAL
    assert made.worker.pid == pid
    made.stop()


SERVICE = """
import sys, time
from pathlib import Path
from hw_proxy.vendor.description import load
from hw_proxy.vendor.process import WorkerProcess
worker = WorkerProcess(load(Path(sys.argv[1])))
worker.call("init", {})
print(worker.pid, flush=True)
time.sleep(600)
"""


def test_a_library_and_what_it_started_end_when_the_service_is_killed(built):
    description = describe("huali", built, VENDOR_TRICK="init:daemon")
    options = {"stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
    with subprocess.Popen([sys.executable, "-c", SERVICE, str(description)], **options) as service:
        parent = psutil.Process(int(service.stdout.readline()))
        everything = [parent, *parent.children(recursive=True)]
        assert strays(parent.pid)
        service.kill()
    assert all_gone(everything)
