/**
 * The body of a PAX header: records `LENGTH KEY=VALUE\n` in the byte order of their keys (POSIX pax, extended header format).
 * Keys and values are bytes as latin1.
 */
export function paxRecords(records: readonly (readonly [key: string, value: string])[]): Buffer {
	const sorted = records.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
	return Buffer.from(sorted.map(([key, value]) => paxRecord(key, value)).join(''), 'latin1');
}

function paxRecord(key: string, value: string): string {
	// The length counts its own digits.
	const rest = key.length + value.length + 3;
	let length = rest + `${rest}`.length;
	length = rest + `${length}`.length;
	return `${length} ${key}=${value}\n`;
}

/** Reads the body of a PAX header; undefined when it breaks the format. The last of equal keys wins; an empty value deletes. */
export function parsePax(body: Buffer): Map<string, string> | undefined {
	const records = new Map<string, string>();
	for (let at = 0; at < body.length;) {
		// GNU tar stops at NUL padding inside the body.
		if (body[at] === 0) break;
		const space = body.indexOf(0x20, at);
		const digits = space === -1 ? '' : body.toString('latin1', at, space);
		if (!/^\d{1,10}$/v.test(digits)) return undefined;
		const end = at + Number(digits);
		if (end > body.length || end <= space + 1 || body[end - 1] !== 0x0a) return undefined;
		const text = body.toString('latin1', space + 1, end - 1);
		const equals = text.indexOf('=');
		if (equals < 1) return undefined;
		records.set(text.slice(0, equals), text.slice(equals + 1));
		at = end;
	}
	return records;
}
