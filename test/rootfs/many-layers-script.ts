// Stacks 100 layers with the overlay driver, as root of a namespace: each is a step on all below; prints what came of it as JSON.
import {mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {mount, unmount} from '../../src/host/mount.ts';
import {overlayDriver} from '../../src/rootfs/overlay-driver.ts';
import {everyId} from '../support/every-id.ts';
import {removeTree} from '../../src/rootfs/remove-tree.ts';
import {scanUpper} from '../../src/rootfs/scan-upper.ts';
import {treeListing} from '../support/tree-listing.ts';

const work = mkdtempSync(join(tmpdir(), 'boxbuild-many-'));
// Short relative names: the options of mount(2) are one page.
process.chdir(work);
for (const name of ['driver', 'empty', 'empty2', 'merged', 'work']) mkdirSync(name);
const driver = overlayDriver.open({
	directory: `${work}/driver`,
	once: (_, look) => look(),
	workers: () => ({run: () => Promise.reject(new Error('nothing is copied here'))}),
});
const layers: string[] = [];
const indexes: (readonly string[])[] = [];
let seen: readonly string[] = [];

try {
	for (let layer = 0; layer < 100; layer++) {
		const upper = `${layer}`;
		mkdirSync(upper);
		const lowers = [...layers.toReversed(), 'empty'];
		mount('overlay', 'merged', 'overlay', 0, `lowerdir=${lowers.join(':')},upperdir=${upper},workdir=work,userxattr`);
		mkdirSync('merged/d', {recursive: true});
		writeFileSync(`merged/d/f${layer}`, `${layer}`);
		writeFileSync('merged/shared', `${layer}`.repeat(layer + 1));
		if (layer >= 2) rmSync(`merged/d/f${layer - 2}`);
		unmount('merged');
		mount('overlay', 'merged', 'overlay', 1, `lowerdir=${[upper, ...lowers].join(':')},userxattr`);
		seen = treeListing('merged', {times: false});
		unmount('merged');
		const below = layers.length === 0 ? undefined : await driver.view(layers.toReversed(), 'merged');
		indexes.push(
			scanUpper(upper, {mapped: everyId, lower: below?.path ?? null, times: {kind: 'clamp', epoch: layer}}).map(({path}) => path),
		);
		await below?.close();
		layers.push(upper);
	}
	const all = await driver.view(layers.toReversed(), 'merged');
	const stacked = treeListing(all.path, {times: false});
	const rest = readdirSync(all.path, {recursive: true, encoding: 'utf8'}).sort();
	await all.close();
	process.stdout.write(JSON.stringify({seen, stacked, indexes, rest}));
} finally {
	process.chdir('/');
	removeTree(work);
}
