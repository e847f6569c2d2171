import {spawn} from 'node:child_process';
import {closeSync, mkdtempSync, openSync, readFileSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

const measuredProcess = fileURLToPath(new URL('measured-process.mjs', import.meta.url));
const programPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Aborted by SIGINT and SIGTERM: ends the command that runs and every later one. */
export const interruption = new AbortController();

/**
 * Runs a command and measures it: wall time and CPU in seconds, the largest resident set of its processes in bytes, all of the processes that
 * are its descendants. The environment is made new, because NODE_EXTRA_CA_CERTS costs 35 ms at every start of Node 20.
 */
export async function runCommand(command, {user, logs, environment, directory = '/', cleanup = false}) {
	if (!cleanup) interruption.signal.throwIfAborted();
	const logDirectory = mkdtempSync(join(logs, 'run-'));
	const [output, measures] = ['output', 'measures'].map((name) => openSync(join(logDirectory, name), 'w+'));
	const child = spawn(process.execPath, [measuredProcess, ...command], {
		...(user === undefined ? {} : {uid: user.uid, gid: user.gid}),
		cwd: directory,
		env: {PATH: programPath, LANG: 'C.UTF-8', ...environment},
		stdio: ['ignore', output, output, measures],
		detached: true,
	});
	const end = () => process.kill(-child.pid, 'SIGTERM');
	if (!cleanup) interruption.signal.addEventListener('abort', end);
	await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
	interruption.signal.removeEventListener('abort', end);
	for (const file of [output, measures]) closeSync(file);
	const text = readFileSync(join(logDirectory, 'output'), 'utf8');
	const measured = JSON.parse(readFileSync(join(logDirectory, 'measures'), 'utf8') || '{"status": null}');
	rmSync(logDirectory, {recursive: true});
	return {...measured, output: text, lastLines: text.trimEnd().split('\n').slice(-8).join('\n')};
}
