import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import type {TarEntry} from '../../src/tar/entry.ts';
import {inNamespace} from '../support/in-namespace.ts';
import {met, never, type Requirement} from '../support/requirement.ts';
import {farIds, fuse, manyIds} from '../support/requirements.ts';
import {topFolder} from '../support/top.ts';
import {when} from '../support/when.ts';

interface Layer {
	readonly script: string;
	readonly diffId: string;
	readonly index: readonly TarEntry[];
	readonly seen: readonly string[];
}

const cases = join(topFolder(), 'test/fixtures/layers');

/** Cases that give files to users other than root. */
const owners = new Map([
	['everything', manyIds],
	['metadata-only', manyIds],
	['odd-metadata', farIds],
]);

const newer = 'use a newer fuse-overlayfs';
const linked = never('fuse-overlayfs 1.10 shows a write to one of several names under the others', newer);
const aged = never('fuse-overlayfs 1.10 gives a directory another time when a file in it is changed', newer);
const grouped = never('fuse-overlayfs 1.10 does not hand the group of a set-group-ID directory down', newer);
const short = never('fuse-overlayfs 1.10 takes no names of 255 bytes and no deep paths', newer);

/** What fuse-overlayfs does otherwise: its probe says so, and no build uses it unasked. */
const withoutFuse = new Map([
	['everything', linked],
	['links', linked],
	['nested-deletions', aged],
	['open-without-writing', aged],
	['odd-metadata', grouped],
	['names', short],
	['deep-path', short],
]);

const layersOf = (name: string, driver: string): readonly Layer[] =>
	inNamespace(new URL('driver-script.js', import.meta.url), join(cases, name), driver) as readonly Layer[];

for (const name of readdirSync(cases).sort()) {
	const needs: readonly Requirement[] = [owners.get(name) ?? met];
	const expected = new Map<string, readonly Layer[]>();
	const reference = (): readonly Layer[] => {
		const known = expected.get(name) ?? layersOf(name, 'overlay');
		expected.set(name, known);
		return known;
	};
	for (const driver of ['overlay-tmpfs', 'fuse', 'copy']) {
		const more = driver === 'fuse' ? [fuse, withoutFuse.get(name) ?? met] : [];
		when([...needs, ...more], `the layers of the driver ${driver} are those of the kernel's overlay: ${name}`, (t) => {
			const layers = layersOf(name, driver);
			for (const [position, {script, index, seen, diffId}] of reference().entries()) {
				t.deepEqual(layers[position]?.index, index, script);
				t.deepEqual(layers[position]?.seen, seen, script);
				t.is(layers[position]?.diffId, diffId, script);
			}
		});
	}
}
