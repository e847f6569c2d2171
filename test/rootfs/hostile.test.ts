import test from 'ava';
import {inNamespace} from '../support/in-namespace.ts';
import {hostileArchives} from './hostile-archives.ts';

interface Attempt {
	readonly paths?: readonly string[];
	readonly refused?: string;
	readonly crashed?: string;
	readonly isUntouched: boolean;
	/** Where the folder outside would be if its absolute path were taken inside the root. */
	readonly prefix: string;
}

const attempts = inNamespace(new URL('hostile-script.js', import.meta.url)) as readonly Attempt[];

for (const [position, archive] of hostileArchives.entries()) {
	test(`extraction stays inside: ${archive.name}`, (t) => {
		const attempt = attempts[position];
		t.is(attempt?.crashed, undefined);
		t.true(attempt?.isUntouched);
		if ('refused' in archive.outcome) t.is(attempt?.refused, archive.outcome.refused);
		else t.deepEqual(withoutAbsolute(attempt), archive.outcome.paths);
	});
}

/** Leaves out what an absolute name made inside the root. */
function withoutAbsolute(attempt: Attempt | undefined): readonly string[] | undefined {
	const {prefix = '', paths} = attempt ?? {};
	const isOnTheWay = (path: string): boolean => path === prefix || `${prefix}/`.startsWith(`${path}/`) || path.startsWith(`${prefix}/`);
	return paths?.filter((path) => !isOnTheWay(path) && !(path === 'l' && paths.some((other) => other.startsWith(`${prefix}/`))));
}
