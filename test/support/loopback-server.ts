import {spawn} from 'node:child_process';
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import {createServer as createSecureServer} from 'node:https';
import type {Certificate} from './self-signed.ts';

export interface LoopbackServer {
	/** `http://127.0.0.1:PORT`, or `https://localhost:PORT` */
	readonly url: string;
	/** Everything that was asked, in order. */
	readonly requests: readonly IncomingMessage[];
	close(): void;
}

/** An HTTP server of this machine on a free port; with a certificate, that of `localhost`, it speaks https. */
export async function startLoopbackServer(
	answer: (request: IncomingMessage, response: ServerResponse) => void,
	certificate?: Certificate,
): Promise<LoopbackServer> {
	const requests: IncomingMessage[] = [];
	const listener = (request: IncomingMessage, response: ServerResponse): void => {
		requests.push(request);
		answer(request, response);
	};
	const server: Server = certificate === undefined ? createServer(listener) : createSecureServer(certificate, listener);
	await new Promise<void>((resolve) => {
		server.listen(0, '127.0.0.1', resolve);
	});
	const address = server.address();
	const port = typeof address === 'object' && address !== null ? address.port : 0;
	return {
		url: certificate === undefined ? `http://127.0.0.1:${port}` : `https://localhost:${port}`,
		requests,
		close() {
			server.closeAllConnections();
			server.close();
		},
	};
}

/** Serves the repositories below a directory as git-http-backend(1) does. */
export function answerWithGit(program: string, directory: string): (request: IncomingMessage, response: ServerResponse) => void {
	return (request, response) => {
		const url = new URL(request.url ?? '/', 'http://localhost');
		const child = spawn(program, [], {
			env: {
				PATH: process.env['PATH'] ?? '',
				GIT_PROJECT_ROOT: directory,
				GIT_HTTP_EXPORT_ALL: '1',
				GIT_CONFIG_NOSYSTEM: '1',
				GIT_CONFIG_COUNT: '1',
				GIT_CONFIG_KEY_0: 'safe.directory',
				GIT_CONFIG_VALUE_0: '*',
				PATH_INFO: decodeURIComponent(url.pathname),
				QUERY_STRING: url.search.slice(1),
				REQUEST_METHOD: request.method ?? 'GET',
				CONTENT_TYPE: request.headers['content-type'] ?? '',
				HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
				GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
				REMOTE_ADDR: '127.0.0.1',
			},
			stdio: ['pipe', 'pipe', 'ignore'],
		});
		request.pipe(child.stdin);
		child.stdin.on('error', () => {});
		const chunks: Buffer[] = [];
		child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
		child.on('close', () => {
			const all = Buffer.concat(chunks);
			const end = all.indexOf('\r\n\r\n');
			for (const line of all.toString('latin1', 0, end).split('\r\n')) {
				const [name = '', value = ''] = line.split(/:\s*(.*)/sv);
				if (name.toLowerCase() === 'status') response.statusCode = Number(value.slice(0, 3));
				else if (name !== '') response.setHeader(name, value);
			}
			response.end(all.subarray(end + 4));
		});
	};
}
