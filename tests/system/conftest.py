"""Which hypervisor the system tests boot: ours, or the oracle with --on=oracle."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # lib_qemu is there


def pytest_addoption(parser):
    parser.addoption("--on", choices=["ours", "oracle"], default="ours")


@pytest.fixture
def on(request):
    return request.config.getoption("--on")


def pytest_collection_modifyitems(items):
    """What has to run in one piece first: at the end one process would wait for it."""
    items.sort(key=lambda item: item.get_closest_marker("xdist_group") is None)
