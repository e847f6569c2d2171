import {isObject} from '../oci/bounded-json.ts';
import type {Json} from '../core/canonical-json.ts';

/** What shows a registry who asks. */
export type Credentials =
	| {readonly kind: 'password'; readonly user: string; readonly password: string}
	| {readonly kind: 'identity'; readonly token: string};

/** A file of credentials, as `podman login` and `docker login` write it (containers-auth.json(5)). Keys are normalised. */
export interface AuthFile {
	readonly auths: ReadonlyMap<string, Credentials>;
	/** Names of helper programs, without `docker-credential-`. */
	readonly helpers: ReadonlyMap<string, string>;
	readonly store?: string;
}

/** The registry of Docker Hub by any of its names. */
const hub = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io']);

/** A file's content, or what is wrong with it. */
export function parseAuthFile(text: string): AuthFile | string {
	let document: Json;
	try {
		document = JSON.parse(text) as Json;
	} catch {
		return 'it is not JSON';
	}
	if (!isObject(document)) return 'it is not a JSON object';
	const auths = new Map<string, Credentials>();
	for (const [key, entry] of entriesOf(document['auths'])) {
		const credentials = credentialsOf(entry);
		if (credentials !== undefined) auths.set(normalizeKey(key), credentials);
	}
	const helpers = new Map<string, string>();
	for (const [key, name] of entriesOf(document['credHelpers'])) if (typeof name === 'string') helpers.set(normalizeKey(key), name);
	const store = document['credsStore'];
	return {auths, helpers, ...(typeof store === 'string' && store !== '' ? {store} : {})};
}

/**
 * The keys that may have the credentials for a repository, most specific first: `host/a/b`, `host/a`, `host`. Whole path elements and the whole
 * host with its port count, never the beginning or the end of one.
 */
export function keysFor(host: string, repository: string): readonly string[] {
	const parts = repository.split('/');
	const home = normalizeKey(host);
	return [...parts.map((_, at) => `${home}/${parts.slice(0, parts.length - at).join('/')}`), home];
}

/** `https://host/v1/` is Docker's form of `host`: what follows the host is no repository then. */
function normalizeKey(key: string): string {
	const bare = key.replace(/^https?:\/\//v, '');
	const [host = '', ...parts] = bare.split('/');
	const path = parts.filter((part) => part !== '').join('/');
	const home = hub.has(host) ? 'docker.io' : host;
	const isHost = bare !== key || path === '' || (home === 'docker.io' && /^v[12]$/v.test(path));
	return isHost ? home : `${home}/${path}`;
}

function entriesOf(value: Json | undefined): readonly (readonly [string, Json | undefined])[] {
	return isObject(value) ? Object.entries(value) : [];
}

function credentialsOf(entry: Json | undefined): Credentials | undefined {
	if (!isObject(entry)) return undefined;
	const {auth, username, password, identitytoken} = entry;
	if (typeof identitytoken === 'string' && identitytoken !== '') return {kind: 'identity', token: identitytoken};
	if (typeof auth === 'string' && auth !== '') {
		const text = Buffer.from(auth, 'base64').toString('utf8');
		const colon = text.indexOf(':');
		// Docker has padded passwords with NUL characters.
		return colon < 1 ? undefined : {kind: 'password', user: text.slice(0, colon), password: text.slice(colon + 1).replace(/\0+$/v, '')};
	}
	return typeof username === 'string' && username !== '' && typeof password === 'string'
		? {kind: 'password', user: username, password}
		: undefined;
}
