"""hw_proxy as a process."""

import socket
import sys
from pathlib import Path

from stack.processes import Process


class ProxyProcess(Process):
    """``hw-proxy run --config FILE`` of this virtual environment.

    :param Path config: its configuration file
    :param int port: the port that the configuration names; it is ready when this accepts connections
    :param dict environment: usually ``PcscDaemon.client_environment()``
    """

    ready_timeout = 20

    def __init__(self, config, port, environment=None, name="hw_proxy"):
        self.config = Path(config)
        self.port = port
        program = Path(sys.executable).with_name("hw-proxy")
        super().__init__(name, [program, "run", "--config", self.config], self.config.parent, environment)

    @property
    def url(self):
        """Address of its interface, such as ``http://127.0.0.1:8269``."""
        return f"http://127.0.0.1:{self.port}"

    def is_ready(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
