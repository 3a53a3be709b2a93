"""Parity: what core's own ``mqtt`` integration does with an announcement, ours does too.

See README.md for how to add cases.
"""
