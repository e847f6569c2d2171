import test from 'ava';
import {parseCopyright} from '../../src/sbom/dpkg/copyright.ts';
import {brief, inventoryOf, problemsOf, sbomFixture} from '../support/layered-files.ts';

const status = 'var/lib/dpkg/status';
const paragraph = (name: string, version: string, more = ''): string =>
	`Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n${more}\n`;

test('a real status file is read: versions, architectures, sources', (t) => {
	const {packages, problems} = inventoryOf({[status]: sbomFixture('dpkg-status')});
	t.deepEqual(
		packages.map(({name}) => name),
		['apt', 'base-files', 'bash', 'gcc-12-base', 'libc6', 'libgcc-s1'],
	);
	t.deepEqual(problems, []);
	const {name, version, architecture, source} = packages[5] ?? {};
	t.deepEqual(
		{name, version, architecture, source},
		{name: 'libgcc-s1', version: '12.2.0-14+deb12u1', architecture: 'amd64', source: {name: 'gcc-12', version: '12.2.0-14+deb12u1'}},
	);
	t.regex(packages[2]?.supplier ?? '', /^Matthias Klose <.+>$/v);
});

test('a layer brings the versions that its database lists first', (t) => {
	const layers = [
		{[status]: paragraph('a', '1') + paragraph('b', '1')},
		{'etc/other': 'x'},
		{[status]: paragraph('a', '2') + paragraph('b', '1') + paragraph('c', '1')},
		{[status]: paragraph('a', '2') + paragraph('c', '1')},
	];
	t.deepEqual(brief(inventoryOf(...layers)), ['a 2 2', 'c 1 2']);
});

test('what comes back after it was gone is of the layer that brought it back', (t) => {
	const both = paragraph('a', '1') + paragraph('b', '1');
	t.deepEqual(brief(inventoryOf({[status]: both}, {[status]: paragraph('a', '1')}, {[status]: both})), ['a 1 0', 'b 1 2']);
});

test('a database that a later layer deletes lists nothing, however it is deleted', (t) => {
	const below = {[status]: paragraph('a', '1')};
	for (const above of [
		{[status]: 'deleted'},
		{'var/lib': 'deleted'},
		{'var/lib/dpkg': 'opaque'},
		{'': 'opaque'},
		{var: 'a file'},
		{[status]: 'directory'},
	] as const)
		t.deepEqual(brief(inventoryOf(below, above)), []);
	t.deepEqual(brief(inventoryOf(below, {'var/lib': 'opaque', [status]: paragraph('b', '1')})), ['b 1 1']);
	t.deepEqual(brief(inventoryOf(below, {'var/li': 'deleted', 'var/lib/dpkg': 'directory', 'var/lib/dpkg/status-old': 'deleted'})), [
		'a 1 0',
	]);
});

test('images without dpkg have a file for each package', (t) => {
	const inventory = inventoryOf(
		{'var/lib/dpkg/status.d/base': 'Package: base-files\nVersion: 1\n', 'var/lib/dpkg/status.d/base.md5sums': '00  usr/a b\n'},
		{'var/lib/dpkg/status.d/tz': 'Package: tzdata\nVersion: 2\n'},
	);
	t.deepEqual(brief(inventory), ['base-files 1 0', 'tzdata 2 1']);
	t.deepEqual(problemsOf(inventory), []);
});

test('only what is there counts: not what is removed, not what never was', (t) => {
	const state = (name: string, words: string): string => `Package: ${name}\nStatus: ${words}\nVersion: 1\n\n`;
	const text =
		state('a', 'deinstall ok config-files') +
		state('b', 'unknown ok not-installed') +
		state('c', 'install ok half-configured') +
		state('d', 'install reinstreq unpacked') +
		state('e', 'install ok triggers-pending') +
		'Package: f\nStatus: purge ok not-installed\n\n';
	t.deepEqual(brief(inventoryOf({[status]: text})), ['c 1 0', 'd 1 0', 'e 1 0']);
});

test('the same package of two architectures is there twice', (t) => {
	const text = paragraph('a', '1') + paragraph('a', '1').replace('amd64', 'i386');
	t.deepEqual(
		inventoryOf({[status]: text}).packages.map(({architecture}) => architecture),
		['amd64', 'i386'],
	);
});

test('what cannot be read is told, with the place, and the rest is listed', (t) => {
	const cases: Readonly<Record<string, string>> = {
		'Package: a\nStatus: install ok installed\n\n': 'its paragraph 1 has no version',
		'Version: 1\n\n': 'its paragraph 1 has no package name',
		'Package: a\nStatus: x\nVersion: 1\n\n': 'its paragraph 1 has a status that dpkg does not know',
		'\u0000\u0001\n': 'its line 1 is neither a field nor the continuation of one',
	};
	for (const [text, expected] of Object.entries(cases)) {
		const inventory = inventoryOf({a: 'x'}, {[status]: text + paragraph('z', '1')});
		t.deepEqual(problemsOf(inventory), [`fatal ${status} 1 ${expected}`]);
		t.deepEqual(brief(inventory), ['z 1 1']);
	}
	t.regex(problemsOf(inventoryOf({[status]: {symlink: '/etc/passwd'}}))[0] ?? '', /^fatal .* it is a symlink/v);
});

test('a bad database below a good one is a note: only the layer may be wrong', (t) => {
	const inventory = inventoryOf(
		{[status]: paragraph('a', '1')},
		{[status]: 'broken\n'},
		{[status]: paragraph('a', '1') + paragraph('b', '1')},
	);
	t.deepEqual(problemsOf(inventory), [`partial ${status} 1 its line 1 is neither a field nor the continuation of one`]);
	t.deepEqual(brief(inventory), ['a 1 0', 'b 1 2']);
});

test('a status file that is too large is refused unread', (t) => {
	const layer = {diffId: 'x', entries: [{path: status, type: 'file', mode: 0o644, uid: 0, gid: 0, size: 2 ** 31, mtime: 0}]};
	const read = (): never => t.fail() as never;
	return import('../../src/sbom/take-inventory.ts').then(({takeInventory}) => {
		const inventory = takeInventory([{...layer, read} as never]);
		t.deepEqual(problemsOf(inventory), [`fatal ${status} 0 it has 2147483648 bytes, 33554432 are read at most`]);
	});
});

test('millions of records end with a limit', (t) => {
	const inventory = inventoryOf({[status]: 'A: b\n\n'.repeat(250_000)});
	t.true(problemsOf(inventory).some((text) => text.endsWith('it has more than 200000 paragraphs')));
	t.true(inventory.problems.length <= 1001);
});

test('licences come from the copyright file, also through the symlink of a shared directory', (t) => {
	const machine =
		'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nCopyright: x\nLicense: GPL-3+\n text\n\nFiles: a\nCopyright: y\nLicense: Expat\n\nLicense: Artistic\n text\n';
	const {packages, problems} = inventoryOf({
		[status]: paragraph('a', '1') + paragraph('b', '1') + paragraph('c', '1') + paragraph('d', '1'),
		'usr/share/doc/a/copyright': machine,
		'usr/share/doc/b': {symlink: 'a'},
		'usr/share/doc/c/copyright': "See /usr/share/common-licenses/GPL-2, and `/usr/share/common-licenses/LGPL-2.1'.",
		'usr/share/doc/d': {symlink: '../../../etc/passwd'},
	});
	t.deepEqual(problems, []);
	t.deepEqual(
		packages.map(({licences}) => licences),
		[['Expat', 'GPL-3+'], ['Expat', 'GPL-3+'], ['GPL-2', 'LGPL-2.1'], []],
	);
	t.deepEqual(parseCopyright(''), []);
	t.deepEqual(brief(inventoryOf({[status]: paragraph('a', '1'), 'usr/share/doc/a': {symlink: 'b'}, 'usr/share/doc/b': {symlink: 'a'}})), [
		'a 1 0',
	]);
});
