"""Domain 0 goes, and with it the machine, whatever its other CPU is doing."""

import sys

from lib_domains import Dom0, Machine

# Processes come and go all the time: tables of pages are checked and taken apart.
BUSY = """
for i in 1 2 3; do
	(while :; do dd if=/dev/zero of=/dev/null bs=1M count=1; done > /dev/null 2>&1 &)
done
sleep 1
"""


def test_busy(on):
    with Dom0(Machine(on=on, smp=2), sys.stdout) as dom0:
        dom0.check(BUSY)
        assert dom0.power_off() == "guest-shutdown", dom0.log()
        if on == "ours":
            assert "(XL) audit: clean" in dom0.log(), dom0.log()
