import {array, assert, constantFrom, dictionary, property, record, uint8Array} from 'fast-check';
import test from 'ava';
import {mergeIndexes} from '../../src/executor/merge-indexes.ts';
import {FileHistory, LayerChanges} from '../../src/sbom/file-history.ts';
import type {SbomLayer} from '../../src/sbom/file-version.ts';
import {inventoryOf, layeredFiles, type LayerContent, type LayerFile} from '../support/layered-files.ts';

const names = ['a', 'b'] as const;
const paths = names.flatMap((one) => [
	one,
	...names.flatMap((two) => [`${one}/${two}`, ...names.map((three) => `${one}/${two}/${three}`)]),
]);
const files = constantFrom<LayerFile>('content', {symlink: 'x'}, 'directory', 'deleted', 'opaque');

/** Layers as tools write them: nothing stands below a file, every directory above a path has an entry. */
function tidy(content: LayerContent): LayerContent {
	const kept = new Map<string, LayerFile>();
	for (const path of Object.keys(content).toSorted()) {
		const above = path
			.split('/')
			.map((_, index, parts) => parts.slice(0, index).join('/'))
			.filter((parent) => parent !== '');
		if (above.some((parent) => !['directory', 'opaque', undefined].includes(kept.get(parent) as string))) continue;
		for (const parent of above) if (!kept.has(parent)) kept.set(parent, 'directory');
		kept.set(path, content[path] ?? 'directory');
	}
	return Object.fromEntries(kept);
}

/** An opaque directory has an entry besides its mark. */
function withDirectories(layers: readonly SbomLayer[]): readonly SbomLayer[] {
	return layers.map((layer) => ({
		...layer,
		entries: layer.entries.flatMap((entry) => {
			const opaque = /^(.*)\/\.wh\.\.wh\.\.opq$/v.exec(entry.path)?.[1];
			const isThere = opaque === undefined || layer.entries.some(({path}) => path === opaque);
			return isThere ? [entry] : [{...entry, path: opaque as never, type: 'directory' as const, mode: 0o755}, entry];
		}),
	}));
}

test('what is visible of files is what the merged indexes have', (t) => {
	const content = dictionary(constantFrom(...paths), files, {maxKeys: 6}).map(tidy);
	assert(
		property(array(content, {minLength: 1, maxLength: 5}), (contents) => {
			const layers = withDirectories(layeredFiles(contents));
			const history = new FileHistory(() => true);
			for (const [index, layer] of layers.entries()) history.apply(new LayerChanges(layer, index));
			const merged = [...mergeIndexes(layers.map(({entries}) => entries))].flatMap(([path, {type}]) =>
				type === 'directory' ? [] : [path],
			);
			t.deepEqual([...history.visible.keys()].toSorted(), merged.toSorted());
		}),
		{numRuns: 2000},
	);
});

test('no bytes at any place end in a crash, and the result is the same each time', (t) => {
	const places = [
		'var/lib/dpkg/status',
		'var/lib/dpkg/status.d/x',
		'usr/share/doc/x/copyright',
		'lib/apk/db/installed',
		'var/lib/rpm/rpmdb.sqlite',
		'var/lib/rpm/rpmdb.sqlite-wal',
		'var/lib/rpm/Packages',
		'var/lib/rpm/Packages.db',
		'node_modules/x/package.json',
		'x-1.dist-info/METADATA',
		'etc/os-release',
	];
	const heads = ['', 'SQLite format 3\0', 'RpmP', '\x7fELF\x02\x01', 'Package: x\nVersion: 1\n', 'P:x\nV:1\n', '{"name":"x",'];
	assert(
		property(record({head: constantFrom(...heads), rest: uint8Array({maxLength: 300})}), ({head, rest}) => {
			const bytes = Buffer.concat([Buffer.from(head, 'latin1'), rest]);
			const content = {...Object.fromEntries(places.map((path) => [path, bytes])), 'bin/x': {program: bytes}};
			t.deepEqual(inventoryOf(content, content), inventoryOf(content, content));
		}),
		{numRuns: 500},
	);
});
