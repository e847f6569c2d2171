import {isObject} from '../oci/bounded-json.ts';
import type {Json} from '../core/canonical-json.ts';
import type {Credentials} from './auth-file.ts';
import type {Environment} from './settings.ts';

const answerLimit = 64 * 1024;
const helperPatience = 60_000;

/**
 * Asks `docker-credential-NAME get` (docker-credential-helpers, "Development"): the server on standard input, a JSON object back. Undefined when it
 * has none, a text when it does not work. What it prints is secret and never shown.
 */
export async function askHelper(
	name: string,
	server: string,
	{env, signal}: {readonly env: Environment; readonly signal: AbortSignal},
): Promise<Credentials | string | undefined> {
	if (!/^[A-Za-z0-9][A-Za-z0-9._\-]{0,63}$/v.test(name)) return 'a credential helper has a name that is no plain file name';
	const program = `docker-credential-${name}`;
	const {execa} = await import('execa');
	const ended = await execa(program, ['get'], {
		env,
		extendEnv: false,
		input: server,
		reject: false,
		cancelSignal: signal,
		timeout: helperPatience,
		maxBuffer: answerLimit,
		stripFinalNewline: true,
	});
	signal.throwIfAborted();
	if (ended.code === 'ENOENT') return `\`${program}\` is not installed`;
	if (ended.timedOut) return `\`${program}\` does not end`;
	if (ended.failed) {
		// The protocol knows no code for it: a message says so, on standard output.
		return /credentials not found|no credentials server url/iv.test(ended.stdout) ? undefined : `\`${program}\` failed`;
	}
	let answer: Json;
	try {
		answer = JSON.parse(ended.stdout) as Json;
	} catch {
		return `\`${program}\` did not answer with JSON`;
	}
	const {Username: user, Secret: secret} = isObject(answer) ? answer : {};
	if (typeof user !== 'string' || typeof secret !== 'string') return `\`${program}\` answered without \`Username\` and \`Secret\``;
	if (secret === '') return undefined;
	return user === '<token>' ? {kind: 'identity', token: secret} : {kind: 'password', user, password: secret};
}
