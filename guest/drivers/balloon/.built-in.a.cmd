cmd_drivers/xen/balloon/built-in.a := rm -f drivers/xen/balloon/built-in.a;  printf "drivers/xen/balloon/%s " reservation.o balloon.o control.o | xargs ar cDPrST drivers/xen/balloon/built-in.a
