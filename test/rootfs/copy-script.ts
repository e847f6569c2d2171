// Makes COPY layers as root of a namespace; prints what came of each as JSON.
import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {mkdirSync, mkdtempSync, readdirSync, readlinkSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {baseOf, joinRaw, rawOf} from '../../src/core/raw-path.ts';
import type {RawPath} from '../../src/core/raw-path.ts';
import type {TreeEntry, TreeItem} from '../../src/core/tree-entry.ts';
import {BuildError} from '../../src/diagnostics/build-error.ts';
import {fileStat} from '../../src/host/file-stat.ts';
import {copyFacts} from '../../src/rootfs/copy-facts.ts';
import {copyLayer, planCopy} from '../../src/rootfs/copy-layer.ts';
import type {CopyRequest} from '../../src/rootfs/copy-layer.ts';
import {everyId} from '../support/every-id.ts';
import {diffIdOf} from '../../src/rootfs/layer-chunks.ts';
import {writePlannedDirectory} from '../../src/rootfs/planned-directory.ts';
import {writePlannedTar} from '../../src/rootfs/planned-tar.ts';
import {parseChmod} from '../../src/rootfs/parse-chmod.ts';
import {removeTree} from '../../src/rootfs/remove-tree.ts';
import {treeListing} from '../support/tree-listing.ts';
import {copyCases} from './copy-cases.ts';
import type {CopyCase} from './copy-cases.ts';

function itemOf(root: string, source: string): TreeItem {
	const entries: TreeEntry[] = [];
	const add = (from: RawPath, path: RawPath): void => {
		const at = Buffer.from(`${root}/${from}`, 'latin1');
		const stat = fileStat(at);
		if (stat === undefined || stat.type === 'socket' || stat.type === 'char' || stat.type === 'block') return;
		const {type, mode, uid, gid, size, mtime} = stat;
		const link = type === 'symlink' ? {link: readlinkSync(at, {encoding: 'latin1'})} : {};
		const inode = stat.nlink > 1 && type !== 'directory' ? {inode: `${stat.device}:${stat.inode}`} : {};
		entries.push({source: from, path, type, mode, uid, gid, size: type === 'file' ? size : 0, mtime, ...link, ...inode});
		if (type === 'directory')
			for (const name of readdirSync(at, {encoding: 'latin1'}).sort()) add(joinRaw(from, name), joinRaw(path, name));
	};
	add(rawOf(source), '' as RawPath);
	return {name: baseOf(rawOf(source)), isDirectory: entries[0]?.type === 'directory', entries};
}

/** DiffID of the same layer when it becomes a tar at once. */
function tarOf(request: CopyRequest): string {
	const planned = planCopy(request);
	const hash = createHash('sha256');
	try {
		writePlannedTar(planned, (chunk) => void hash.update(chunk));
	} finally {
		planned.close();
	}
	return `sha256:${hash.digest('hex')}`;
}

/** What is on disk when the same layer is planned first. */
function plannedListing(request: CopyRequest, directory: string): readonly string[] {
	mkdirSync(directory);
	const planned = planCopy(request);
	try {
		writePlannedDirectory(directory, planned, request.mapped);
	} finally {
		planned.close();
	}
	return treeListing(directory);
}

function attempt(one: CopyCase): unknown {
	const work = mkdtempSync(join(tmpdir(), 'boxbuild-copy-'));
	try {
		for (const [name, script] of [
			['source', one.source],
			['lower', one.lower ?? ''],
		] as const) {
			mkdirSync(join(work, name));
			execFileSync('sh', ['-euc', `umask 022; ${script}`], {cwd: join(work, name)});
		}
		mkdirSync(join(work, 'layer'));
		const root = join(work, 'source');
		const items = (one.items ?? ['.']).map((source) => ({root, item: itemOf(root, source === '.' ? '' : source)}));
		const request: CopyRequest = {
			directory: join(work, 'layer'),
			lower: join(work, 'lower'),
			items,
			files: one.files ?? [],
			destination: one.destination,
			owner: one.owner,
			chmod: one.chmod === undefined ? undefined : parseChmod(one.chmod),
			mtime: one.fromStage === true ? 'keep' : 5,
			keepOwner: one.fromStage === true,
			mapped: one.mapped ?? everyId,
		};
		try {
			const facts = copyFacts(request);
			const {index} = copyLayer(request);
			const {diffId} = diffIdOf(request.directory, index);
			const shown = index.map(
				({path, type, mode, uid, gid, mtime, link}) =>
					`${path} ${type} ${mode.toString(8)} ${uid}:${gid} ${mtime}${link === undefined ? '' : ` ${link}`}`,
			);
			return {
				index: shown,
				facts,
				isSameTar: tarOf(request) === diffId,
				listing: treeListing(request.directory),
				planned: plannedListing(request, join(work, 'planned')),
				raw: execFileSync('getfattr', ['-Rhdm', '-', '.'], {cwd: request.directory, encoding: 'utf8'}),
			};
		} catch (error) {
			return {refused: error instanceof BuildError ? error.diagnostics[0]?.code : String(error)};
		}
	} finally {
		removeTree(work);
	}
}

process.stdout.write(JSON.stringify(copyCases.map(attempt)));
