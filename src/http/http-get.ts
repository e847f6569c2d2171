import type {IncomingHttpHeaders, IncomingMessage, RequestOptions} from 'node:http';
import {redactUrl} from '../core/redact-url.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {remoteFailed} from '../diagnostics/remote.ts';
import {chooseProxy} from './choose-proxy.ts';
import {ProxyRefusal, requestByProxy, requestDirectly} from './request-by-proxy.ts';
import {credentialsOf} from './url-credentials.ts';

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
	/** For the variables that name proxies; the environment of the program when it is absent. */
	readonly env?: Readonly<Record<string, string | undefined>>;
}

const redirectLimit = 10;
const usualPatience = 30_000;
const usualLimit = 16 * 2 ** 30;

/**
 * GET with redirects. Credentials of the URL go to its own origin only, those that a redirect brings go nowhere, and what began encrypted
 * stays encrypted. Goes by way of the proxies that the environment names. Statuses other than 200 and 304 are errors.
 */
export async function httpGet(text: string, options: HttpOptions): Promise<HttpReply> {
	const start = new URL(text);
	const shown = redactUrl(text);
	let url = start;
	for (let redirects = 0; redirects <= redirectLimit; redirects += 1) {
		const proxy = chooseProxy(url, options.env ?? process.env);
		if (typeof proxy === 'string') throw failed({shown}, proxy);
		const asking: Asking = {shown, options, ...(proxy === undefined ? {} : {proxy})};
		const reply = await exchange(url, url.origin === start.origin ? credentialsOf(start) : undefined, asking);
		const status = reply.statusCode ?? 0;
		const {location} = reply.headers;
		if (status === 200 || status === 304) return {status, headers: reply.headers, body: bodyOf(reply, asking)};
		reply.destroy();
		if (![301, 302, 303, 307, 308].includes(status) || location === undefined) throw failed(asking, `the server answered ${status}`);
		url = nextUrl(url, location, asking);
	}
	throw failed({shown}, `it was redirected more than ${redirectLimit} times`);
}

interface Asking {
	readonly shown: string;
	readonly options: HttpOptions;
	/** What the request goes through. */
	readonly proxy?: URL;
}

function nextUrl(from: URL, location: string, asking: Asking): URL {
	if (!URL.canParse(location, from.href)) throw failed(asking, 'it was redirected to what is no URL');
	const next = new URL(location, from);
	if (next.protocol !== 'http:' && next.protocol !== 'https:') throw failed(asking, `it was redirected to \`${next.protocol}\``);
	if (from.protocol === 'https:' && next.protocol === 'http:') throw failed(asking, 'it was redirected from https to http');
	next.username = '';
	next.password = '';
	return next;
}

async function exchange(url: URL, auth: string | undefined, asking: Asking): Promise<IncomingMessage> {
	const {proxy, options} = asking;
	const {patience = usualPatience, signal, headers} = options;
	const target = new URL(url);
	target.username = '';
	target.password = '';
	const settings: RequestOptions = {
		signal,
		timeout: patience,
		headers: {'accept-encoding': 'identity', 'user-agent': 'boxbuild', ...headers},
		...(auth === undefined ? {} : {auth}),
	};
	try {
		const request = proxy === undefined ? requestDirectly(target, settings) : await requestByProxy(proxy, target, settings);
		return await new Promise((resolve, reject) => {
			request.on('timeout', () => request.destroy(failed(asking, `nothing came for ${patience / 1000} seconds`)));
			request.on('error', (error) => reject(explained(error, asking)));
			request.on('response', resolve);
			request.end();
		});
	} catch (error) {
		throw explained(error, asking);
	}
}

async function* bodyOf(reply: IncomingMessage, asking: Asking): AsyncGenerator<Uint8Array> {
	const {limit = usualLimit} = asking.options;
	const tooLarge = (): BuildError => failed(asking, `it has more than ${limit} bytes`);
	let size = 0;
	try {
		if (Number(reply.headers['content-length'] ?? 0) > limit) throw tooLarge();
		for await (const chunk of reply as AsyncIterable<Buffer>) {
			size += chunk.length;
			if (size > limit) throw tooLarge();
			yield chunk;
		}
	} catch (error) {
		throw explained(error, asking);
	} finally {
		reply.destroy();
	}
}

function failed({shown, proxy}: Pick<Asking, 'shown' | 'proxy'>, problem: string, cause?: unknown): BuildError {
	const way = proxy === undefined ? '' : `, by way of the proxy \`${proxy.origin}\``;
	return new BuildError(remoteFailed(shown, `${problem}${way}`), {cause});
}

function explained(error: unknown, asking: Asking): unknown {
	if (asking.options.signal.aborted) return asking.options.signal.reason;
	if (error instanceof BuildError) return error;
	if (error instanceof ProxyRefusal) return failed(asking, error.message, error);
	const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
	return failed(asking, code === undefined ? 'the connection broke' : `the connection ended with ${code}`, error);
}
