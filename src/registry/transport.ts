import {Agent as PlainAgent, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage} from 'node:http';
import {Agent as SecureAgent} from 'node:https';
import {chooseProxy} from '../http/choose-proxy.ts';
import {ProxyRefusal, requestByProxy, requestDirectly, type TlsSettings} from '../http/request-by-proxy.ts';
import type {Pacing} from './pacing.ts';
import {Trouble, troubleOf} from './trouble.ts';

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What a request carries; it can be opened again. */
export interface RequestBody {
	/** Bytes, exactly. */
	readonly size: number;
	open(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

export interface Request {
	readonly method: Method;
	readonly url: URL;
	readonly headers: Readonly<Record<string, string>>;
	readonly body?: RequestBody;
	/** Milliseconds for the headers of the answer, when not the usual ones. */
	readonly patience?: number;
}

export interface Answer {
	readonly status: number;
	readonly headers: IncomingHttpHeaders;
	/** What answered: another than was asked after a redirect. */
	readonly url: URL;
	/** Throws Trouble when the connection breaks, is silent or drips. Not decoded, not bounded. */
	readonly body: AsyncIterable<Uint8Array>;
	/** Lets the connection go; for bodies that are not read to their end. */
	dispose(): void;
}

export interface TransportSettings {
	readonly env: Readonly<Record<string, string | undefined>>;
	readonly signal: AbortSignal;
	readonly pacing: Pacing;
	/** What the encryption with a host is made with. */
	readonly tlsOf: (host: string) => Promise<TlsSettings>;
}

/** Single exchanges over connections that are kept. */
export class Transport {
	readonly #settings: TransportSettings;
	readonly #plain = new PlainAgent({keepAlive: true});
	readonly #secure = new SecureAgent({keepAlive: true});

	constructor(settings: TransportSettings) {
		this.#settings = settings;
	}

	/** Throws Trouble, what the body throws, or the reason of the signal. Follows nothing. */
	async exchange(request: Request): Promise<Answer> {
		const {signal} = this.#settings;
		signal.throwIfAborted();
		try {
			return this.#answer(request.url, ...(await this.#send(request)));
		} catch (error) {
			if (signal.aborted) throw signal.reason;
			if (error instanceof ProxyRefusal) throw new Trouble('unreachable', error.message, {cause: error});
			throw error;
		}
	}

	close(): void {
		this.#plain.destroy();
		this.#secure.destroy();
	}

	/** The answer with its request. */
	async #send({
		method,
		url,
		headers,
		body,
		patience = this.#settings.pacing.patience,
	}: Request): Promise<readonly [IncomingMessage, ClientRequest]> {
		const {env, signal, pacing} = this.#settings;
		const proxy = chooseProxy(url, env);
		if (typeof proxy === 'string') throw new Trouble('unreachable', proxy);
		const isSecure = url.protocol === 'https:';
		const settings = {
			method,
			signal,
			timeout: pacing.patience,
			agent: isSecure ? this.#secure : this.#plain,
			headers: {
				'accept-encoding': 'identity',
				'user-agent': 'boxbuild',
				...headers,
				...(body === undefined ? {} : {'content-length': String(body.size)}),
			},
			...(isSecure ? await this.#settings.tlsOf(url.host) : {}),
		};
		let request: ClientRequest;
		try {
			request = proxy === undefined ? requestDirectly(url, settings) : await requestByProxy(proxy, url, settings);
		} catch (error) {
			throw error instanceof ProxyRefusal ? error : troubleOf(error);
		}
		return [await answered(request, body, {writing: pacing.patience, waiting: patience ?? pacing.patience}), request];
	}

	#answer(url: URL, reply: IncomingMessage, request: ClientRequest): Answer {
		const {pacing, signal} = this.#settings;
		request.removeAllListeners('timeout').setTimeout(0);
		// A connection whose request was not sent to its end serves no other.
		if (!request.writableFinished) reply.once('close', () => void request.destroy());
		reply.on('error', () => {});
		return {
			status: reply.statusCode ?? 0,
			headers: reply.headers,
			url,
			body: paced(reply, pacing, signal),
			// Little that is left is read, so that the connection can be used again.
			dispose: () => void (isShort(reply, request) ? reply.resume() : reply.destroy()),
		};
	}
}

function isShort({statusCode, headers}: IncomingMessage, {method}: ClientRequest): boolean {
	return method === 'HEAD' || statusCode === 204 || Number(headers['content-length'] ?? Infinity) <= 16 * 1024;
}

/** Writes the body and waits for the headers of the answer, which may come before the body is written: then the rest is not. */
async function answered(
	request: ClientRequest,
	body: RequestBody | undefined,
	patience: {readonly writing: number; readonly waiting: number},
): Promise<IncomingMessage> {
	let silence: NodeJS.Timeout | undefined;
	let milliseconds = patience.writing;
	const giveUp = (): void => void request.destroy(new Trouble('unreachable', `nothing came for ${milliseconds / 1000} seconds`));
	const reply = new Promise<IncomingMessage>((resolve, reject) => {
		request.on('timeout', giveUp);
		request.on('error', (error) => reject(troubleOf(error)));
		request.on('close', () => reject(new Trouble('unreachable', 'the connection closed without an answer')));
		request.on('response', resolve);
		request.on('finish', () => {
			milliseconds = patience.waiting;
			if (patience.waiting !== patience.writing) request.setTimeout(patience.waiting);
			// Headers that drip keep the connection from being silent.
			silence = setTimeout(giveUp, 2 * patience.waiting);
		});
	});
	try {
		if (body === undefined) request.end();
		else {
			const written = writeBody(request, body);
			// What it says after the answer came does not matter.
			written.catch(() => {});
			await Promise.race([reply, written]);
		}
		return await reply;
	} catch (error) {
		request.destroy();
		throw error;
	} finally {
		clearTimeout(silence);
	}
}

async function writeBody(request: ClientRequest, body: RequestBody): Promise<void> {
	let size = 0;
	let isOver = false;
	let wake = (): void => {};
	request.on('drain', () => wake());
	for (const event of ['response', 'close']) {
		request.once(event, () => {
			isOver = true;
			wake();
		});
	}
	for await (const chunk of body.open()) {
		if (isOver) return;
		size += chunk.length;
		if (size > body.size) break;
		if (!request.write(chunk)) await new Promise<void>((resolve) => (wake = resolve));
	}
	if (isOver) return;
	if (size !== body.size) throw new RangeError(`the body of a request has ${size} bytes, ${body.size} were announced`);
	request.end();
}

/** The reader's own time does not count, however long it lets the connection wait. */
async function* paced(reply: IncomingMessage, {patience, leastBytes, now}: Pacing, signal: AbortSignal): AsyncGenerator<Uint8Array> {
	const chunks = (reply as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
	let isWaiting = false;
	const timer = setTimeout(() => {
		if (isWaiting) reply.destroy(new Trouble('unreachable', `nothing more came for ${patience / 1000} seconds`));
	}, patience);
	let waited = 0;
	let size = 0;
	try {
		for (;;) {
			const since = now();
			isWaiting = true;
			timer.refresh();
			const next = await chunks.next();
			isWaiting = false;
			if (next.done === true) return;
			waited += now() - since;
			size += next.value.length;
			if (waited > patience) {
				if (size < leastBytes) throw new Trouble('unreachable', `only ${size} bytes came in ${Math.round(waited / 1000)} seconds`);
				waited = 0;
				size = 0;
			}
			yield next.value;
		}
	} catch (error) {
		if (signal.aborted) throw signal.reason;
		throw troubleOf(error);
	} finally {
		clearTimeout(timer);
		reply.destroy();
	}
}
