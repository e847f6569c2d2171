import {request as requestPlain, type ClientRequest, type RequestOptions} from 'node:http';
import {request as requestSecure} from 'node:https';
import {isIP, type Socket} from 'node:net';
import {connect as connectSecure} from 'node:tls';
import {credentialsOf} from './url-credentials.ts';

/** The proxy did not make the connection that it was asked for. */
export class ProxyRefusal extends Error {
	readonly status: number;

	constructor(status: number) {
		super(`the proxy answered ${status}`);
		this.status = status;
	}
}

/** A request whose body is still to be ended. */
export function requestDirectly(target: URL, settings: RequestOptions): ClientRequest {
	return (target.protocol === 'https:' ? requestSecure : requestPlain)(target, {...settings, agent: false});
}

/** The same by way of a proxy: http is asked of it, https goes through a tunnel. Throws ProxyRefusal, or what ends the connection. */
export async function requestByProxy(proxy: URL, target: URL, settings: RequestOptions): Promise<ClientRequest> {
	const credentials = credentialsOf(proxy);
	const authorization = credentials === undefined ? {} : {'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}`};
	if (target.protocol === 'https:') {
		const socket = await openTunnel(proxy, target, {...settings, headers: authorization});
		const host = target.hostname.replace(/^\[(.*)\]$/v, '$1');
		const createConnection = (): Socket => connectSecure({socket, host, servername: isIP(host) === 0 ? host : ''});
		return requestSecure(target, {...settings, createConnection});
	}
	const headers = {...settings.headers, ...authorization, host: target.host};
	return requestDirectly(bare(proxy), {...settings, headers, path: `${target.origin}${target.pathname}${target.search}`});
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
