// Runs the steps of a case of test/fixtures/layers with a driver, as root of a namespace; prints the layers that came of it as JSON.
import {execFileSync, spawnSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, readdirSync, symlinkSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Readable} from 'node:stream';
import {applyLayer} from '../../src/rootfs/apply-layer.ts';
import type {RootfsDriver, StepRoot} from '../../src/rootfs/driver.ts';
import {drivers} from '../../src/rootfs/drivers.ts';
import {diffIdOf, layerChunks} from '../../src/rootfs/layer-chunks.ts';
import {removeTree} from '../../src/rootfs/remove-tree.ts';
import {scanUpper} from '../../src/rootfs/scan-upper.ts';
import {treeTasks, type TreeWorker} from '../../src/rootfs/tree-tasks.ts';
import type {TarEntry} from '../../src/tar/entry.ts';
import {everyId} from '../support/every-id.ts';
import {treeListing} from '../support/tree-listing.ts';

const [, , fixture = '', name = ''] = process.argv;
const work = mkdtempSync(join(tmpdir(), 'boxbuild-driver-'));
process.umask(0o022);
const tasks = treeTasks();
const worker: TreeWorker = {run: async (task, request) => (tasks[task] as (request: unknown) => never)(request)};

async function main(driver: RootfsDriver): Promise<unknown> {
	const links: string[] = [];
	const layers: unknown[] = [];
	for (const [position, script] of scripts().entries()) {
		const directory = `${work}/s${position}`;
		mkdirSync(directory);
		const start = Math.floor(Date.now() / 1000);
		const root = await driver.root({lowers: [...links, 'bottom'], directory});
		runStep(root, join(fixture, script));
		const view = links.length === 0 ? undefined : await driver.view(links, `${directory}.view`);
		const upper = await root.changes();
		let index: TarEntry[] = scanUpper(upper, {
			mapped: everyId,
			lower: view?.path ?? null,
			times: {kind: 'since', epoch: 315_532_800, start},
		});
		let layer = upper;
		if (!driver.uppersInStore) {
			layer = `${directory}/layer`;
			mkdirSync(layer);
			index = await applyLayer(Readable.from(layerChunks(upper, index)), layer, {lower: view?.path ?? null, mapped: everyId});
		}
		await view?.close();
		symlinkSync(layer, String(position));
		links.unshift(String(position));
		await root.reuse?.(String(position));
		await root.close();
		const seen = await driver.view(links, `${directory}.seen`);
		layers.push({script, diffId: diffIdOf(layer, index).diffId, index, seen: treeListing(seen.path)});
		await seen.close();
	}
	return layers;
}

function scripts(): readonly string[] {
	return readdirSync(fixture)
		.filter((file) => file.endsWith('.sh'))
		.sort();
}

function runStep({mount}: StepRoot, script: string): void {
	const path = mount.kind === 'overlay' ? `${work}/merged` : mount.path;
	if (mount.kind === 'overlay') {
		const options = `lowerdir=${mount.lowers.join(':')},upperdir=${mount.upper},workdir=${mount.work},userxattr`;
		execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', options, path]);
	}
	try {
		execFileSync('sh', ['-eu', script], {cwd: path, stdio: ['ignore', 'ignore', 'inherit']});
	} finally {
		if (mount.kind === 'overlay') execFileSync('umount', [path]);
	}
}

try {
	for (const directory of ['driver', 'l', 'merged', 'bottom']) mkdirSync(join(work, directory));
	process.chdir(`${work}/l`);
	symlinkSync('../bottom', 'bottom');
	const kind = drivers.find((one) => one.name === name);
	if (kind === undefined) throw new Error(`no driver ${name}`);
	const driver = kind.open({directory: `${work}/driver`, workers: () => worker, once: (_, look) => look()});
	process.stdout.write(JSON.stringify(await main(driver)));
	driver.close();
} finally {
	process.chdir('/');
	spawnSync('umount', ['-l', join(work, 'merged')]);
	removeTree(work);
}
