// Makes the layers of a case of test/fixtures/layers into an OCI layout, lets umoci unpack it and compares the trees. Root of a namespace.
import {execFileSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, readdirSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {hexOf, sha256} from '../../src/core/digest.ts';
import {diffIdOf, layerChunks} from '../../src/rootfs/layer-chunks.ts';
import {everyId} from '../support/every-id.ts';
import {removeTree} from '../../src/rootfs/remove-tree.ts';
import {scanUpper} from '../../src/rootfs/scan-upper.ts';
import {treeListing} from '../support/tree-listing.ts';

const [, , fixture = ''] = process.argv;
const work = mkdtempSync(join(tmpdir(), 'boxbuild-umoci-'));
const layout = join(work, 'layout');
const mediaType = 'application/vnd.oci.image';
process.umask(0o022);

function mount(lowers: readonly string[], options: string, name: string): string {
	const target = join(work, name);
	mkdirSync(target, {recursive: true});
	execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', `lowerdir=${lowers.toReversed().join(':')}${options},userxattr`, target]);
	return target;
}

function blob(bytes: Buffer): {digest: string; size: number} {
	const digest = sha256(bytes);
	writeFileSync(join(layout, 'blobs/sha256', hexOf(digest)), bytes);
	return {digest, size: bytes.length};
}

function json(value: unknown): Buffer {
	return Buffer.from(JSON.stringify(value));
}

function build(): {seen: string[]; diffIds: string[]; layers: object[]} {
	const lowers = [join(work, 'empty'), join(work, 'empty2')];
	for (const path of [...lowers, join(layout, 'blobs/sha256')]) mkdirSync(path, {recursive: true});
	const diffIds: string[] = [];
	const layers: object[] = [];
	let seen: string[] = [];
	for (const script of readdirSync(fixture)
		.filter((name) => name.endsWith('.sh'))
		.sort()) {
		const upper = join(work, script);
		for (const path of [upper, `${upper}.work`]) mkdirSync(path);
		const merged = mount(lowers, `,upperdir=${upper},workdir=${upper}.work`, 'merged');
		execFileSync('sh', ['-eu', join(fixture, script)], {cwd: merged, stdio: ['ignore', 'ignore', 'inherit']});
		execFileSync('umount', [merged]);
		mount(lowers, `,upperdir=${upper},workdir=${upper}.work`, 'merged');
		seen = treeListing(merged);
		execFileSync('umount', [merged]);
		const lower = mount(lowers, '', 'lower');
		const index = scanUpper(upper, {mapped: everyId, lower, times: {kind: 'keep'}});
		execFileSync('umount', [lower]);
		lowers.push(upper);
		diffIds.push(diffIdOf(upper, index).diffId);
		layers.push({mediaType: `${mediaType}.layer.v1.tar`, ...blob(Buffer.concat([...layerChunks(upper, index)]))});
	}
	return {seen, diffIds, layers};
}

try {
	const {seen, diffIds, layers} = build();
	const config = blob(json({architecture: 'amd64', os: 'linux', config: {}, rootfs: {type: 'layers', diff_ids: diffIds}}));
	const manifest = blob(
		json({
			schemaVersion: 2,
			mediaType: `${mediaType}.manifest.v1+json`,
			config: {mediaType: `${mediaType}.config.v1+json`, ...config},
			layers,
		}),
	);
	const annotations = {'org.opencontainers.image.ref.name': 'latest'};
	writeFileSync(join(layout, 'oci-layout'), json({imageLayoutVersion: '1.0.0'}));
	writeFileSync(
		join(layout, 'index.json'),
		json({schemaVersion: 2, manifests: [{mediaType: `${mediaType}.manifest.v1+json`, ...manifest, annotations}]}),
	);
	execFileSync('umoci', ['unpack', '--image', `${layout}:latest`, join(work, 'bundle')], {stdio: ['ignore', 'ignore', 'inherit']});
	process.stdout.write(JSON.stringify({seen, unpacked: treeListing(join(work, 'bundle/rootfs'))}));
} finally {
	removeTree(work);
}
