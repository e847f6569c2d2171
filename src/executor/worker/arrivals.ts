import type {Digest} from '../../core/digest.ts';
import {BuildError} from '../../diagnostics/build-error.ts';
import type {Descriptor} from '../../oci/descriptor.ts';
import type {BlobNews} from './protocol.ts';

/** A blob on its way into the store. */
export interface Arrival {
	/** The file that grows; undefined: nobody brings it, or it is there at once. */
	readonly path: string | undefined;
	/** True when it is in the store, verified; false when nobody knows where to get it. */
	readonly done: Promise<boolean>;
}

interface Open {
	readonly news: (news: BlobNews) => void;
	readonly arrival: Promise<Arrival>;
}

/** Blobs that the command brings when the worker asks for them: it has the network and the credentials. */
export class Arrivals {
	readonly #ask: (blob: Descriptor) => void;
	readonly #open = new Map<Digest, Open>();

	constructor(ask: (blob: Descriptor) => void) {
		this.#ask = ask;
	}

	/** Asks for a blob that the store lacks; once for all who want it. */
	bring(blob: Descriptor): Promise<Arrival> {
		const known = this.#open.get(blob.digest);
		if (known !== undefined) return known.arrival;
		const opened = this.#expect();
		this.#open.set(blob.digest, opened);
		this.#ask(blob);
		return opened.arrival;
	}

	/** What the command tells. */
	take(news: BlobNews): void {
		this.#open.get(news.digest)?.news(news);
		if (news.kind !== 'coming') this.#open.delete(news.digest);
	}

	#expect(): Open {
		let started: (arrival: Arrival) => void = () => {};
		let ended: (isThere: boolean) => void = () => {};
		let failed: (error: unknown) => void = () => {};
		const done = new Promise<boolean>((resolve, reject) => {
			ended = resolve;
			failed = reject;
		});
		done.catch(() => {});
		const arrival = new Promise<Arrival>((resolve) => {
			started = resolve;
		});
		const news = (told: BlobNews): void => {
			started({path: told.kind === 'coming' ? told.path : undefined, done});
			if (told.kind === 'there') ended(true);
			else if (told.kind === 'unknown') ended(false);
			else if (told.kind === 'failed') failed(new BuildError(told.diagnostics));
		};
		return {news, arrival};
	}
}
