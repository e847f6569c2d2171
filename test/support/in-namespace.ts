import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';

/** How a script becomes root of a namespace of its own: by a user namespace, or as real root without one. */
function enterCommand(): readonly string[] {
	const rest = ['--mount', '--pid', '--fork', '--kill-child=KILL'];
	if (process.getuid?.() === 0 && !/^root:/mv.test(readFileSync('/etc/subuid', {encoding: 'utf8', flag: 'a+'})))
		return ['unshare', ...rest];
	return ['unshare', '--user', '--map-auto', '--map-root-user', '--setuid', '0', '--setgid', '0', ...rest];
}

/** Runs a compiled script as root inside new namespaces and returns what it printed, read as JSON. */
export function inNamespace(script: URL, ...args: readonly string[]): unknown {
	const [command = 'unshare', ...options] = enterCommand();
	const printed = execFileSync(command, [...options, '--', process.execPath, fileURLToPath(script), ...args], {
		encoding: 'utf8',
		maxBuffer: 1 << 28,
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	return JSON.parse(printed);
}
