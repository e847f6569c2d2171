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
