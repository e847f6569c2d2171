import {isIP} from 'node:net';
import {BuildError} from '../diagnostics/build-error.ts';
import {cliBadValue} from '../diagnostics/cli.ts';

/** Steps with the network of this machine reach it there. */
const gateway = '127.0.0.1';

/** `--add-host NAME:ADDRESS` or `NAME=ADDRESS` (an IPv6 address may stand in brackets; `host-gateway` is this machine), as lines of hosts(5). */
export function parseHosts(values: readonly string[]): readonly string[] {
	return values.map((text) => {
		const [, name = '', given = ''] = /^([^:=]+)[:=](.+)$/v.exec(text) ?? [];
		const address = given === 'host-gateway' ? gateway : given.replace(/^\[(.*)\]$/v, '$1');
		if (!/^[A-Za-z0-9_](?:[A-Za-z0-9_.\-]*[A-Za-z0-9_])?$/v.test(name) || isIP(address) === 0)
			throw new BuildError(cliBadValue('--add-host', text, 'NAME:ADDRESS with an IP address or `host-gateway`'));
		return `${address}\t${name}`;
	});
}
