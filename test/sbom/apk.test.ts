import test from 'ava';
import {brief, inventoryOf, problemsOf} from '../support/layered-files.ts';

/** As apk-tools 2 writes it: a checksum, the fields, then files. */
const record = (name: string, version: string): string =>
	`C:Q1qKcZ+j23xssAXmgQhkOO8dHnbWw=\nP:${name}\nV:${version}\nA:x86_64\nS:383152\nI:622592\nT:the musl c library\nU:https://musl.libc.org/\nL:MIT\no:${name}\nm:Timo <timo@example.org>\nt:1700000000\nc:abc\nF:lib\nR:${name}.so\na:0:0:755\nZ:Q1x=\n\n`;

test('the installed packages of both places, by layer', (t) => {
	const layers = [
		{'lib/apk/db/installed': record('musl', '1.2.4-r2')},
		{'lib/apk/db/installed': record('musl', '1.2.4-r2') + record('zlib', '1.3')},
	];
	const inventory = inventoryOf(...layers);
	t.deepEqual(brief(inventory), ['musl 1.2.4-r2 0', 'zlib 1.3 1']);
	const {type, licences, architecture, source, supplier} = inventory.packages[0] ?? {};
	t.deepEqual(
		{type, licences, architecture, source, supplier},
		{
			type: 'apk',
			licences: ['MIT'],
			architecture: 'x86_64',
			source: {name: 'musl', version: '1.2.4-r2'},
			supplier: 'Timo <timo@example.org>',
		},
	);
	const moved = {'lib/apk': 'deleted', 'usr/lib/apk/db/installed': record('musl', '1.2.4-r2')} as const;
	t.deepEqual(brief(inventoryOf(...layers, moved)), ['musl 1.2.4-r2 0']);
});

test('a record without a version, and a line that is no field, are told', (t) => {
	const text = `P:a\nA:x\n\n${record('b', '1')}`.replace('F:lib', 'nonsense');
	const inventory = inventoryOf({'lib/apk/db/installed': text});
	t.deepEqual(problemsOf(inventory).toSorted(), [
		'fatal lib/apk/db/installed 0 its line 17 is no field',
		'fatal lib/apk/db/installed 0 its record 1 has no version',
	]);
	t.deepEqual(brief(inventory), ['b 1 0']);
});

test('an empty database is that of an image without packages', (t) => {
	t.deepEqual(inventoryOf({'lib/apk/db/installed': ''}).problems, []);
});
