import type {IncomingMessage, ServerResponse} from 'node:http';
import type {ExecutionContext} from 'ava';
import {type LoopbackServer, startLoopbackServer} from './loopback-server.ts';
import type {Certificate} from './self-signed.ts';

type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** A registry that does what a test wants. */
export interface ScriptedRegistry extends LoopbackServer {
	/** As it stands in image names. */
	readonly host: string;
	/** What was asked since, without the question which protocol it speaks: `METHOD PATH`. */
	readonly asked: readonly string[];
}

/**
 * Handlers by `METHOD PATH`, without the query; `PATH` alone is for every method. They are told how often they were asked before. Everything else is 404.
 * It ends with the test.
 */
export async function scriptedRegistry(
	t: ExecutionContext,
	handlers: Readonly<Record<string, Handler>>,
	certificate?: Certificate,
): Promise<ScriptedRegistry> {
	const asked: string[] = [];
	const counts = new Map<string, number>();
	const server = await startLoopbackServer((request, response) => {
		const path = request.url?.split('?')[0] ?? '';
		const handler = handlers[`${request.method} ${path}`] ?? handlers[path];
		if (path === '/v2/' && handler === undefined) return void response.end();
		asked.push(`${request.method} ${request.url}`);
		const key = `${request.method} ${path}`;
		const count = counts.get(key) ?? 0;
		counts.set(key, count + 1);
		if (handler === undefined) response.writeHead(404).end();
		else handler(request, response, count);
	}, certificate);
	t.teardown(() => server.close());
	return {...server, host: new URL(server.url).host, asked};
}

/** Answers with bytes and their length. */
export function giving(bytes: Uint8Array | string, headers: Readonly<Record<string, string>> = {}, status = 200): Handler {
	return (request, response) => {
		response.writeHead(status, {'content-length': Buffer.byteLength(bytes), ...headers});
		response.end(request.method === 'HEAD' ? undefined : bytes);
	};
}

/** An error as registries tell it. */
export function refusing(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}): Handler {
	return giving(JSON.stringify({errors: [{code, message}]}), {'content-type': 'application/json', ...headers}, status);
}

/** The body of a request. */
export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
	const chunks: Buffer[] = [];
	for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
	return Buffer.concat(chunks);
}
