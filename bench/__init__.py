"""Measurements: each figure beside a reference taken in the same run, because machines differ and drift."""
