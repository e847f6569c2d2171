/** Capabilities by number (linux/capability.h). */
const names =
	'chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore'.split(
		' ',
	);

/** What Docker leaves to a container by default (its documentation, "Runtime privilege and Linux capabilities"). */
const kept = new Set(
	'chown dac_override fsetid fowner mknod net_raw setgid setuid setfcap setpcap net_bind_service sys_chroot kill audit_write'.split(' '),
);

/** Numbers that leave the bounding set before a command starts; those above the kernel's last one fail harmlessly. */
export const droppedCapabilities: readonly number[] = Array.from({length: 64}, (_, number) => number).filter(
	(number) => !kept.has(names[number] ?? ''),
);
