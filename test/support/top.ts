import {existsSync} from 'node:fs';
import {dirname, join} from 'node:path';

/** The project's top folder: where fixtures are, whichever folder the compiled tests run from. */
export function topFolder(): string {
	const given = process.env['BOXBUILD_TOP'];
	if (given !== undefined) return given;
	for (let at = process.cwd(); at !== dirname(at); at = dirname(at)) if (existsSync(join(at, 'tsconfig.json'))) return at;
	throw new Error('no folder with a tsconfig.json above the working directory');
}
