import test from 'ava';
import {chooseProxy} from '../../src/http/choose-proxy.ts';

/** NO_PROXY, a URL, and whether it goes through the proxy. */
const exceptions: readonly (readonly [noProxy: string, url: string, isProxied: boolean])[] = [
	['', 'http://example.org/', true],
	['', 'http://localhost/', false],
	['', 'http://localhost:8080/', false],
	['', 'http://127.0.0.1:8080/', false],
	['', 'http://127.5.6.7/', false],
	['', 'http://0x7f.1/', false],
	['', 'http://[::1]/', false],
	['', 'http://[::ffff:127.0.0.1]/', false],
	['', 'http://128.0.0.1/', true],
	['', 'http://a.localhost/', true],
	['*', 'http://example.org/', false],
	['other.org, *', 'http://example.org/', false],
	['example.org', 'http://example.org/', false],
	['EXAMPLE.org', 'https://Example.ORG/', false],
	['example.org', 'http://www.example.org/', false],
	['example.org', 'http://anexample.org/', true],
	['example.org', 'http://example.org.net/', true],
	['.example.org', 'http://example.org/', true],
	['.example.org', 'http://www.example.org/', false],
	['*.example.org', 'http://example.org/', true],
	['*.example.org', 'http://a.b.example.org/', false],
	['a.org,,  example.org ', 'http://example.org/', false],
	['example.org:80', 'http://example.org/', false],
	['example.org:80', 'https://example.org/', true],
	['example.org:443', 'https://example.org/', false],
	['example.org:8080', 'http://example.org/', true],
	['example.org:8080', 'http://www.example.org:8080/', false],
	['.example.org:8080', 'http://example.org:8080/', true],
	[':80', 'http://example.org/', true],
	['b\u00fccher.example', 'http://xn--bcher-kva.example/', false],
	['192.0.2.1', 'http://192.0.2.1/', false],
	['192.0.2.1', 'http://192.0.2.10/', true],
	['192.0.2.1:8080', 'http://192.0.2.1/', true],
	['192.0.2.1:8080', 'http://192.0.2.1:8080/', false],
	['192.0.2.1', 'http://[::ffff:192.0.2.1]/', false],
	['192.0.2.0/24', 'http://192.0.2.200/', false],
	['192.0.2.0/24', 'http://192.0.3.1/', true],
	['192.0.2.0/33', 'http://192.0.2.1/', true],
	['192.0.2.0/24', 'http://name.example/', true],
	['0.0.0.0/0', 'http://192.0.2.1/', false],
	['2001:db8::/32', 'http://[2001:db8::7]/', false],
	['2001:db8::/32', 'http://[2001:db9::7]/', true],
	['2001:db8::7', 'http://[2001:db8:0::7]/', false],
	['[2001:db8::7]:80', 'http://[2001:db8::7]/', false],
	['[2001:db8::7]:80', 'https://[2001:db8::7]/', true],
];

for (const [noProxy, url, isProxied] of exceptions) {
	test(`with NO_PROXY=${noProxy} a request to ${url} is ${isProxied ? '' : 'not '}proxied`, (t) => {
		const env = {HTTP_PROXY: 'http://proxy.test:3128', HTTPS_PROXY: 'http://proxy.test:3128', NO_PROXY: noProxy};
		t.is(chooseProxy(new URL(url), env) !== undefined, isProxied);
	});
}

test('the variable is that of the protocol, in upper case first, and ALL_PROXY for the rest', (t) => {
	const hostOf = (protocol: string, env: Record<string, string>): string | undefined => {
		const found = chooseProxy(new URL(`${protocol}://example.org/`), env);
		return found instanceof URL ? found.host : found;
	};
	t.is(hostOf('http', {}), undefined);
	t.is(hostOf('http', {HTTPS_PROXY: 'http://s'}), undefined);
	t.is(hostOf('https', {HTTP_PROXY: 'http://h'}), undefined);
	t.is(hostOf('http', {HTTP_PROXY: 'http://h', http_proxy: 'http://l', ALL_PROXY: 'http://a'}), 'h');
	t.is(hostOf('http', {HTTP_PROXY: '', http_proxy: 'http://l', ALL_PROXY: 'http://a'}), 'l');
	t.is(hostOf('https', {HTTP_PROXY: 'http://h', all_proxy: 'https://a:1'}), 'a:1');
	t.is(hostOf('http', {http_proxy: 'h:3128', no_proxy: 'example.net'}), 'h:3128');
	t.is(hostOf('http', {http_proxy: 'h:3128', no_proxy: 'example.org'}), undefined);
	t.is(hostOf('http', {http_proxy: 'h:3128', NO_PROXY: 'example.net', no_proxy: 'example.org'}), 'h:3128');
	t.is(hostOf('http', {http_proxy: 'user:pass@h'}), 'h');
});

test('a proxy that cannot be used is a problem, unless nothing would go there', (t) => {
	const url = new URL('http://example.org/');
	t.regex(String(chooseProxy(url, {ALL_PROXY: 'socks5://a:pa55word@h'})), /^`ALL_PROXY` names a proxy of the protocol socks5; /v);
	t.is(chooseProxy(url, {http_proxy: 'http://a:pa55word@'}), '`http_proxy` is no address of a proxy');
	t.is(chooseProxy(url, {HTTP_PROXY: 'h', REQUEST_METHOD: 'GET'}), '`HTTP_PROXY` is not used while `REQUEST_METHOD` is set');
	t.is(chooseProxy(url, {HTTP_PROXY: 'socks5://h', NO_PROXY: '*'}), undefined);
});
