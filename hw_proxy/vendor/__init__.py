"""Makers' own libraries: described in TOML, each in a process of its own (docs/vendor-libraries.md)."""
