/* SPDX-License-Identifier: Apache-2.0 */
/* The tables, most volatile first. A new table is one file and one line here. */
#ifndef PK_LIB_LIVE_TABLES_H
#define PK_LIB_LIVE_TABLES_H

#include <picket/live.h>

/* clang-format off */
#define LIVE_TABLES \
	TABLE(time) TABLE(uptime) TABLE(processes) TABLE(process_open_sockets) TABLE(listening_ports) \
	TABLE(process_open_files) TABLE(process_memory_map) TABLE(process_namespaces) TABLE(process_envs) \
	TABLE(connection_tracking) \
	TABLE(arp_cache) TABLE(routes) TABLE(interface_addresses) TABLE(interface_details) TABLE(kernel_modules) \
	TABLE(kernel_hooks) TABLE(bpf_programs) TABLE(bpf_links) TABLE(bpf_maps) TABLE(ld_preload) TABLE(kernel_keys) \
	TABLE(mounts) TABLE(kernel_info) TABLE(system_info) TABLE(system_controls) TABLE(kernel_messages) \
	TABLE(block_devices) TABLE(pci_devices) TABLE(usb_devices) TABLE(logged_in_users) TABLE(hash) TABLE(os_version) \
	TABLE(users) TABLE(groups) TABLE(user_groups) TABLE(shadow) TABLE(last) TABLE(last_failed) TABLE(lastlog) \
	TABLE(crontab) TABLE(systemd_units) TABLE(authorized_keys) TABLE(sudoers) \
	TABLE(etc_hosts) TABLE(dns_resolvers) TABLE(docker_containers) TABLE(apt_sources) TABLE(deb_packages) TABLE(suid_bin)
/* clang-format on */

#define TABLE(t) extern const struct pk_live_table live_##t;
LIVE_TABLES
#undef TABLE

#endif
