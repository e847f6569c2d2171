import {homedir} from 'node:os';
import {join} from 'node:path';

/** XDG_CONFIG_HOME/boxbuild/config.yaml, else ~/.config/boxbuild/config.yaml. */
export function userConfigPath(env: Readonly<Record<string, string | undefined>>): string {
	const base = env['XDG_CONFIG_HOME'];
	return join(base === undefined || base === '' ? join(homedir(), '.config') : base, 'boxbuild/config.yaml');
}
