"""The rules of the sale in plain Python: no database, no web framework.

What stands here can be tested without Odoo and is the only place where a rule is written down: tariff, limits, gate,
resolution, transitions, evidence, signed messages, keys and the catalogue of codes. The models call it and store what
it says.
"""
