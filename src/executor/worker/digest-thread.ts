import {workerData} from 'node:worker_threads';
import {type BesideTask, besideStates} from './digest-beside.ts';
import {hashRange} from './hash-range.ts';

const {path, start, size, written, state, answer} = workerData as BesideTask;

function become(next: keyof typeof besideStates): void {
	Atomics.store(state, 0, besideStates[next]);
	Atomics.notify(state, 0);
}

function longerThan(bytes: number): number {
	for (;;) {
		const there = Atomics.load(written, 0);
		if (there < 0n) throw new Error('nobody wants the digest any more');
		if (Number(there) > bytes) return Number(there);
		Atomics.wait(written, 0, there);
	}
}

become('running');
try {
	answer.set(Buffer.from(hashRange(path, {start, size, longerThan}), 'latin1'));
	become('done');
} catch {
	// Whoever waits takes the digest itself, and sees why.
	become('failed');
}
