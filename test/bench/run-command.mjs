import {spawn} from 'node:child_process';
import {buffer} from 'node:stream/consumers';
import {fileURLToPath} from 'node:url';

const measuredProcess = fileURLToPath(new URL('measured-process.mjs', import.meta.url));
const programPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const shownLines = 8;

/** Aborted by SIGINT and SIGTERM: ends the command that runs and every later one. */
export const interruption = new AbortController();

/**
 * Runs a command and measures it: `said` all its output, `seconds` of wall time, `cpu` seconds of it and its descendants, `peak` bytes of the largest of these
 * processes, `written` bytes that they gave file systems to write. `onStart` is told the process above them all. The environment is made new, because NODE_EXTRA_CA_CERTS costs 35 ms at every start of Node 20. Output goes through pipes:
 * a file would share the disk's journal with what is measured.
 */
export async function runCommand(command, {user, environment, directory = '/', cleanup = false, onStart}) {
	if (!cleanup) interruption.signal.throwIfAborted();
	const child = spawn(process.execPath, [measuredProcess, ...command], {
		...(user === undefined ? {} : {uid: user.uid, gid: user.gid}),
		cwd: directory,
		env: {PATH: programPath, LANG: 'C.UTF-8', ...environment},
		stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
		detached: true,
	});
	onStart?.(child.pid);
	const end = () => process.kill(-child.pid, 'SIGTERM');
	if (!cleanup) interruption.signal.addEventListener('abort', end);
	const [stdout, stderr, measures] = await Promise.all(child.stdio.slice(1).map(async (stream) => String(await buffer(stream))));
	interruption.signal.removeEventListener('abort', end);
	if (!cleanup) interruption.signal.throwIfAborted();
	const lastLines = `${stderr}\n${stdout}`.trim().split('\n').slice(-shownLines).join('\n');
	return {...JSON.parse(measures || '{"status": null}'), output: stdout, said: `${stderr}\n${stdout}`, lastLines};
}
