import {spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {text} from 'node:stream/consumers';
import {topFolder} from './top.ts';
import {printedBy, runProgram, type Ended} from './workplace.ts';

// The one of the daemon's package; another one in the path may be without BuildKit.
const client = '/usr/bin/docker';

/** A dockerd of its own, for root. It ends when it is told to, or with this process, however that ends. */
export class DockerDaemon {
	readonly #keeper: ChildProcess;
	readonly #ended: Promise<unknown>;
	readonly #env: Readonly<Record<string, string>>;

	private constructor(keeper: ChildProcess, host: string) {
		this.#keeper = keeper;
		this.#ended = once(keeper, 'close');
		const directory = host.replace(/^unix:\/\/(.*)\/socket$/v, '$1');
		this.#env = {DOCKER_HOST: host, DOCKER_BUILDKIT: '1', DOCKER_CONFIG: `${directory}/config`};
	}

	/** Throws what dockerd says when it does not start. */
	static async start(): Promise<DockerDaemon> {
		// A session of its own: what the terminal sends to interrupt the tests must not end it before the daemon.
		const keeper = spawn(process.execPath, [`${topFolder()}/test/support/keep-daemon.mjs`], {
			stdio: ['pipe', 'pipe', 'pipe'],
			detached: true,
		});
		const host = new Promise<string>((resolve, reject) => {
			keeper.stdout.setEncoding('utf8').once('data', (line: string) => resolve(line.trim()));
			void text(keeper.stderr).then((said) => reject(new Error(said.trim())));
		});
		return new DockerDaemon(keeper, await host);
	}

	/** Runs the client. */
	async docker(...args: readonly string[]): Promise<Ended> {
		return runProgram([client, ...args], {env: this.#env});
	}

	/** Runs the client, which has to succeed; returns what it printed. */
	async printed(...args: readonly string[]): Promise<string> {
		return printedBy([client, ...args], {env: this.#env});
	}

	/** Resolves when nothing is left of it. */
	async stop(): Promise<void> {
		this.#keeper.stdin?.end();
		await this.#ended;
	}
}
