import {readdirSync, readFileSync} from 'node:fs';

/** Watches a process and all below it: the highest resident memory of any one (VmHWM of proc_pid_status(5)), in bytes. */
export function watchMemory(pid: number): {readonly stop: () => {readonly bytes: number; readonly name: string}} {
	let most = {bytes: 0, name: ''};
	const look = (): void => {
		for (const process of familyOf(pid)) {
			const status = read(`/proc/${process}/status`);
			const bytes = Number(/^VmHWM:\s*(\d+) kB$/mv.exec(status)?.[1] ?? 0) * 1024;
			if (bytes > most.bytes) most = {bytes, name: read(`/proc/${process}/cmdline`).replaceAll('\0', ' ').slice(0, 200)};
		}
	};
	const timer = setInterval(look, 50);
	return {
		stop() {
			clearInterval(timer);
			return most;
		},
	};
}

function familyOf(pid: number): readonly number[] {
	const parents = new Map<number, number>();
	for (const name of readdirSync('/proc')) {
		if (!/^\d+$/v.test(name)) continue;
		const parent = /^PPid:\s*(\d+)$/mv.exec(read(`/proc/${name}/status`))?.[1];
		if (parent !== undefined) parents.set(Number(name), Number(parent));
	}
	const belongs = (process: number | undefined): boolean =>
		process !== undefined && process > 1 && (process === pid || belongs(parents.get(process)));
	return [pid, ...[...parents.keys()].filter((process) => process !== pid && belongs(process))];
}

function read(path: string): string {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return '';
	}
}
