import {createServer, type IncomingMessage} from 'node:http';
import {connect, type Socket} from 'node:net';

export interface LoopbackProxy {
	/** `127.0.0.1:PORT` */
	readonly host: string;
	/** Everything that was asked, in order. */
	readonly requests: readonly IncomingMessage[];
	close(): void;
}

/** An HTTP proxy of this machine that wants the credentials `someone:pa55word` and knows no names: all tunnels lead to one port. */
export async function startLoopbackProxy(answer: (url: string) => string | undefined, port: number): Promise<LoopbackProxy> {
	const requests: IncomingMessage[] = [];
	const sockets = new Set<Socket>();
	const isAllowed = (request: IncomingMessage): boolean => {
		requests.push(request);
		return request.headers['proxy-authorization'] === `Basic ${Buffer.from('someone:pa55word').toString('base64')}`;
	};
	const server = createServer((request, response) => {
		const found = isAllowed(request) ? answer(request.url ?? '') : undefined;
		if (found === undefined) response.writeHead(request.headers['proxy-authorization'] === undefined ? 407 : 404).end();
		else response.end(found);
	});
	server.on('connect', (request: IncomingMessage, client: Socket) => {
		client.on('error', () => {});
		if (!isAllowed(request)) return void client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
		const target = connect(port, '127.0.0.1', () => {
			client.write('HTTP/1.1 200 Connection established\r\n\r\n');
			client.pipe(target).pipe(client);
		});
		target.on('error', () => client.destroy());
		sockets.add(client).add(target);
	});
	await new Promise<void>((resolve) => {
		server.listen(0, '127.0.0.1', resolve);
	});
	const address = server.address();
	return {
		host: `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
		requests,
		close() {
			for (const socket of sockets) socket.destroy();
			server.closeAllConnections();
			server.close();
		},
	};
}
