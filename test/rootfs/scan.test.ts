import test from 'ava';
import {inNamespace} from '../support/in-namespace.ts';
import {scanCases} from './scan-cases.ts';

interface Scanned {
	readonly index: readonly string[];
	readonly disk: readonly string[];
	readonly xattrs: readonly string[];
}

const results = inNamespace(new URL('scan-script.js', import.meta.url)) as readonly Scanned[];

for (const [way, what] of ['an upperdir', 'an upperdir above a layer directory'].entries()) {
	for (const [position, one] of scanCases.entries()) {
		test(`${what} becomes a layer: ${one.name}`, (t) => {
			const {index, disk, xattrs} = results[way * scanCases.length + position] ?? {index: [], disk: [], xattrs: []};
			t.deepEqual(index, one.index);
			// The time of a deletion is nothing that a layer says.
			t.deepEqual(
				disk.map((line) => line.replace(/^(c [^ ]+) .*/v, '$1')),
				one.disk,
			);
			t.deepEqual(xattrs, one.xattrs ?? []);
		});
	}
}
