import {request as requestPlain, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, type RequestOptions} from 'node:http';
import {request as requestSecure} from 'node:https';
import {redactUrl} from '../core/redact-url.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {remoteFailed} from '../diagnostics/remote.ts';

export interface HttpReply {
	readonly status: number;
	readonly headers: IncomingHttpHeaders;
	/** Throws BuildError when the connection breaks or more than the limit comes. Read it to its end, or leave it. */
	readonly body: AsyncIterable<Uint8Array>;
}

export interface HttpOptions {
	readonly headers?: Readonly<Record<string, string>>;
	readonly signal: AbortSignal;
	/** Milliseconds without a byte after which it fails. */
	readonly patience?: number;
	/** Bytes of a body that are taken at most. */
	readonly limit?: number;
}

const redirectLimit = 10;
const usualPatience = 30_000;
const usualLimit = 16 * 2 ** 30;

/**
 * GET with redirects. Credentials of the URL go to its own origin only, those that a redirect brings go nowhere, and what began encrypted
 * stays encrypted. Statuses other than 200 and 304 are errors.
 */
export async function httpGet(text: string, options: HttpOptions): Promise<HttpReply> {
	const start = new URL(text);
	const shown = redactUrl(text);
	let url = start;
	for (let redirects = 0; redirects <= redirectLimit; redirects += 1) {
		const reply = await exchange(url, url.origin === start.origin ? credentialsOf(start) : undefined, {shown, options});
		const status = reply.statusCode ?? 0;
		const {location} = reply.headers;
		if (status === 200 || status === 304) return {status, headers: reply.headers, body: bodyOf(reply, shown, options)};
		reply.destroy();
		if (![301, 302, 303, 307, 308].includes(status) || location === undefined) throw failed(shown, `the server answered ${status}`);
		url = nextUrl(url, location, shown);
	}
	throw failed(shown, `it was redirected more than ${redirectLimit} times`);
}

function nextUrl(from: URL, location: string, shown: string): URL {
	if (!URL.canParse(location, from.href)) throw failed(shown, 'it was redirected to what is no URL');
	const next = new URL(location, from);
	if (next.protocol !== 'http:' && next.protocol !== 'https:') throw failed(shown, `it was redirected to \`${next.protocol}\``);
	if (from.protocol === 'https:' && next.protocol === 'http:') throw failed(shown, 'it was redirected from https to http');
	next.username = '';
	next.password = '';
	return next;
}

function credentialsOf({username, password}: URL): string | undefined {
	return username === '' && password === '' ? undefined : `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
}

interface Asking {
	readonly shown: string;
	readonly options: HttpOptions;
}

function exchange(url: URL, auth: string | undefined, {shown, options}: Asking): Promise<IncomingMessage> {
	const {patience = usualPatience, signal, headers} = options;
	const send: (target: URL, settings: RequestOptions) => ClientRequest = url.protocol === 'https:' ? requestSecure : requestPlain;
	const target = new URL(url);
	target.username = '';
	target.password = '';
	return new Promise((resolve, reject) => {
		const request = send(target, {
			agent: false,
			signal,
			timeout: patience,
			headers: {'accept-encoding': 'identity', 'user-agent': 'boxbuild', ...headers},
			...(auth === undefined ? {} : {auth}),
		});
		request.on('timeout', () => request.destroy(failed(shown, `nothing came for ${patience / 1000} seconds`)));
		request.on('error', (error) => reject(explained(error, shown, signal)));
		request.on('response', resolve);
		request.end();
	});
}

async function* bodyOf(reply: IncomingMessage, shown: string, {limit = usualLimit, signal}: HttpOptions): AsyncGenerator<Uint8Array> {
	const tooLarge = (): BuildError => failed(shown, `it has more than ${limit} bytes`);
	let size = 0;
	try {
		if (Number(reply.headers['content-length'] ?? 0) > limit) throw tooLarge();
		for await (const chunk of reply as AsyncIterable<Buffer>) {
			size += chunk.length;
			if (size > limit) throw tooLarge();
			yield chunk;
		}
	} catch (error) {
		throw explained(error, shown, signal);
	} finally {
		reply.destroy();
	}
}

function failed(shown: string, problem: string, cause?: unknown): BuildError {
	return new BuildError(remoteFailed(shown, problem), {cause});
}

function explained(error: unknown, shown: string, signal: AbortSignal): unknown {
	if (signal.aborted) return signal.reason;
	if (error instanceof BuildError) return error;
	const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
	return failed(shown, code === undefined ? 'the connection broke' : `the connection ended with ${code}`, error);
}
