import {execFileSync, spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {userInfo} from 'node:os';
import {setTimeout} from 'node:timers/promises';

/** An OpenSSH server of the user who runs the tests, on a port of this machine. */
export interface SshServer {
	/** `ssh://USER@127.0.0.1:PORT` */
	readonly url: string;
	readonly port: number;
	/** A line of known_hosts. */
	readonly knownHost: string;
	close(): Promise<void>;
}

/** Makes a key pair without a passphrase; the other file ends with `.pub`. */
export function makeKey(file: string, passphrase = ''): string {
	execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', 'test', '-f', file]);
	return file;
}

/** Lets in whoever has the private half of a public key; its files are in a directory that does not exist yet. */
export async function startSshServer(directory: string, publicKey: string): Promise<SshServer> {
	mkdirSync(directory);
	const port = await freePort();
	const hostKey = makeKey(`${directory}/host`);
	const settings = {
		Port: port,
		ListenAddress: '127.0.0.1',
		HostKey: hostKey,
		PidFile: 'none',
		AuthorizedKeysFile: publicKey,
		StrictModes: 'no',
		UsePAM: 'no',
		PasswordAuthentication: 'no',
		KbdInteractiveAuthentication: 'no',
	};
	const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}\n`);
	writeFileSync(`${directory}/config`, lines.join(''));
	// Where root's server is kept apart from its connections; Debian makes it when the service starts.
	if (userInfo().uid === 0 && !existsSync('/run/sshd')) mkdirSync('/run/sshd', {mode: 0o755});
	const server = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', `${directory}/config`], {stdio: ['ignore', 'ignore', 'pipe']});
	await listening(server);
	const [type, key] = readFileSync(`${hostKey}.pub`, 'utf8').split(' ');
	return {
		url: `ssh://${userInfo().username}@127.0.0.1:${port}`,
		port,
		knownHost: `[127.0.0.1]:${port} ${type} ${key}\n`,
		close: () => end(server),
	};
}

/** An agent with some keys: the path of its socket. */
export async function startAgent(socket: string, keys: readonly string[]): Promise<{close(): Promise<void>}> {
	const agent = spawn('ssh-agent', ['-D', '-a', socket], {stdio: 'ignore'});
	for (let tries = 0; !existsSync(socket) && tries < 100; tries++) await setTimeout(50);
	for (const key of keys) execFileSync('ssh-add', ['-q', key], {env: {...process.env, SSH_AUTH_SOCK: socket}});
	return {close: () => end(agent)};
}

async function end(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	child.kill();
	await once(child, 'exit');
}

async function listening(server: ChildProcess): Promise<void> {
	let said = '';
	await new Promise<void>((resolve, reject) => {
		server.once('exit', () => reject(new Error(`sshd ended: ${said}`)));
		server.stderr?.on('data', (chunk: Buffer) => {
			said += chunk.toString();
			if (said.includes('Server listening')) resolve();
		});
	});
}

async function freePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address();
	server.close();
	await once(server, 'close');
	return typeof address === 'object' && address !== null ? address.port : 0;
}
