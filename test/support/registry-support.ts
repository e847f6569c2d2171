import {mkdirSync, writeFileSync} from 'node:fs';
import {dirname} from 'node:path';
import type {ExecutionContext} from 'ava';
import {sha256} from '../../src/core/digest.ts';
import type {Diagnostic} from '../../src/diagnostics/diagnostic.ts';
import type {Descriptor} from '../../src/oci/descriptor.ts';
import {mediaTypes} from '../../src/oci/media-types.ts';
import {makeManifest} from '../../src/oci/manifest.ts';
import {parseReference, type Reference} from '../../src/oci/reference.ts';
import {openRegistry, type RegistryClient, type RegistryClientSettings} from '../../src/registry/registry-client.ts';
import {scratch} from './store-support.ts';

/** A client that knows nothing of the person who runs the tests, and what it said and waited. */
export interface TestClient extends RegistryClient {
	readonly home: string;
	readonly notes: readonly Diagnostic[];
	/** Milliseconds of each pause; none of them is really waited. */
	readonly pauses: readonly number[];
}

export type ClientOptions = Partial<Pick<RegistryClientSettings, 'config' | 'signal' | 'pacing'>> & {
	readonly env?: Readonly<Record<string, string>>;
	/** Files below the home directory. */
	readonly files?: Readonly<Record<string, string>>;
	/** The home directory of an earlier client. */
	readonly home?: string;
};

export function clientFor(t: ExecutionContext, options: ClientOptions = {}): TestClient {
	const home = options.home ?? scratch(t);
	for (const [path, content] of Object.entries(options.files ?? {})) {
		mkdirSync(dirname(`${home}/${path}`), {recursive: true});
		writeFileSync(`${home}/${path}`, content);
	}
	const notes: Diagnostic[] = [];
	const pauses: number[] = [];
	const client = openRegistry({
		env: {HOME: home, PATH: process.env['PATH'], CONTAINERS_REGISTRIES_CONF: `${home}/registries.conf`, ...options.env},
		config: options.config ?? {},
		signal: options.signal ?? new AbortController().signal,
		noted: (note) => notes.push(note),
		pacing: {
			attempts: 3,
			patience: 2000,
			commitPatience: 5000,
			pause: async (milliseconds) => void pauses.push(milliseconds),
			random: () => 0,
			...options.pacing,
		},
	});
	t.teardown(() => client.close());
	return {...client, home, notes, pauses};
}

export function referenceOf(name: string): Reference {
	const {value} = parseReference(name);
	if (value === undefined) throw new Error(`${name} is no reference`);
	return value;
}

export function authFileFor(keys: Readonly<Record<string, string>>): string {
	const auths = Object.entries(keys).map(([key, credentials]) => [key, {auth: Buffer.from(credentials).toString('base64')}]);
	return JSON.stringify({auths: Object.fromEntries(auths) as unknown});
}

/** Bytes of which no part is like another; the same for the same seed. */
export function noise(size: number, seed = 1): Buffer {
	const bytes = Buffer.allocUnsafe(size);
	let state = seed >>> 0 || 1;
	for (let at = 0; at < size; at += 1) {
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		bytes[at] = state & 0xff;
	}
	return bytes;
}

export interface TestBlob extends Descriptor {
	readonly bytes: Buffer;
	open(offset: number): AsyncIterable<Uint8Array>;
}

/** A blob that is read in pieces of 64 KiB. */
export function blobOf(bytes: Buffer, mediaType: string = mediaTypes.layer): TestBlob {
	return {
		mediaType,
		digest: sha256(bytes),
		size: bytes.length,
		bytes,
		async *open(offset) {
			for (let at = offset; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
		},
	};
}

/** The documents of an image of these layers. */
export function imageOf(layers: readonly TestBlob[], diffIds: readonly string[]): {readonly config: TestBlob; readonly manifest: Buffer} {
	const configText = JSON.stringify({
		architecture: 'amd64',
		os: 'linux',
		config: {},
		rootfs: {type: 'layers', diff_ids: diffIds},
	});
	const config = blobOf(Buffer.from(configText), mediaTypes.config);
	const plain = ({mediaType, digest, size}: TestBlob): Descriptor => ({mediaType, digest, size});
	return {config, manifest: Buffer.from(makeManifest({config: plain(config), layers: layers.map(plain)}))};
}
