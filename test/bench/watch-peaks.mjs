import {readdirSync, readFileSync} from 'node:fs';
import {basename} from 'node:path';

const milliseconds = 20;

/**
 * Watches the descendants of a process: the highest resident memory in bytes (VmHWM of proc_pid_status(5), which begins anew with a new
 * program) of boxbuild's own processes, by what they are: {command, worker}. Steps and other programs do not count.
 */
export function watchPeaks(pid) {
	const peaks = {};
	const look = () => {
		for (const {role, bytes} of descendantsOf(pid).map(describe)) {
			if (role !== undefined) peaks[role] = Math.max(peaks[role] ?? 0, bytes);
		}
	};
	const timer = setInterval(look, milliseconds);
	return {
		stop() {
			clearInterval(timer);
			return peaks;
		},
	};
}

function describe(process) {
	const resident = /^VmHWM:\s*(\d+) kB$/mv.exec(process.status)?.[1] ?? 0;
	return {role: roleOf(read(`/proc/${process.pid}/cmdline`).split('\0')), bytes: Number(resident) * 1024};
}

/** The role of a process of ours by its arguments, undefined for others. */
export function roleOf([program = '', ...args]) {
	if (!/^node\d*$/v.test(basename(program))) return undefined;
	const script = args.find((word) => !word.startsWith('-'));
	if (script === undefined) return undefined;
	if (/^worker\.[cm]?js$/v.test(basename(script))) return 'worker';
	return /^boxbuild\.[cm]?js$/v.test(basename(script)) ? 'command' : undefined;
}

function descendantsOf(pid) {
	const children = new Map();
	for (const name of readdirSync('/proc')) {
		if (!/^\d+$/v.test(name)) continue;
		const status = read(`/proc/${name}/status`);
		const parent = Number(/^PPid:\s*(\d+)$/mv.exec(status)?.[1]);
		children.set(parent, [...(children.get(parent) ?? []), {pid: Number(name), status}]);
	}
	const below = (parent) => (children.get(parent) ?? []).flatMap((child) => [child, ...below(child.pid)]);
	return below(pid);
}

/** Empty for a process that has ended. */
function read(path) {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return '';
	}
}
