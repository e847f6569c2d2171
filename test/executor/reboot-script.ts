// Stacks layers that an earlier boot has left, damaged in many ways, as root of a namespace; prints what came of each as JSON.
import {execFileSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, readFileSync, readlinkSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {DiffId} from '../../src/core/digest.ts';
import {BuildError} from '../../src/diagnostics/build-error.ts';
import {FilePool} from '../../src/executor/worker/file-pool.ts';
import {Arrivals} from '../../src/executor/worker/arrivals.ts';
import {LayerTable} from '../../src/executor/worker/layer-table.ts';
import {Meanwhile} from '../../src/executor/worker/meanwhile.ts';
import {mediaTypes} from '../../src/oci/media-types.ts';
import {applyLayer} from '../../src/rootfs/apply-layer.ts';
import {everyId} from '../support/every-id.ts';
import {diffIdOf, layerChunks} from '../../src/rootfs/layer-chunks.ts';
import {removeTree} from '../../src/rootfs/remove-tree.ts';
import {openStore} from '../../src/store/open-store.ts';
import {makeTar, member, pieces} from '../support/make-tar.ts';
import {rebootCases, type RebootCase} from './reboot-cases.ts';

const work = mkdtempSync(join(tmpdir(), 'boxbuild-reboot-'));
const pool = new FilePool(new URL('../../src/executor/worker/file-thread.js', import.meta.url), 1);
const tar = makeTar([
	member('directory', 'd', '', {xattrs: {'user.a': 'b'}}),
	member('file', 'd/f', 'content', {uid: 7}),
	member('hardlink', 'd/h', 'd/f'),
	member('symlink', 'l', 'd/f'),
	member('char', 'null', '', {device: {major: 1, minor: 3}}),
	member('file', '.wh.gone', ''),
]);

async function attempt({damage, hasBlob}: RebootCase, number: number): Promise<unknown> {
	const top = join(work, `${number}`);
	for (const name of ['', 'lower', 'layer', 'build', 'build/l']) mkdirSync(join(top, name));
	mkdirSync(join(top, 'lower/gone'));
	const before = openStore(join(top, 'store'), () => 'first boot');
	const directory = join(top, 'store/run/layer');
	mkdirSync(directory);
	const entries = await applyLayer(pieces(tar), directory, {lower: join(top, 'lower'), mapped: everyId});
	const {diffId, size} = diffIdOf(directory, entries);
	const blob = hasBlob ? {mediaType: mediaTypes.layer, ...(await before.blobs.write(layerChunks(directory, entries)))} : undefined;
	const stored = await before.layers.publish({diffId, size, directory, entries, ...(blob === undefined ? {} : {blob})});
	execFileSync('sh', ['-euc', damage], {cwd: stored.directory, env: {...process.env, INDEX: join(top, 'store/index')}});
	const store = openStore(join(top, 'store'), () => 'second boot');
	const isHit = store.layers.get(diffId) !== undefined;
	const refused = await open(store, join(top, 'build'), diffId);
	const found = store.layers.get(diffId);
	const content = found?.directory === undefined ? undefined : readFileSync(`${found.directory}/d/f`, 'utf8');
	return {isHit, verified: found?.verified, content, refused, remains: found !== undefined};
}

/** The code of what is refused. */
async function open(store: ReturnType<typeof openStore>, directory: string, diffId: DiffId): Promise<string | undefined> {
	process.chdir(`${directory}/l`);
	const unused = async (): Promise<never> => {
		throw new Error('nothing is mounted here');
	};
	const calls = {view: unused, root: unused, attach: unused, close: () => {}};
	const driver = {name: 'overlay', uppersInStore: true, readsAnyMark: true, longestLower: 0, ...calls} as const;
	const arrivals: Arrivals = new Arrivals(({digest}) => arrivals.take({digest, kind: 'unknown'}));
	const table = new LayerTable({
		store,
		driver,
		pool,
		arrivals,
		ids: {...everyId, canSetGroups: true},
		directory,
		meanwhile: new Meanwhile(),
		marks: 'device',
	});
	try {
		const [link = ''] = await table.lowers({host: false, layers: [{diffId}]});
		return readlinkSync(link) === store.layers.get(diffId)?.directory ? undefined : 'another directory';
	} catch (error) {
		return error instanceof BuildError ? error.diagnostics[0]?.code : String(error);
	}
}

try {
	const results: unknown[] = [];
	for (const [number, one] of rebootCases.entries()) results.push(await attempt(one, number));
	process.stdout.write(JSON.stringify(results));
} finally {
	process.chdir('/');
	removeTree(work);
}
