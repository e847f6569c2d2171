import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdirSync, writeFileSync} from 'node:fs';
import type {ExecutionContext} from 'ava';
import {debianProgram} from './requirements.ts';
import type {Certificate} from './self-signed.ts';

export const dockerRegistry = debianProgram('docker-registry');

export interface RegistryServerOptions {
	/** Lets in `someone` with `pa55word` only. */
	readonly isProtected?: boolean;
	/** Speaks https, as `localhost`. */
	readonly certificate?: Certificate;
	/** A port that an earlier server had; a free one when it is absent. */
	readonly port?: number;
}

/** Debian's docker-registry (distribution 2.8) on a loopback port, with its storage in a directory. */
export interface RegistryServer {
	/** As it stands in image names. */
	readonly host: string;
	readonly port: number;
	/** Ends it at once, as a crash would. */
	kill(): Promise<void>;
}

export const registryUser = {name: 'someone', password: 'pa55word'} as const;
/** Of htpasswd(5): bcrypt with cost 5. */
const passwords = 'someone:$2y$05$4yuIT2j64l6xcT7s9r2AN.wTTLW7mFpPPFm9qG5B2RsQpUFN7pN1S\n';

/** Starts one that ends with the test; what it stored stays in the directory for the next one. */
export async function startRegistry(
	t: Pick<ExecutionContext, 'teardown'>,
	directory: string,
	options: RegistryServerOptions = {},
): Promise<RegistryServer> {
	mkdirSync(`${directory}/storage`, {recursive: true});
	const {certificate, isProtected = false} = options;
	const tls = certificate === undefined ? [] : ['  tls:', `    certificate: ${directory}/tls.crt`, `    key: ${directory}/tls.key`];
	const auth = isProtected ? ['auth:', '  htpasswd:', '    realm: test', `    path: ${directory}/htpasswd`] : [];
	if (certificate !== undefined) {
		writeFileSync(`${directory}/tls.crt`, certificate.cert);
		writeFileSync(`${directory}/tls.key`, certificate.key);
	}
	writeFileSync(`${directory}/htpasswd`, passwords);
	const storage = ['storage:', '  delete:', '    enabled: true', '  filesystem:', `    rootdirectory: ${directory}/storage`];
	// The secret signs uploads: with one that stays, an upload outlives its server.
	const http = ['http:', `  addr: 127.0.0.1:${options.port ?? 0}`, '  secret: a-fixed-secret', ...tls];
	writeFileSync(`${directory}/config.yml`, ['version: 0.1', ...storage, ...http, ...auth, ''].join('\n'));
	const server = spawn('docker-registry', ['serve', `${directory}/config.yml`], {stdio: ['ignore', 'ignore', 'pipe']});
	const kill = async (): Promise<void> => {
		if (server.exitCode !== null || server.signalCode !== null) return;
		server.kill('SIGKILL');
		await once(server, 'exit');
	};
	t.teardown(kill);
	const port = await listeningPort(server);
	return {host: `${certificate === undefined ? '127.0.0.1' : 'localhost'}:${port}`, port, kill};
}

async function listeningPort(server: ChildProcess): Promise<number> {
	let said = '';
	return new Promise((resolve, reject) => {
		server.once('error', reject);
		server.once('exit', () => reject(new Error(`docker-registry ended: ${said}`)));
		server.stderr?.on('data', (chunk: Buffer) => {
			if (said.length < 100_000) said += chunk.toString();
			const [, port] = /listening on 127\.0\.0\.1:(\d+)/v.exec(said) ?? [];
			if (port !== undefined) resolve(Number(port));
		});
	});
}
