import {readFileSync} from 'node:fs';

/** Processes that the first thread of this one has started, or that it took over; none when it has ended. */
export function childrenOf(pid: number): number[] {
	try {
		return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
	} catch {
		return [];
	}
}

/** Children and all below them that have not ended, parents first. */
export function descendantsOf(pid: number): number[] {
	return childrenOf(pid).flatMap((child) => [...(hasEnded(child) ? [] : [child]), ...descendantsOf(child)]);
}

/** SIGKILL; no error for one that is gone. */
export function kill(pid: number): void {
	try {
		process.kill(pid, 'SIGKILL');
	} catch {
		// It has ended already.
	}
}

/** Nobody has asked yet how it ended (proc_pid_stat(5), state Z). */
function hasEnded(pid: number): boolean {
	try {
		return /^\d+ \(.*\) [ZX]/sv.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
	} catch {
		return true;
	}
}
