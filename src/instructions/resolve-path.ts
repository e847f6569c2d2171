/** An absolute, cleaned path of the image; a relative one is below `directory` (absent: the root). */
export function resolveIn(directory: string | undefined, path: string): string {
	const joined = path.startsWith('/') ? path : `${directory === undefined || directory === '' ? '/' : directory}/${path}`;
	const parts: string[] = [];
	for (const part of joined.split('/')) {
		if (part === '' || part === '.') continue;
		if (part === '..') parts.pop();
		else parts.push(part);
	}
	return `/${parts.join('/')}`;
}

/** The same for the destination of a copy: a trailing `/` (also of `.` and `..`) stays, because it says "a directory". */
export function resolveDestination(directory: string | undefined, path: string): string {
	const resolved = resolveIn(directory, path);
	const isDirectory = /(?:^|\/)\.{0,2}$/v.test(path);
	return isDirectory && resolved !== '/' ? `${resolved}/` : resolved;
}

/** True when `..` components of a relative path lead above where it starts. */
export function climbsOut(path: string): boolean {
	let depth = 0;
	for (const part of path.split('/')) {
		if (part === '..') depth -= 1;
		else if (part !== '' && part !== '.') depth += 1;
		if (depth < 0) return true;
	}
	return false;
}
