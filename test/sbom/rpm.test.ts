import test from 'ava';
import {brief, inventoryOf, type LayerContent, problemsOf, sbomFixture} from '../support/layered-files.ts';

const sqlite = 'var/lib/rpm/rpmdb.sqlite';
const samples = ['boxbuild-sample 1.2-3 0', 'boxbuild-sample-libs 1.2-3 0'];

/** A Packages.db with these headers: a page of slots, then blobs in blocks of 16 bytes (rpm, rpmpkg.c). */
function ndb(headers: readonly Buffer[]): Buffer {
	const slots = Buffer.alloc(4096);
	const blobs: Buffer[] = [];
	for (let at = 32; at < 4096; at += 16) slots.write('Slot', at);
	slots.write('RpmP');
	slots.writeUInt32LE(7, 8);
	slots.writeUInt32LE(1, 12);
	slots.writeUInt32LE(headers.length + 1, 16);
	let block = 4096 / 16;
	for (const [index, header] of headers.entries()) {
		const blocks = Math.ceil((16 + header.length + 12) / 16);
		const blob = Buffer.alloc(blocks * 16);
		blob.write('BlbS');
		blob.writeUInt32LE(index + 1, 4);
		blob.writeUInt32LE(header.length, 12);
		header.copy(blob, 16);
		blob.write('BlbE', blob.length - 4);
		slots.writeUInt32LE(index + 1, 32 + 16 * index + 4);
		slots.writeUInt32LE(block, 32 + 16 * index + 8);
		slots.writeUInt32LE(blocks, 32 + 16 * index + 12);
		blobs.push(blob);
		block += blocks;
	}
	return Buffer.concat([slots, ...blobs]);
}

test('an SQLite database is read', (t) => {
	const inventory = inventoryOf({[sqlite]: sbomFixture('rpmdb.sqlite.gz')});
	t.deepEqual(brief(inventory), samples);
	t.deepEqual(inventory.problems, []);
	const {diffId, path, ...first} = inventory.packages[0] ?? {};
	t.is(path as string, sqlite);
	t.deepEqual(first as object, {
		type: 'rpm',
		name: 'boxbuild-sample',
		version: '1.2-3',
		licences: ['MIT AND GPL-2.0-or-later'],
		architecture: 'noarch',
		epoch: 2,
		source: {name: 'boxbuild-sample', version: '1.2-3'},
		supplier: 'Example Vendor',
		layer: 0,
	});
	t.truthy(diffId);
});

test('an upgrade is of the layer that made it', (t) => {
	const layers = [{[sqlite]: sbomFixture('rpmdb.sqlite.gz')}, {[sqlite]: sbomFixture('rpmdb-upgraded.sqlite.gz')}];
	t.deepEqual(brief(inventoryOf(...layers)), ['boxbuild-sample 1.4-3 1', 'boxbuild-sample-libs 1.2-3 0']);
});

test('what stands in the write-ahead log only counts, and a damaged end of the log does not', (t) => {
	const database = sbomFixture('rpmdb-logged.sqlite.gz');
	const log = sbomFixture('rpmdb-logged.sqlite-wal.gz');
	const logged = ['boxbuild-logged 1.2-3 0', samples[1] ?? ''];
	t.deepEqual(brief(inventoryOf({[sqlite]: database})), samples);
	const found = brief(inventoryOf({[sqlite]: database, [`${sqlite}-wal`]: log}));
	t.true(found.includes(logged[0] ?? ''));
	t.is(found.length, 2);
	t.deepEqual(
		brief(inventoryOf({[sqlite]: database}, {[`${sqlite}-wal`]: log})).filter((line) => line.endsWith('1')),
		['boxbuild-logged 1.2-3 1'],
	);
	const cut = Buffer.from(log);
	cut[cut.length - 1] = (cut.at(-1) ?? 0) ^ 1;
	t.deepEqual(brief(inventoryOf({[sqlite]: database, [`${sqlite}-wal`]: cut})), ['boxbuild-logged 1.2-3 0', ...samples]);
	t.deepEqual(brief(inventoryOf({[sqlite]: database, [`${sqlite}-wal`]: Buffer.alloc(0)})), samples);
	t.deepEqual(inventoryOf({[`${sqlite}-wal`]: log}), {...inventoryOf({}), packages: [], problems: []});
});

test('interior pages and overflow chains are followed', (t) => {
	const {packages, problems} = inventoryOf({'usr/lib/sysimage/rpm/rpmdb.sqlite': sbomFixture('rpmdb-many.sqlite.gz')});
	t.deepEqual(problems, []);
	t.deepEqual(
		packages.map(({name}) => name),
		Array.from({length: 300}, (_, index) => `boxbuild-sam${String(index).padStart(3, '0')}`),
	);
});

for (const name of ['Packages-512-le', 'Packages-512-be', 'Packages-4096-le', 'Packages-4096-be']) {
	test(`a Berkeley DB hash is read: ${name}`, (t) => {
		const inventory = inventoryOf({'var/lib/rpm/Packages': sbomFixture(`${name}.gz`)});
		t.deepEqual(brief(inventory), samples);
		t.deepEqual(inventory.problems, []);
	});
}

test('an ndb database is read', (t) => {
	const header = sbomFixture('sample.header');
	const other = Buffer.from(header.toString('latin1').replace('boxbuild-sample\0', 'boxbuild-second\0'), 'latin1');
	const inventory = inventoryOf({'usr/lib/sysimage/rpm/Packages.db': ndb([header, other])});
	t.is(inventory.packages.length, 2);
	t.deepEqual(inventory.problems, []);
});

test('keys that rpm keeps among the packages are none', (t) => {
	const header = sbomFixture('sample.header')
		.toString('latin1')
		.replace(/boxbuild-sample(?:-libs)?\0/v, (text) => 'gpg-pubkey\0'.padEnd(text.length, '\0'));
	t.deepEqual(brief(inventoryOf({'var/lib/rpm/Packages.db': ndb([Buffer.from(header, 'latin1')])})), []);
});

/** Every byte of the places that decide is changed in turn: whatever comes of it, it ends, and what is missing is told. */
const damaged: readonly (readonly [string, string, Buffer])[] = [
	['SQLite', sqlite, sbomFixture('rpmdb.sqlite.gz')],
	['SQLite with small pages', sqlite, sbomFixture('rpmdb-many.sqlite.gz')],
	['Berkeley DB', 'var/lib/rpm/Packages', sbomFixture('Packages-512-le.gz')],
	['ndb', 'var/lib/rpm/Packages.db', ndb([sbomFixture('sample.header')])],
];
for (const [name, path, bytes] of damaged) {
	test(`damage never ends in a crash or a hang: ${name}`, (t) => {
		const whole = brief(inventoryOf({[path]: bytes})).length;
		const read = (changed: Buffer): void => {
			const inventory = inventoryOf({[path]: changed} satisfies LayerContent);
			// Fewer packages are told about, unless the damage makes another valid database of it.
			if (inventory.packages.length === 0 && whole > 1) t.true(inventory.problems.length > 0 || changed.length === bytes.length);
		};
		for (let at = 0; at < bytes.length; at += at < 600 ? 1 : 97) {
			const changed = Buffer.from(bytes);
			changed[at] = (changed[at] ?? 0) ^ 0xff;
			read(changed);
		}
		for (let length = 0; length < bytes.length; length += Math.ceil(bytes.length / 50)) {
			const inventory = inventoryOf({[path]: bytes.subarray(0, length)});
			t.true(inventory.problems.length > 0, `cut to ${length} bytes`);
		}
	});
}

test('a chain that leads back to itself ends', (t) => {
	const bytes = Buffer.from(sbomFixture('Packages-512-le.gz'));
	for (let page = 0; page < bytes.length; page += 512) {
		if (bytes[page + 25] !== 7) continue;
		bytes.writeUInt32LE(page / 512, page + 16);
		bytes.writeUInt16LE(1, page + 22);
	}
	for (let at = 512; at < 1024; at++) {
		// The length of a value in a chain.
		if (bytes[at] === 3 && bytes.readUInt32LE(at + 8) > 1000 && bytes.readUInt32LE(at + 8) < 2000) bytes.writeUInt32LE(60_000_000, at + 8);
	}
	t.true(problemsOf(inventoryOf({'var/lib/rpm/Packages': bytes})).length > 0);
});
