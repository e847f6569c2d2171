export type Json = null | boolean | number | string | readonly Json[] | {readonly [key: string]: Json | undefined};

/**
 * JSON with object keys in code-unit order, no white space, undefined members left out: same value, same bytes.
 * Throws RangeError for a number that JSON cannot hold.
 */
export function canonicalJson(value: Json): string {
	if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError(`not a JSON number: ${value}`);
	if (value === null || typeof value !== 'object') return JSON.stringify(value);
	if (isCanonical(value)) return JSON.stringify(value);
	if (isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
	const members: string[] = [];
	for (const key of Object.keys(value).sort()) {
		const member = value[key];
		if (member !== undefined) members.push(`${JSON.stringify(key)}:${canonicalJson(member)}`);
	}
	return `{${members.join(',')}}`;
}

/** True when the engine itself prints it so, which takes a quarter of the time; false also for what is not worth a look. */
function isCanonical(value: Json | undefined): boolean {
	if (typeof value === 'number') return Number.isFinite(value);
	if (value === null || typeof value !== 'object') return value !== undefined;
	if (isArray(value)) return value.every(isCanonical);
	let last = '';
	for (const key of Object.keys(value)) {
		if (key < last || !isCanonical(value[key])) return false;
		last = key;
	}
	return true;
}

function isArray(value: Json): value is readonly Json[] {
	return Array.isArray(value);
}
