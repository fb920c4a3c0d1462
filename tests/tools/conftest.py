"""Fixtures of the tests of the tools."""

from lib_tools import xend, xm  # noqa: F401
