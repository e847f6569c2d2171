import {readFileSync} from 'node:fs';

/** A hard limit of this process by its name in /proc/self/limits (proc_pid_limits(5)): Infinity where there is none. */
export function hardLimit(name: 'Max open files' | 'Max data size' | 'Max processes'): number {
	const line = readFileSync('/proc/self/limits', 'utf8')
		.split('\n')
		.find((text) => text.startsWith(name));
	const hard = Number(line?.slice(name.length).trim().split(/\s+/v)[1]);
	return Number.isSafeInteger(hard) ? hard : Infinity;
}
