import test, {type ExecutionContext} from 'ava';
import {httpGet, type HttpOptions} from '../../src/http/http-get.ts';
import {startLoopbackServer, type LoopbackServer} from '../support/loopback-server.ts';
import {codeOf, collect} from '../support/store-support.ts';

const get = async (url: string, options: Partial<HttpOptions> = {}): Promise<Buffer> => {
	const {body} = await httpGet(url, {signal: new AbortController().signal, ...options});
	return Buffer.from(await collect(body));
};

async function serve(t: ExecutionContext, ...[answer]: Parameters<typeof startLoopbackServer>): Promise<LoopbackServer> {
	const server = await startLoopbackServer(answer);
	t.teardown(() => server.close());
	return server;
}

test('a body above the limit is refused, announced or not', async (t) => {
	const server = await serve(t, (request, response) => {
		if (request.url === '/announced') response.setHeader('content-length', '11');
		response.write('01234');
		response.end('567890');
	});
	t.is((await get(`${server.url}/`, {limit: 11})).toString(), '01234567890');
	for (const path of ['/', '/announced']) t.is(await codeOf(() => get(`${server.url}${path}`, {limit: 10})), 'context/remote-failed');
});

test('a server that says nothing, or stops, is given up', async (t) => {
	const server = await serve(t, (request, response) => {
		if (request.url === '/half') response.write('x');
	});
	for (const path of ['/', '/half']) t.is(await codeOf(() => get(`${server.url}${path}`, {patience: 200})), 'context/remote-failed');
});

test('an abort ends a download at once', async (t) => {
	const server = await serve(t, (_, response) => void response.write('x'));
	const abort = new AbortController();
	setTimeout(() => abort.abort(), 100);
	await t.throwsAsync(get(server.url, {signal: abort.signal}), {any: true, name: 'AbortError'});
});

test('credentials that a redirect brings are not used', async (t) => {
	const server = await serve(t, (request, response) => {
		if (request.url === '/') response.writeHead(302, {location: `http://a:b@${request.headers.host}/next`});
		response.end('done');
	});
	t.is((await get(server.url)).toString(), 'done');
	t.is(server.requests[1]?.headers.authorization, undefined);
});
