/* SPDX-License-Identifier: MIT */
/*
 * Parameters of HVM domains, as far as tools that build any kind of domain name
 * them: where xenstore and the console are. PV guests have start_info instead.
 */
#ifndef __XEN_PUBLIC_HVM_PARAMS_H__
#define __XEN_PUBLIC_HVM_PARAMS_H__

#define HVM_PARAM_STORE_PFN		1	/* frame of the xenstore ring */
#define HVM_PARAM_STORE_EVTCHN		2	/* its port */
#define HVM_PARAM_CONSOLE_PFN		17	/* frame of the console ring */
#define HVM_PARAM_CONSOLE_EVTCHN	18	/* its port */

#endif /* __XEN_PUBLIC_HVM_PARAMS_H__ */
