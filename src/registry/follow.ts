import {type Answer, type Request, type Transport} from './transport.ts';
import {Trouble} from './trouble.ts';

const redirectLimit = 10;

/**
 * An exchange with redirects. Authorization goes to the origin that was asked first, and to nothing after a redirect has left it. What began
 * encrypted stays encrypted. Only 307 and 308 repeat what is neither GET nor HEAD (RFC 9110, 15.4); other redirects of it are answers.
 */
export async function follow(transport: Transport, request: Request, authorization: string | undefined): Promise<Answer> {
	const {origin} = request.url;
	let {url} = request;
	let isAtHome = true;
	for (let redirects = 0; redirects <= redirectLimit; redirects += 1) {
		isAtHome &&= url.origin === origin;
		const headers = isAtHome && authorization !== undefined ? {...request.headers, authorization} : request.headers;
		const answer = await transport.exchange({...request, url, headers});
		const {location} = answer.headers;
		const repeats = request.method === 'GET' || request.method === 'HEAD' ? [301, 302, 303, 307, 308] : [307, 308];
		if (!repeats.includes(answer.status) || location === undefined) return answer;
		answer.dispose();
		url = nextUrl(url, location);
	}
	throw new Trouble('malformed', `it redirects more than ${redirectLimit} times`);
}

/** Where a Location leads: http or https, never from https to http, without credentials. Throws Trouble. */
export function nextUrl(from: URL, location: string): URL {
	if (!URL.canParse(location, from.href)) throw new Trouble('malformed', 'it leads to what is no URL');
	const next = new URL(location, from);
	if (next.protocol !== 'http:' && next.protocol !== 'https:') throw new Trouble('malformed', `it leads to \`${next.protocol}\``);
	if (from.protocol === 'https:' && next.protocol === 'http:') throw new Trouble('malformed', 'it leads from https to http');
	next.username = '';
	next.password = '';
	next.hash = '';
	return next;
}
