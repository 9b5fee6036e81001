"""Entente: one agreement between marketing and sales, run live, and one truth to read from it."""

__version__ = "0.1.0"
