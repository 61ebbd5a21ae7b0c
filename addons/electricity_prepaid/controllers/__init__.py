from . import receipt, terminal
