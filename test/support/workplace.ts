import type {ExecutionContext} from 'ava';
import {execFileSync, spawn, type ChildProcess, type SpawnOptions} from 'node:child_process';
import {chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {asNamespaceRoot} from './namespace-root.ts';
import {topFolder} from './top.ts';

/** The program as it is shipped. */
export const boxbuildProgram = join(topFolder(), 'src/boxbuild.cjs');

/** How a command ended and what it said. */
export interface Ended {
	readonly code: number | null;
	readonly signal: string | null;
	readonly stdout: string;
	readonly stderr: string;
	readonly milliseconds: number;
}

export interface RunOptions {
	readonly cwd?: string;
	readonly env?: Readonly<Record<string, string>>;
	/** For standard input. */
	readonly input?: string | Buffer;
	/** Milliseconds after which it counts as hanging and is killed. */
	readonly longest?: number;
	/** Command line that the program's own is appended to. */
	readonly under?: readonly string[];
	readonly started?: (child: ChildProcess) => void;
	readonly output?: (text: string) => void;
}

export type Files = Readonly<Record<string, string | Buffer>>;

/** A store and a directory for contexts and outputs. */
export class Workplace {
	readonly directory: string;
	readonly store: string;
	#count = 0;

	constructor(directory = mkdtempSync(join(tmpdir(), 'boxbuild-e2e-'))) {
		this.directory = directory;
		this.store = `${directory}/store`;
	}

	/** A path in the directory that nothing else uses. */
	fresh(name = 'd'): string {
		return `${this.directory}/${name}${this.#count++}`;
	}

	/** A new directory with these files, mode 0644 or 0755 for what is in a folder `bin`. */
	context(files: Files): string {
		const directory = this.fresh('context');
		mkdirSync(directory);
		writeFiles(directory, files);
		return directory;
	}

	/** Runs the program on the store. */
	async boxbuild(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
		const [command = '', ...rest] = args;
		return runProgram([process.execPath, boxbuildProgram, command, '--store', this.store, ...rest], options);
	}

	/** Builds; `what` is a directory or the files of one. */
	async build(what: string | Files, args: readonly string[] = [], options: RunOptions = {}): Promise<Ended> {
		return this.boxbuild(['build', typeof what === 'string' ? what : this.context(what), ...args], options);
	}

	/** Builds what has to succeed. */
	async built(t: ExecutionContext, what: string | Files, args: readonly string[] = [], options: RunOptions = {}): Promise<Ended> {
		const ended = await this.build(what, args, options);
		if (ended.code !== 0) t.fail(`exit code ${ended.code}, signal ${ended.signal}\n${ended.stderr}`);
		return ended;
	}

	/** The digest that a build prints. */
	async digest(t: ExecutionContext, what: string | Files, args: readonly string[] = [], options: RunOptions = {}): Promise<string> {
		return (await this.built(t, what, ['--quiet', ...args], options)).stdout.trim();
	}

	/** Deletes everything, as the root of the namespace that made it. */
	async remove(): Promise<void> {
		if (existsSync(this.store)) await this.boxbuild(['prune', '--all']);
		execFileSync('sh', ['-c', '"$@" || true', 'sh', ...asNamespaceRoot(), 'rm', '-rf', this.directory], {stdio: 'ignore'});
		rmSync(this.directory, {recursive: true, force: true});
	}
}

export function writeFiles(directory: string, files: Files): void {
	for (const [path, content] of Object.entries(files)) {
		mkdirSync(dirname(`${directory}/${path}`), {recursive: true, mode: 0o755});
		writeFileSync(`${directory}/${path}`, content);
		chmodSync(`${directory}/${path}`, path.includes('bin/') ? 0o755 : 0o644);
	}
}

const longest = 240_000;

/** Runs a command to its end. The environment is small and the same everywhere. */
export async function runProgram(command: readonly string[], options: RunOptions = {}): Promise<Ended> {
	const [name = '', ...args] = [...(options.under ?? []), ...command];
	const start = performance.now();
	const settings: SpawnOptions = {env: {...smallEnvironment(), ...options.env}, stdio: ['pipe', 'pipe', 'pipe']};
	const child = spawn(name, args, options.cwd === undefined ? settings : {...settings, cwd: options.cwd});
	const patience = setTimeout(() => child.kill('SIGKILL'), options.longest ?? longest);
	let stdout = '';
	let stderr = '';
	child.stdout?.setEncoding('latin1').on('data', (text: string) => {
		stdout += text;
		options.output?.(text);
	});
	child.stderr?.setEncoding('utf8').on('data', (text: string) => {
		stderr += text;
		options.output?.(text);
	});
	child.stdin?.on('error', () => {}).end(options.input ?? '');
	options.started?.(child);
	return new Promise((resolve, reject) => {
		child.once('error', reject);
		child.once('close', (code, signal) => {
			clearTimeout(patience);
			resolve({code, signal, stdout, stderr, milliseconds: performance.now() - start});
		});
	});
}

/** Runs a program that has to succeed; returns what it printed. */
export async function printedBy(command: readonly string[], options: RunOptions = {}): Promise<string> {
	const ended = await runProgram(command, options);
	if (ended.code !== 0) throw new Error(`${command.join(' ')}: exit code ${ended.code}\n${ended.stderr}\n${ended.stdout}`);
	return ended.stdout;
}

function smallEnvironment(): Record<string, string> {
	const path = [process.env['PATH'] ?? '', '/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/local/bin', '/usr/bin', '/bin'].join(':');
	return {PATH: path, HOME: process.env['HOME'] ?? '/', TMPDIR: tmpdir(), LC_ALL: 'C.UTF-8'};
}
