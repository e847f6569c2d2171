import {readFileSync, statSync} from 'node:fs';
import {resolve} from 'node:path';
import {suggest} from '../core/suggest.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {cliBadValue} from '../diagnostics/cli.ts';
import {stepSecretUnreadable} from '../diagnostics/mount.ts';
import {errnoOf} from '../host/errno.ts';
import type {Agent, Agents, Secrets} from '../executor/build-request.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** As much as BuildKit takes. */
const mostBytes = 500 * 1024;
const keys = ['id', 'type', 'src', 'source', 'env'];

/** `--secret id=ID[,src=FILE|env=VARIABLE]`; with the id alone, the variable of that name or else the file, as in buildx. */
export function parseSecrets(values: readonly string[], env: Environment): Secrets {
	const found = new Map<string, () => Uint8Array>();
	for (const text of values) {
		const refuse = (expected: string): BuildError => new BuildError(cliBadValue('--secret', text, expected));
		const fields = new Map<string, string>();
		for (const part of text.split(',')) {
			const equals = part.indexOf('=');
			const key = part.slice(0, Math.max(0, equals));
			if (!keys.includes(key)) throw refuse(`id=ID[,src=FILE|env=VARIABLE]${hint(part.split('=')[0] ?? '')}`);
			fields.set(key === 'source' ? 'src' : key, part.slice(equals + 1));
		}
		const id = fields.get('id') ?? '';
		const type = fields.get('type') ?? (fields.has('env') ? 'env' : fields.has('src') || env[id] === undefined ? 'file' : 'env');
		if (id === '') throw refuse('an id: id=ID[,src=FILE|env=VARIABLE]');
		if (fields.has('src') && fields.has('env')) throw refuse('either src=FILE or env=VARIABLE');
		if (type !== 'file' && type !== 'env') throw refuse('type=file or type=env');
		const name = fields.get('env') ?? fields.get('src') ?? id;
		if (type === 'env' && env[name] === undefined) throw refuse(`a variable that is set (\`${name}\` is not)`);
		const path = resolve(name);
		if (type === 'file' && statSync(path, {throwIfNoEntry: false})?.isDirectory() !== false)
			throw refuse(`a file that exists (\`${name}\` does not)`);
		found.set(id, type === 'env' ? () => limited(id, Buffer.from(env[name] ?? '')) : () => limited(id, readSecret(id, path)));
	}
	return found;
}

/** `--ssh ID[=SOCKET|KEY[,KEY...]]`; an id alone takes the socket of the environment. */
export function parseAgents(values: readonly string[], env: Environment): Agents {
	const found = new Map<string, Agent>();
	for (const text of values) {
		const equals = text.indexOf('=');
		const id = equals === -1 ? text : text.slice(0, equals);
		const given = equals === -1 ? env['SSH_AUTH_SOCK'] : text.slice(equals + 1);
		const refuse = (expected: string): BuildError => new BuildError(cliBadValue('--ssh', text, expected));
		if (id === '') throw refuse('default, ID=SOCKET or ID=KEY[,KEY...]');
		if (found.has(id)) throw refuse('every id once');
		if (given === undefined || given === '') throw refuse('ID=SOCKET or ID=KEY, because SSH_AUTH_SOCK is not set');
		const paths = given.split(',');
		const kinds = paths.map((path) => kindOf(resolve(path)));
		const other = paths[kinds.indexOf('other')];
		if (other !== undefined) throw refuse(`the socket of an agent or files of private keys (\`${other}\` is neither)`);
		if (kinds.includes('socket') && paths.length > 1) throw refuse('either one socket of an agent or files of private keys');
		const files = paths.map((path) => resolve(path));
		found.set(id, kinds[0] === 'socket' ? {kind: 'socket', path: files[0] ?? ''} : {kind: 'keys', files});
	}
	return found;
}

/** The agents for contexts that the command line names: who names them may use the agent of the environment without saying so. */
export function withOwnAgent(agents: Agents, env: Environment): Agents {
	const own = env['SSH_AUTH_SOCK'] ?? '';
	return agents.has('default') || own === '' ? agents : new Map([...agents, ['default', {kind: 'socket', path: resolve(own)}]]);
}

function kindOf(path: string): 'socket' | 'key' | 'other' {
	const stats = statSync(path, {throwIfNoEntry: false});
	if (stats?.isSocket() === true) return 'socket';
	if (stats?.isFile() !== true || stats.size > mostBytes) return 'other';
	try {
		return /-----BEGIN [A-Z ]*PRIVATE KEY-----/v.test(readFileSync(path, 'latin1')) ? 'key' : 'other';
	} catch {
		// Whoever adds it to the agent says why it cannot be read.
		return 'key';
	}
}

function hint(key: string): string {
	const nearest = suggest(key, keys);
	return nearest === undefined ? '' : ` (did you mean \`${nearest}\`?)`;
}

function readSecret(id: string, path: string): Buffer {
	try {
		return readFileSync(path);
	} catch (error) {
		throw new BuildError(stepSecretUnreadable(id, '', `reading its file ends with ${errnoOf(error)}`), {cause: error});
	}
}

function limited(id: string, content: Buffer): Buffer {
	if (content.length <= mostBytes) return content;
	throw new BuildError(stepSecretUnreadable(id, '', `it has ${content.length} bytes, ${mostBytes} are allowed`));
}
