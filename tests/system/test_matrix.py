"""Our kernel as domain 0, with our back ends: domains of both kernels, made by both tools.

That is a quarter of the matrix of what works with what; tests/matrix is all of it, on both
hypervisors and with Debian's domain 0, too. On Xen 4.17: --on=oracle
"""

import sys

import lib_matrix


def test_our_domain0(request):
    on = request.config.getoption("--on")
    results = list(lib_matrix.machine(on, "ours", sys.stdout))
    assert [result for result in results if result[2]] == []
    assert len(results) == 4, results
