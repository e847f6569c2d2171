import {homedir} from 'node:os';
import {join, resolve} from 'node:path';

/** --store, else BOXBUILD_STORE, else XDG_DATA_HOME/boxbuild, else ~/.local/share/boxbuild; absolute. */
export function storeDirectory(option: string | undefined, env: Readonly<Record<string, string | undefined>>): string {
	const given = option ?? env['BOXBUILD_STORE'];
	if (given !== undefined && given !== '') return resolve(given);
	const data = env['XDG_DATA_HOME'];
	return join(data === undefined || data === '' ? join(homedir(), '.local/share') : data, 'boxbuild');
}
