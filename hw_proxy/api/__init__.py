"""The local HTTP interface, version 1 (docs/protocol, section 3)."""
