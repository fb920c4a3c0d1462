/* SPDX-License-Identifier: GPL-2.0-only */
/* Ours, under the names that Linux has for the same. */
#ifndef SHIM_NETIF_H
#define SHIM_NETIF_H

#include <stdint.h>
#include "include/xen/xen.h"
#include "include/xen/io/netif.h"

#define xen_netif_tx_request netif_tx_request
#define xen_netif_rx_response netif_rx_response
#define xen_netif_extra_info netif_extra_info
#define XEN_NETTXF_csum_blank NETTXF_csum_blank
#define XEN_NETTXF_data_validated NETTXF_data_validated
#define XEN_NETTXF_more_data NETTXF_more_data
#define XEN_NETTXF_extra_info NETTXF_extra_info
#define XEN_NETRXF_data_validated NETRXF_data_validated
#define XEN_NETRXF_csum_blank NETRXF_csum_blank
#define XEN_NETRXF_more_data NETRXF_more_data
#define XEN_NETRXF_extra_info NETRXF_extra_info

#endif
