import type {Agents} from './build-request.ts';
import type {KeyAgent} from './key-agent.ts';

/** The sockets of the agents that a command line gives; one with key files is started when it is first asked for. */
export class AgentSockets {
	readonly #agents: Agents;
	readonly #directory: () => Promise<string>;
	readonly #started = new Map<string, Promise<KeyAgent>>();

	/** `directory` gives one of the build's own for the sockets. */
	constructor(agents: Agents, directory: () => Promise<string>) {
		this.#agents = agents;
		this.#directory = directory;
	}

	/** Some were started, and are the build's until `close`. */
	get areOpen(): boolean {
		return this.#started.size > 0;
	}

	/** Absolute path; undefined when the command line gives no such agent. Throws step/agent-not-started and step/agent-keys-refused. */
	async socket(id: string): Promise<string | undefined> {
		const given = this.#agents.get(id);
		if (given?.kind !== 'keys') return given?.path;
		const started = this.#started.get(id) ?? this.#start(id, given.files);
		this.#started.set(id, started);
		return (await started).socket;
	}

	async #start(id: string, keys: readonly string[]): Promise<KeyAgent> {
		const {startKeyAgent} = await import('./key-agent.ts');
		return startKeyAgent(id, keys, await this.#directory());
	}

	async close(): Promise<void> {
		for (const agent of this.#started.values()) await (await agent.catch(() => {}))?.close();
	}
}
