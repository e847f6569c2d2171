import test from 'ava';
import {writeFileSync} from 'node:fs';
import {createServer, type Server} from 'node:https';
import {readResult} from '../support/list-result.ts';
import {type LoopbackProxy, startLoopbackProxy} from '../support/loopback-proxy.ts';
import {selfSigned} from '../support/self-signed.ts';
import {Workplace, type Files} from '../support/workplace.ts';

const place = new Workplace();
const secret = 'pa55word';
const authority = `${place.directory}/authority.pem`;
const plain = 'FROM scratch\nLABEL by=proxy\n';

let origin: Server;
let proxy: LoopbackProxy;
/** What the server behind the tunnel was asked. */
const asked: (string | undefined)[] = [];
let env: Readonly<Record<string, string>>;
test.before(async () => {
	const {cert, key} = selfSigned('secure.test');
	writeFileSync(authority, cert);
	origin = createServer({cert, key}, (request, response) => {
		asked.push(request.headers['proxy-authorization'] === undefined ? request.url : 'told the credentials of the proxy');
		response.end('through the tunnel');
	});
	await new Promise<void>((resolve) => {
		origin.listen(0, '127.0.0.1', resolve);
	});
	const address = origin.address();
	const port = typeof address === 'object' && address !== null ? address.port : 0;
	const answers = new Map([
		['http://files.test/file', 'by proxy'],
		['http://files.test/Boxfile?a=b', plain],
	]);
	proxy = await startLoopbackProxy((url) => answers.get(url), port);
	const withSecret = `http://someone:${secret}@${proxy.host}`;
	env = {HTTP_PROXY: withSecret, https_proxy: withSecret, NODE_EXTRA_CA_CERTS: authority};
});
test.after.always(async () => {
	proxy.close();
	origin.closeAllConnections();
	origin.close();
	await place.remove();
});

const boxfile = (lines: string): Files => ({Boxfile: `FROM scratch\n${lines}\n`});

test.serial('http URLs are asked of the proxy, for ADD and for contexts', async (t) => {
	t.is(await readResult(t, place, boxfile('ADD http://files.test/file /f'), 'f', [], {env}), 'by proxy');
	t.is(await place.digest(t, 'http://files.test/Boxfile?a=b', [], {env}), await place.digest(t, {Boxfile: plain}));
});

test.serial('https URLs go through a tunnel of the proxy, whose credentials end there', async (t) => {
	t.is(await readResult(t, place, boxfile('ADD https://secure.test/file?a /f'), 'f', [], {env}), 'through the tunnel');
	t.deepEqual(asked, ['/file?a']);
	t.is(proxy.requests.at(-1)?.url, 'secure.test:443');
	const other = await place.build(boxfile('ADD https://other.test/file /f'), [], {env});
	t.is(other.code, 2);
	t.regex(other.stderr, /ended with ERR_TLS_CERT_ALTNAME_INVALID/v);
});

test.serial('what goes wrong at a proxy names the proxy without its credentials', async (t) => {
	const stranger = {...env, HTTP_PROXY: `http://${secret}@${proxy.host}`, https_proxy: `http://${secret}:x@${proxy.host}`};
	const closed = {...env, HTTP_PROXY: `http://someone:${secret}@192.0.2.1:0`, https_proxy: `http://someone:${secret}@127.0.0.1:1`};
	const socks = {...env, HTTP_PROXY: '', ALL_PROXY: `socks5://someone:${secret}@${proxy.host}`};
	const cases: readonly (readonly [url: string, env: Readonly<Record<string, string>>, message: RegExp])[] = [
		['http://files.test/gone', env, /answered 404, by way of the proxy `http:\/\/127\.0\.0\.1:/v],
		['http://files.test/gone', stranger, /answered 404, by way of the proxy/v],
		['https://secure.test/file', stranger, /the proxy answered 407, by way of the proxy/v],
		['https://secure.test/file', closed, /ended with ECONNREFUSED, by way of the proxy/v],
		['http://files.test/file', socks, /`ALL_PROXY` names a proxy of the protocol socks5/v],
	];
	for (const [url, settings, message] of cases) {
		const ended = await place.build(boxfile(`ADD ${url} /f`), ['--progress', 'plain'], {env: settings});
		t.is(ended.code, 2, url);
		t.regex(ended.stderr, /context\/remote-failed/v);
		t.regex(ended.stderr, message);
		t.false(`${ended.stdout}${ended.stderr}`.includes(secret), ended.stderr);
	}
});

test.serial('NO_PROXY keeps requests from the proxy', async (t) => {
	const before = proxy.requests.length;
	const ended = await place.build(boxfile('ADD http://files.test/file /direct'), ['--no-cache'], {env: {...env, NO_PROXY: '.test'}});
	t.is(ended.code, 2);
	t.regex(ended.stderr, /context\/remote-failed/v);
	t.notRegex(ended.stderr, /by way of/v);
	t.is(proxy.requests.length, before);
});
