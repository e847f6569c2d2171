// Runs a case of test/fixtures/layers as root of a namespace: every N.sh is a step on an overlay; prints what came of it as JSON.
import {execFileSync, spawnSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {TarEntry} from '../../src/tar/entry.ts';
import {applyLayer} from '../../src/rootfs/apply-layer.ts';
import {everyId} from '../support/every-id.ts';
import {diffIdOf, layerChunks} from '../../src/rootfs/layer-chunks.ts';
import {removeTree} from '../../src/rootfs/remove-tree.ts';
import {scanUpper} from '../../src/rootfs/scan-upper.ts';
import {treeListing} from '../support/tree-listing.ts';
import {tmpdir} from 'node:os';

const [, , fixture = '', kind = 'kernel'] = process.argv;
const work = mkdtempSync(join(tmpdir(), 'boxbuild-stack-'));
process.umask(0o022);
if (kind === 'tmpfs') execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', work]);

function mount(layers: readonly string[], target: string, upper?: string): void {
	const lower = [...layers.toReversed(), join(work, 'empty')].join(':');
	const upperOptions = upper === undefined ? '' : `,upperdir=${upper},workdir=${upper}.work`;
	mkdirSync(target, {recursive: true});
	if (upper !== undefined) mkdirSync(`${upper}.work`, {recursive: true});
	// One lowerdir without an upperdir is refused, two are not.
	const lowers = upper === undefined && layers.length === 0 ? `${lower}:${join(work, 'empty2')}` : lower;
	if (kind === 'fuse') execFileSync('fuse-overlayfs', ['-o', `lowerdir=${lowers}${upperOptions}`, target], {stdio: 'ignore'});
	else execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', `lowerdir=${lowers}${upperOptions},userxattr`, target]);
}

function unmount(target: string): void {
	execFileSync('umount', [target]);
}

async function main(): Promise<unknown> {
	for (const name of ['empty', 'empty2']) mkdirSync(join(work, name));
	const scripts = readdirSync(fixture)
		.filter((name) => name.endsWith('.sh'))
		.sort();
	const layers: string[] = [];
	const applied: string[] = [];
	const steps: unknown[] = [];
	const view = join(work, 'view');
	const again = join(work, 'again');
	for (const [position, script] of scripts.entries()) {
		const upper = join(work, `upper${position}`);
		const merged = join(work, 'merged');
		mkdirSync(upper);
		mount(layers, merged, upper);
		execFileSync('sh', ['-eu', join(fixture, script)], {cwd: merged, stdio: ['ignore', 'ignore', 'inherit']});
		// Mounted anew: without privileges a live overlay may show one inode under two numbers after a copy-up.
		unmount(merged);
		mount(layers, merged, upper);
		const seen = treeListing(merged);
		unmount(merged);
		if (layers.length > 0) mount(layers, view);
		const lower = layers.length > 0 ? view : null;
		const index = scanUpper(upper, {mapped: everyId, lower, times: {kind: 'keep'}});
		const rescan = scanUpper(upper, {mapped: everyId, lower, times: {kind: 'keep'}});
		const {diffId, size} = diffIdOf(upper, index);
		const tar = join(work, `layer${position}.tar`);
		writeFileSync(tar, Buffer.concat([...layerChunks(upper, index)]));
		if (layers.length > 0) unmount(view);
		layers.push(upper);
		mount(layers, view);
		const stacked = treeListing(view);
		unmount(view);
		const directory = join(work, `applied${position}`);
		mkdirSync(directory);
		if (applied.length > 0) mount(applied, again);
		const reread: TarEntry[] = await applyLayer(pieces(readFileSync(tar), 10_007), directory, {
			lower: applied.length > 0 ? again : null,
			mapped: everyId,
		});
		if (applied.length > 0) unmount(again);
		applied.push(directory);
		mount(applied, again);
		const extracted = treeListing(again);
		unmount(again);
		steps.push({
			script,
			seen,
			stacked,
			extracted,
			index,
			rescan,
			reread,
			diffId,
			size,
			tarSize: readFileSync(tar).length,
			rereadDiffId: diffIdOf(directory, reread).diffId,
		});
	}
	return steps;
}

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
	for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

try {
	process.stdout.write(JSON.stringify(await main()));
} finally {
	// After a failure something may still be mounted, and it must not be emptied.
	for (const name of ['merged', 'view', 'again']) spawnSync('umount', ['-l', join(work, name)]);
	if (kind === 'tmpfs') execFileSync('umount', ['-l', work]);
	removeTree(work);
}
