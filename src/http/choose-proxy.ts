import {BlockList, isIP} from 'node:net';
import {domainToASCII} from 'node:url';

type Environment = Readonly<Record<string, string | undefined>>;

/** The proxy that a request has to take; undefined is none, and a text is what is wrong with the variable that names it. */
export type ProxyChoice = URL | string | undefined;

const defaultPorts: Readonly<Record<string, string>> = {'http:': '80', 'https:': '443'};

/**
 * What HTTP_PROXY, HTTPS_PROXY and NO_PROXY say, by the rules of Go's golang.org/x/net/http/httpproxy, with ALL_PROXY for what the first two
 * do not name. Unlike there, an address that is none is a problem, and SOCKS is one, too. Shows no values: they may hold credentials.
 */
export function chooseProxy(url: URL, env: Environment): ProxyChoice {
	const own = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
	const name = [own, own.toLowerCase(), 'ALL_PROXY', 'all_proxy'].find((variable) => (env[variable] ?? '') !== '');
	if (name === undefined || goesDirectly(url, env)) return undefined;
	// A CGI server makes HTTP_PROXY of a header that anyone can send (CVE-2016-5385).
	if (name === 'HTTP_PROXY' && (env['REQUEST_METHOD'] ?? '') !== '') return '`HTTP_PROXY` is not used while `REQUEST_METHOD` is set';
	const text = env[name] ?? '';
	const protocol = /^(?<protocol>[a-z][a-z0-9+.\-]*):\/\//iv.exec(text)?.groups?.['protocol']?.toLowerCase();
	if (protocol !== undefined && protocol !== 'http' && protocol !== 'https')
		return `\`${name}\` names a proxy of the protocol ${protocol}; only http and https are known`;
	const address = protocol === undefined ? `http://${text}` : text;
	return URL.canParse(address) ? new URL(address) : `\`${name}\` is no address of a proxy`;
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

function goesDirectly(url: URL, env: Environment): boolean {
	const host = url.hostname.replace(/^\[(.*)\]$/v, '$1');
	const port = url.port === '' ? (defaultPorts[url.protocol] ?? '') : url.port;
	if (host === 'localhost' || contains(loopback, host)) return true;
	const exceptions = [env['NO_PROXY'], env['no_proxy']].find((value) => value !== undefined && value !== '') ?? '';
	return exceptions.split(',').some((exception) => covers(exception.trim().toLowerCase(), host, port));
}

/** True when one entry of NO_PROXY means the host: `*`, NETWORK/BITS, ADDRESS[:PORT], NAME[:PORT], or .NAME[:PORT] for what is below only. */
function covers(exception: string, host: string, port: string): boolean {
	if (exception === '*') return true;
	const [, network = '', bits = ''] = /^(.*)\/(\d{1,3})$/v.exec(exception) ?? [];
	if (isIP(network) !== 0 && Number(bits) <= (isIP(network) === 4 ? 32 : 128)) {
		const list = new BlockList();
		list.addSubnet(network, Number(bits), familyOf(network));
		return contains(list, host);
	}
	const split = /^(?:\[([^\[\]]*)\]|([^:\[\]]*)):([^:]*)$/v.exec(exception);
	const name = split === null ? exception : (split[1] ?? split[2] ?? '');
	const wantedPort = split?.[3] ?? '';
	if (name === '' || (wantedPort !== '' && wantedPort !== port)) return false;
	if (isIP(name) !== 0) {
		const list = new BlockList();
		list.addAddress(name, familyOf(name));
		return contains(list, host);
	}
	const isBelowOnly = /^(?:\*\.|\.)/v.test(name);
	const domain = name.replace(/^(?:\*\.|\.)/v, '');
	const ascii = domainToASCII(domain) || domain;
	return host.endsWith(`.${ascii}`) || (!isBelowOnly && host === ascii);
}

function contains(list: BlockList, host: string): boolean {
	return isIP(host) !== 0 && list.check(host, familyOf(host));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
	return isIP(address) === 4 ? 'ipv4' : 'ipv6';
}
