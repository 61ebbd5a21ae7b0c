"""pcscd with two virtual readers, apart from any other pcscd of the machine."""

import hashlib
import os
import shlex
import subprocess
from pathlib import Path

from stack.paths import cache_folder
from stack.processes import Process, ProcessError, free_ports

SYSTEM_FOLDER = Path("/run/pcscd")
# Not in the PATH of ordinary users.
PCSCD = "/usr/sbin/pcscd"
SHIM = Path(__file__).with_name("loopback.c")


def _driver():
    found = sorted(Path("/usr/lib/pcsc/drivers").rglob("libifdvpcd.so"))
    if not found:
        raise ProcessError("the virtual reader's driver (vsmartcard-vpcd) is missing: run script/bootstrap")
    return found[0]


def _loopback_library():
    """Return the compiled ``loopback.c``, made once per content and kept in the cache."""
    name = f"loopback-{hashlib.sha256(SHIM.read_bytes()).hexdigest()[:12]}.so"
    library = cache_folder() / "lib" / name
    if not library.exists():
        library.parent.mkdir(parents=True, exist_ok=True)
        part = library.with_suffix(f".{os.getpid()}")
        subprocess.run(["cc", "-O2", "-Wall", "-shared", "-fPIC", "-o", part, SHIM, "-ldl"], check=True)
        part.replace(library)
    return library


class PcscDaemon(Process):
    """pcscd in the foreground with the readers "Virtual PCD 00 00" and "Virtual PCD 00 01".

    In a mount namespace of its own, ``/run/pcscd`` is ``folder/run``: it neither meets the machine's
    pcscd nor needs root (where user namespaces are allowed). Programs find it by :meth:`client_environment`. Where
    namespaces are forbidden, root still gets a pcscd at the usual place.

    A card simulator connects to TCP :attr:`port` on 127.0.0.1 (first reader) or ``port + 1`` (second), and is the
    card as long as the connection lasts.

    :param Path folder: for the configuration, the socket and the log
    :param int port: first of the two ports; free ones by default
    """

    ready_timeout = 15
    stop_timeout = 5

    def __init__(self, folder, port=None):
        self.folder = Path(folder)
        self.port = port or free_ports(2)
        self.isolated = self._namespaces_allowed()
        self.socket = (self.folder / "run" if self.isolated else SYSTEM_FOLDER) / "pcscd.comm"
        super().__init__("pcscd", self._daemon(), self.folder)

    def _daemon(self):
        command = [PCSCD, "--foreground", "--error", "--config", self.folder / "readers"]
        # Newer releases ask polkit who may use a card; this daemon belongs to the one who started it.
        usage = subprocess.run([PCSCD, "--help"], capture_output=True, text=True, check=False)
        if "--disable-polkit" in usage.stdout + usage.stderr:
            command.append("--disable-polkit")
        return command

    @staticmethod
    def _unshare():
        return ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]

    @classmethod
    def _namespaces_allowed(cls):
        probe = [*cls._unshare(), "mount", "-t", "tmpfs", "tmpfs", "/tmp"]
        return subprocess.run(probe, capture_output=True, check=False).returncode == 0

    def client_environment(self):
        """Return the variables that lead PC/SC clients (pyscard, hw_proxy) to this daemon."""
        return {"PCSCLITE_CSOCK_NAME": str(self.socket)} if self.isolated else {}

    def prepare(self):
        readers = self.folder / "readers"
        readers.mkdir(parents=True, exist_ok=True)
        # 0x8C7B is the driver's customary channel; it has to be the port's number in this mode.
        (readers / "virtual").write_text(
            f'FRIENDLYNAME "Virtual PCD"\nDEVICENAME /dev/null:0x{self.port:04X}\n'
            f"LIBPATH {_driver()}\nCHANNELID 0x{self.port:04X}\n",
            encoding="ascii",
        )
        self.socket.parent.mkdir(parents=True, exist_ok=True)
        for left_over in (self.socket, self.socket.with_name("pcscd.pid")):
            if self.isolated:
                left_over.unlink(missing_ok=True)
        self.environment["LD_PRELOAD"] = str(_loopback_library())

    def wrapped(self):
        command = shlex.join(self.command)
        if not self.isolated:
            return super().wrapped()
        own = shlex.quote(str(self.socket.parent))
        # /run/pcscd may be missing where no pcscd ever ran; a user without rights then gets a /run of its own.
        # Only pcscd itself may see the preloaded library.
        script = (
            f"unset LD_PRELOAD; cd {own} && "
            f"{{ mkdir -p {SYSTEM_FOLDER} 2>/dev/null || "
            f"{{ mount -t tmpfs tmpfs /run && mkdir {SYSTEM_FOLDER}; }}; }} && "
            f"mount --bind . {SYSTEM_FOLDER} && "
            f"export LD_PRELOAD={shlex.quote(self.environment['LD_PRELOAD'])} && exec {command}"
        )
        return [*self._unshare(), "setpriv", "--pdeathsig", "KILL", "--", "sh", "-c", script]

    def is_ready(self):
        return self.socket.exists()

    def daemon_pid(self):
        """Return the process id of pcscd itself, under whatever started it.

        :raises ProcessError: it does not run.
        """
        wanted = [self.pid] if self.is_running() else []
        while wanted:
            pid = wanted.pop()
            if Path(f"/proc/{pid}/comm").read_text(encoding="ascii").strip() == "pcscd":
                return pid
            wanted += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split())
        raise ProcessError("pcscd does not run")
