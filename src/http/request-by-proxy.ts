import {request as requestPlain, type ClientRequest, type RequestOptions} from 'node:http';
import {request as requestSecure} from 'node:https';
import {isIP, type Socket} from 'node:net';
import {connect as connectSecure, type ConnectionOptions} from 'node:tls';
import {credentialsOf} from './url-credentials.ts';

/** The proxy did not make the connection that it was asked for. */
export class ProxyRefusal extends Error {
	readonly status: number;

	constructor(status: number) {
		super(`the proxy answered ${status}`);
		this.status = status;
	}
}

/** What the target's end of the encryption is checked by, and what shows it who asks. */
export type TlsSettings = Readonly<Pick<ConnectionOptions, 'secureContext' | 'rejectUnauthorized'>>;

/** Of a request. The agent is none unless it is given: then connections are kept by it. */
export type WaySettings = RequestOptions & TlsSettings;

/** A request whose body is still to be ended. */
export function requestDirectly(target: URL, settings: WaySettings): ClientRequest {
	return (target.protocol === 'https:' ? requestSecure : requestPlain)(target, {agent: false, ...settings});
}

/** The same by way of a proxy: http is asked of it, https goes through a tunnel. Throws ProxyRefusal, or what ends the connection. */
export async function requestByProxy(proxy: URL, target: URL, given: WaySettings): Promise<ClientRequest> {
	// No connection of a proxy is kept.
	const {agent: _agent, ...settings} = given;
	const credentials = credentialsOf(proxy);
	const authorization = credentials === undefined ? {} : {'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}`};
	if (target.protocol === 'https:') {
		const socket = await openTunnel(proxy, target, {...settings, headers: authorization});
		const host = target.hostname.replace(/^\[(.*)\]$/v, '$1');
		const {secureContext, rejectUnauthorized = true} = settings;
		const createConnection = (): Socket =>
			connectSecure({socket, host, servername: isIP(host) === 0 ? host : '', secureContext, rejectUnauthorized});
		// With an agent, also with `false`, Node would connect by itself.
		return requestSecure(target, {...settings, createConnection});
	}
	const {secureContext: _context, rejectUnauthorized: _reject, ...others} = settings;
	const headers = {...others.headers, ...authorization, host: target.host};
	return requestDirectly(bare(proxy), {...others, headers, path: `${target.origin}${target.pathname}${target.search}`});
}

/** A connection to the target that the proxy hands on (RFC 9110, 9.3.6). */
function openTunnel(proxy: URL, target: URL, {headers, signal, timeout}: RequestOptions): Promise<Socket> {
	const path = `${target.hostname}:${target.port === '' ? 443 : target.port}`;
	const settings = {method: 'CONNECT', path, headers: {...headers, host: path}, ...(timeout === undefined ? {} : {timeout})};
	return new Promise((resolve, reject) => {
		const request = requestDirectly(bare(proxy), {...settings, ...(signal === undefined ? {} : {signal})});
		request.on('timeout', () => request.destroy(Object.assign(new Error('the proxy says nothing'), {code: 'ETIMEDOUT'})));
		request.on('error', reject);
		request.on('response', (reply) => {
			reply.destroy();
			reject(new ProxyRefusal(reply.statusCode ?? 0));
		});
		request.on('connect', ({statusCode = 0}, socket) => {
			if (statusCode >= 200 && statusCode < 300) return resolve(socket);
			socket.destroy();
			reject(new ProxyRefusal(statusCode));
		});
		request.end();
	});
}

function bare(proxy: URL): URL {
	const url = new URL(proxy);
	url.username = '';
	url.password = '';
	return url;
}
