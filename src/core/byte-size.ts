const units: Readonly<Record<string, number>> = {
	b: 1,
	kb: 1e3,
	mb: 1e6,
	gb: 1e9,
	tb: 1e12,
	kib: 1024,
	mib: 1024 ** 2,
	gib: 1024 ** 3,
	tib: 1024 ** 4,
};

/** Bytes of `120MB`, `1.5 GiB` or `4096`: MB is a million, MiB 1024 x 1024, letter case does not matter. Undefined when it is none. */
export function parseByteSize(text: string): number | undefined {
	const [, number, unit = ''] = /^(\d{1,15}(?:\.\d{1,9})?) ?([kmgt]?i?b)?$/iv.exec(text) ?? [];
	const factor = units[unit === '' ? 'b' : unit.toLowerCase()];
	if (number === undefined || factor === undefined) return undefined;
	const bytes = Math.floor(Number(number) * factor);
	return Number.isSafeInteger(bytes) ? bytes : undefined;
}
