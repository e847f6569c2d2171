import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {homedir} from 'node:os';
import {createSecureContext, rootCertificates, type SecureContext} from 'node:tls';
import {BuildError} from '../diagnostics/build-error.ts';
import {registryBadConfig} from '../diagnostics/registry.ts';
import {errnoOf} from '../host/errno.ts';
import type {TlsSettings} from '../http/request-by-proxy.ts';
import type {Environment, RegistrySettings} from './settings.ts';

/** What podman and docker read for one host, the person's own files first (containers-certs.d(5); dockerd, "Verify repository client with certificates"). */
function directoriesOf(host: string, env: Environment): readonly string[] {
	const home = env['HOME'] === undefined || env['HOME'] === '' ? homedir() : env['HOME'];
	const places = [`${home}/.config/containers`, `${home}/.docker`, '/etc/containers', '/etc/docker'];
	return places.map((place) => `${place}/certs.d/${host}`);
}

/** Where distributions keep the authorities of the machine; Go, and with it docker and podman, looks there, too (crypto/x509, root_linux.go). */
const bundles = [
	'/etc/ssl/certs/ca-certificates.crt',
	'/etc/pki/tls/certs/ca-bundle.crt',
	'/etc/ssl/ca-bundle.pem',
	'/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
	'/etc/ssl/cert.pem',
];

export interface TlsSources {
	readonly env: Environment;
	/** See `usualContext`. */
	readonly usual: () => SecureContext;
}

/**
 * How the encryption with a host, by each way to write it, is made: with the authorities of the machine and those of the configuration and of certs.d for the host, and a
 * certificate of the client when there is one. Throws registry/bad-config for files that cannot be used or lack their other half.
 */
export function tlsSettingsOf(hosts: readonly string[], settings: RegistrySettings, {env, usual}: TlsSources): TlsSettings {
	const files: string[] = settings.ca === undefined ? [] : [settings.ca];
	let client: ClientFiles | undefined;
	if (settings.cert !== undefined && settings.key !== undefined) client = {cert: settings.cert, key: settings.key};
	for (const directory of hosts.flatMap((host) => directoriesOf(host, env))) {
		if (!existsSync(directory)) continue;
		const names = namesOf(directory);
		files.push(...names.filter((name) => name.endsWith('.crt')).map((name) => `${directory}/${name}`));
		client ??= clientOf(directory, names);
	}
	const rejectUnauthorized = settings.insecure !== true;
	if (files.length === 0 && client === undefined) return {secureContext: usual(), rejectUnauthorized};
	const shown = client === undefined ? {} : {cert: readOrThrow(client.cert), key: readOrThrow(client.key)};
	const ca = [...machineAuthorities(env), ...files.map(readOrThrow)];
	try {
		return {secureContext: createSecureContext({ca, ...shown}), rejectUnauthorized};
	} catch (error) {
		const list = [...files, ...(client === undefined ? [] : [client.cert, client.key])];
		const problem = error instanceof Error ? error.message : String(error);
		throw new BuildError(registryBadConfig(list.join(', '), problem), {cause: error});
	}
}

/** What is made for a host of which nothing is said. It takes 30 ms: make it once. */
export function usualContext(env: Environment): SecureContext {
	return createSecureContext({ca: [...machineAuthorities(env)]});
}

function machineAuthorities(env: Environment): readonly (Buffer | string)[] {
	const given = env['SSL_CERT_FILE'] === '' ? undefined : env['SSL_CERT_FILE'];
	const bundle = given ?? bundles.find((path) => existsSync(path));
	const more = env['NODE_EXTRA_CA_CERTS'] ?? '';
	return [
		...(bundle === undefined ? rootCertificates : [readOrThrow(bundle)]),
		...(more !== '' && existsSync(more) ? [readOrThrow(more)] : []),
	];
}

interface ClientFiles {
	readonly cert: string;
	readonly key: string;
}

function namesOf(directory: string): readonly string[] {
	try {
		return readdirSync(directory).sort();
	} catch (error) {
		throw new BuildError(registryBadConfig(directory, `reading it ended with ${errnoOf(error)}`), {cause: error});
	}
}

function clientOf(directory: string, names: readonly string[]): ClientFiles | undefined {
	const name = names.find((entry) => entry.endsWith('.cert'));
	if (name === undefined) return undefined;
	const key = name.replace(/\.cert$/v, '.key');
	if (!names.includes(key)) throw new BuildError(registryBadConfig(`${directory}/${name}`, `its key \`${key}\` is not beside it`));
	return {cert: `${directory}/${name}`, key: `${directory}/${key}`};
}

function readOrThrow(path: string): Buffer {
	try {
		return readFileSync(path);
	} catch (error) {
		throw new BuildError(registryBadConfig(path, `reading it ended with ${errnoOf(error)}`), {cause: error});
	}
}
