import {execFileSync} from 'node:child_process';
import type {ExecutionContext} from 'ava';
import type {Workplace} from './workplace.ts';

export interface Rebuilt {
	readonly digest: string;
	/** A worker was needed for it. */
	readonly needsWorker: boolean;
}

/** Builds after changes of a context; `check` says whether an image is what a build from nothing makes. */
export class Rebuilds {
	readonly #place: Workplace;
	readonly #check: (t: ExecutionContext, context: string, digest: string) => Promise<void>;

	constructor(place: Workplace, check: (t: ExecutionContext, context: string, digest: string) => Promise<void>) {
		this.#place = place;
		this.#check = check;
	}

	/** `script`: for bash, in the context. */
	async after(t: ExecutionContext, context: string, script: string): Promise<Rebuilt> {
		execFileSync('bash', ['--norc', '-euc', script], {cwd: context});
		const {stderr} = await this.#place.built(t, context, ['--progress', 'plain']);
		const digest = await this.#place.digest(t, context);
		await this.#check(t, context, digest);
		return {digest, needsWorker: stderr.includes('steps run with')};
	}

	/** After each of the changes the image is another one than ever before, and needs a worker or not; returns all digests. */
	async afterEach(
		t: ExecutionContext,
		context: string,
		scripts: readonly string[],
		needs: {readonly worker: boolean},
	): Promise<Set<string>> {
		const digests = new Set([(await this.after(t, context, 'true')).digest]);
		for (const script of scripts) {
			const {digest, needsWorker} = await this.after(t, context, script);
			t.is(needsWorker, needs.worker, script);
			t.false(digests.has(digest), script);
			digests.add(digest);
		}
		return digests;
	}
}
