import {execFileSync} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {asNamespaceRoot} from './namespace-root.ts';

/** Runs a compiled script as root inside new namespaces and returns what it printed, read as JSON. */
export function inNamespace(script: URL, ...args: readonly string[]): unknown {
	const [command = 'unshare', ...options] = asNamespaceRoot();
	const printed = execFileSync(command, [...options, process.execPath, fileURLToPath(script), ...args], {
		encoding: 'utf8',
		maxBuffer: 1 << 28,
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	return JSON.parse(printed);
}
