const mask = Buffer.from('***');

/** Replaces secret values in a stream of output, also where one is split between chunks. */
export class SecretMask {
	readonly #secrets: readonly Buffer[];
	#held: Buffer = Buffer.alloc(0);

	/** Values of less than four bytes would mask what everybody prints; they are left alone. Longer ones come first, in case one holds another. */
	constructor(values: readonly Uint8Array[]) {
		this.#secrets = values
			.map((value) => Buffer.from(Buffer.from(value).toString('latin1').replace(/\n$/v, ''), 'latin1'))
			.filter((value) => value.length >= 4)
			.sort((a, b) => b.length - a.length);
	}

	/** What can be shown of everything so far; bytes that may be the start of a secret wait for the next call. */
	take(chunk: Uint8Array): Buffer {
		if (this.#secrets.length === 0) return Buffer.from(chunk);
		const masked = this.#replace(Buffer.concat([this.#held, chunk]));
		const keep = this.#openEnd(masked);
		this.#held = masked.subarray(masked.length - keep);
		return masked.subarray(0, masked.length - keep);
	}

	/** The rest, when the output has ended. */
	end(): Buffer {
		const rest = this.#held;
		this.#held = Buffer.alloc(0);
		return rest;
	}

	#replace(bytes: Buffer): Buffer {
		let result = bytes;
		for (const secret of this.#secrets) {
			const parts: Buffer[] = [];
			let start = 0;
			for (let at = result.indexOf(secret); at !== -1; at = result.indexOf(secret, start)) {
				parts.push(result.subarray(start, at), mask);
				start = at + secret.length;
			}
			if (start > 0) result = Buffer.concat([...parts, result.subarray(start)]);
		}
		return result;
	}

	/** Length of the longest end that is the start of a secret. */
	#openEnd(bytes: Buffer): number {
		const longest = Math.min(bytes.length, Math.max(...this.#secrets.map((secret) => secret.length)) - 1);
		for (let length = longest; length > 0; length--) {
			const end = bytes.subarray(bytes.length - length);
			if (this.#secrets.some((secret) => secret.length > length && secret.subarray(0, length).equals(end))) return length;
		}
		return 0;
	}
}
