import {once} from 'node:events';
import {createConnection, createServer, type Socket} from 'node:net';
import {agentRequestFilter} from './agent-requests.ts';

/**
 * A socket of the step's own that passes on to an agent what a step may ask: it can belong to the step's user, who never sees the host's.
 * `path` may be relative, because the address of a socket has at most 107 bytes (unix(7)).
 */
export async function startAgentProxy(path: string, agent: string): Promise<{close(): void}> {
	const open = new Set<Socket>();
	const server = createServer((step) => {
		const host = createConnection(agent);
		for (const [socket, other] of [
			[step, host],
			[host, step],
		] as const) {
			open.add(socket);
			socket.on('error', () => other.destroy());
			socket.on('close', () => {
				open.delete(socket);
				other.destroy();
			});
		}
		const filter = agentRequestFilter();
		step.on('data', (chunk: Buffer) => {
			try {
				host.write(filter(chunk));
			} catch {
				step.destroy();
			}
		});
		step.on('end', () => host.end());
		host.pipe(step);
	});
	server.listen(path);
	await once(server, 'listening');
	return {
		close() {
			server.close();
			for (const socket of open) socket.destroy();
		},
	};
}
