import {execa} from 'execa';
import {mkdirSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {createConnection} from 'node:net';
import {tmpdir} from 'node:os';
import {setTimeout} from 'node:timers/promises';
import {agentKeysRefused, agentNotStarted} from '../diagnostics/mount.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {errnoOf} from '../host/errno.ts';

/** The address of a socket has at most 107 bytes (unix(7)). */
const longestAddress = 107;
/** Milliseconds. */
const patience = 5000;

export interface KeyAgent {
	/** Absolute path. */
	readonly socket: string;
	close(): Promise<void>;
}

/**
 * An SSH agent with private keys, that ends with this process however it ends: it looks every ten seconds whether the `cat` is still there
 * that it serves, whose input is our pipe (ssh-agent(1)). Throws step/agent-not-started and step/agent-keys-refused.
 */
export async function startKeyAgent(id: string, keys: readonly string[], directory: string): Promise<KeyAgent> {
	const home = placeFor(directory);
	const socket = `${home}/agent`;
	const agent = serve(socket);
	const close = async (): Promise<void> => {
		endServer(agent.pid);
		agent.stdin.end();
		await agent;
		rmSync(home, {recursive: true, force: true});
	};
	try {
		await listening(agent, socket);
		for (const key of keys) await addKey(id, key, socket);
		return {socket, close};
	} catch (error) {
		await close();
		throw error;
	}
}

function serve(socket: string) {
	return execa('ssh-agent', ['-a', socket, 'cat'], {stdin: 'pipe', stdout: 'ignore', stderr: 'pipe', reject: false});
}

/** At once instead of within ten seconds; its number is in the environment of the command that it serves. */
function endServer(command: number | undefined): void {
	try {
		const environment = readFileSync(`/proc/${command}/environ`, 'latin1').split('\0');
		const number = Number(environment.find((entry) => entry.startsWith('SSH_AGENT_PID='))?.slice('SSH_AGENT_PID='.length));
		if (number > 0) process.kill(number);
	} catch {
		// It has ended already.
	}
}

/** The directory itself, where the address is not too long, otherwise a private one. */
function placeFor(directory: string): string {
	const near = `${directory}/agent-${process.hrtime.bigint()}`;
	if (Buffer.byteLength(`${near}/agent`) >= longestAddress) return mkdtempSync(`${tmpdir()}/boxbuild-`);
	mkdirSync(near, {mode: 0o700, recursive: true});
	return near;
}

async function listening(agent: ReturnType<typeof serve>, socket: string): Promise<void> {
	let ended = false;
	void agent.then(() => {
		ended = true;
	});
	for (let waited = 0; !(await answers(socket)); waited += 5) {
		if (ended || waited > patience) {
			agent.kill('SIGKILL');
			const {code, stderr} = await agent;
			throw new BuildError(agentNotStarted(code === 'ENOENT' ? '`ssh-agent` is not installed' : stderr.trim() || 'it does not listen'));
		}
		await setTimeout(5);
	}
}

/** The socket is there a moment before anybody listens. */
function answers(socket: string): Promise<boolean> {
	return new Promise((resolve) => {
		const connection = createConnection(socket);
		connection.once('connect', () => {
			connection.destroy();
			resolve(true);
		});
		connection.once('error', () => resolve(false));
	});
}

/** Without a terminal or a program that asks: a key with a passphrase is refused. */
async function addKey(id: string, key: string, socket: string): Promise<void> {
	const ended = await execa('ssh-add', ['-q', '-'], {
		env: {PATH: process.env['PATH'] ?? '', LC_ALL: 'C', SSH_AUTH_SOCK: socket, SSH_ASKPASS_REQUIRE: 'never'},
		extendEnv: false,
		input: readKey(id, key),
		reject: false,
		// In a session of its own there is no terminal.
		detached: true,
	});
	if (!ended.failed) return;
	throw new BuildError(agentKeysRefused(id, key, ended.stderr.trim().split('\n').at(-1) || 'the key cannot be read or has a passphrase'));
}

function readKey(id: string, key: string): Buffer {
	try {
		return readFileSync(key);
	} catch (error) {
		throw new BuildError(agentKeysRefused(id, key, `reading it ended with ${errnoOf(error)}`), {cause: error});
	}
}
