import {homedir} from 'node:os';
import {readTextFile} from '../host/text-file.ts';
import {type AuthFile, type Credentials, keysFor, parseAuthFile} from './auth-file.ts';
import {askHelper} from './credential-helper.ts';
import type {Environment} from './settings.ts';

/** What a search for credentials came to. */
export interface FoundCredentials {
	readonly credentials?: Credentials;
	/** The file or helper that has them. */
	readonly from?: string;
	/** Where it was looked, and what was wrong there. */
	readonly looked: readonly string[];
}

/** The files that may hold credentials, first the ones that count more (containers-auth.json(5); Docker's configuration). */
export function authFiles(env: Environment): readonly string[] {
	const given = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
	const home = given('HOME') ?? homedir();
	const explicit = given('REGISTRY_AUTH_FILE');
	const runtime = given('XDG_RUNTIME_DIR');
	return [
		...(explicit === undefined ? [] : [explicit]),
		...(runtime === undefined ? [] : [`${runtime}/containers/auth.json`]),
		`${given('XDG_CONFIG_HOME') ?? `${home}/.config`}/containers/auth.json`,
		`${given('DOCKER_CONFIG') ?? `${home}/.docker`}/config.json`,
	];
}

/**
 * The credentials for one repository of one host. In each file a helper for the name counts more than what the file holds itself, and the store for
 * all names least. A file or helper that does not work is passed over and told about: most images need no credentials.
 */
export async function findCredentials(
	host: string,
	repository: string,
	{env, signal}: {readonly env: Environment; readonly signal: AbortSignal},
): Promise<FoundCredentials> {
	const keys = keysFor(host, repository);
	const looked: string[] = [];
	for (const file of authFiles(env)) {
		const read = readTextFile(file);
		const path = shownPath(file, env);
		if (read === 'not-text' || 'errno' in read) {
			looked.push(read === 'not-text' ? `\`${path}\` (it is no text)` : `\`${path}\`${read.errno === 'ENOENT' ? '' : ` (${read.errno})`}`);
			continue;
		}
		const parsed = parseAuthFile(read.text);
		if (typeof parsed === 'string') {
			looked.push(`\`${path}\` (${parsed})`);
			continue;
		}
		looked.push(`\`${path}\``);
		const found = await findIn(parsed, keys, async (name) => {
			for (const server of serversOf(keys)) {
				const answer = await askHelper(name, server, {env, signal});
				if (typeof answer === 'string') looked.push(answer);
				else if (answer !== undefined) return {credentials: answer, from: `\`docker-credential-${name}\``};
			}
			return undefined;
		});
		if (found !== undefined) return {looked, credentials: found.credentials, from: found.from ?? `\`${path}\``};
	}
	return {looked};
}

/** Without the place of the home directory. */
function shownPath(path: string, env: Environment): string {
	const home = env['HOME'] ?? '';
	return home !== '' && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}

interface Hit {
	readonly credentials: Credentials;
	readonly from?: string;
}

async function findIn(
	file: AuthFile,
	keys: readonly string[],
	ask: (helper: string) => Promise<Hit | undefined>,
): Promise<Hit | undefined> {
	for (const key of keys) {
		const helper = file.helpers.get(key);
		const found = helper === undefined ? undefined : await ask(helper);
		if (found !== undefined) return found;
	}
	for (const key of keys) {
		const credentials = file.auths.get(key);
		if (credentials !== undefined) return {credentials};
	}
	return file.store === undefined ? undefined : ask(file.store);
}

/** What helpers know the host by: `docker login` has the address of its first registry for Docker Hub. */
function serversOf(keys: readonly string[]): readonly string[] {
	const host = keys.at(-1) ?? '';
	return host === 'docker.io' ? ['https://index.docker.io/v1/', 'docker.io'] : [host];
}
