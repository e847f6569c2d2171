import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {gunzipSync} from 'node:zlib';
import type {TarEntry} from '../../src/tar/entry.ts';
import {readEntries} from '../../src/tar/read-entries.ts';
import {deletedBy, opaqueName} from '../../src/tar/whiteout.ts';
import {pieces} from './make-tar.ts';

/** What is compared of an image: member of the configuration, or path with a leading `/`, to a line that says all about it. */
export type ImageFacts = ReadonlyMap<string, string>;

const members = ['Env', 'Entrypoint', 'Cmd', 'WorkingDir', 'User', 'ExposedPorts', 'Volumes', 'Labels', 'StopSignal', 'Healthcheck'];
const dockerMembers = ['OnBuild', 'Shell'];

/** An image on disk: the `config` of its configuration, and the paths of its layers, which are tars or compressed by gzip. */
export interface ImageOnDisk {
	readonly config: Readonly<Record<string, unknown>>;
	readonly layers: readonly string[];
}

interface Described {
	readonly digest: string;
}

/** What is used of index, manifest and configuration. */
interface Json {
	readonly manifests?: readonly Described[];
	readonly config?: Described & Readonly<Record<string, unknown>>;
	readonly layers?: readonly Described[];
}

/** A member of the list that is the manifest of `docker save`. */
interface Saved {
	readonly RepoTags: readonly string[] | null;
	readonly Config: string;
	readonly Layers: readonly string[];
}

/** A directory in the OCI layout that holds one image. */
export function readOciLayout(directory: string): ImageOnDisk {
	const blob = (digest: string): string => `${directory}/blobs/${digest.replace(':', '/')}`;
	return readManifest(blob(readJson<Json>(`${directory}/index.json`).manifests?.[0]?.digest ?? ''), blob);
}

/** A directory as skopeo's `dir:` has it. */
export function readSkopeoDirectory(directory: string): ImageOnDisk {
	return readManifest(`${directory}/manifest.json`, (digest) => `${directory}/${digest.replace('sha256:', '')}`);
}

/** The images of an unpacked archive of `docker save`, by name and tag. */
export function readSavedImages(directory: string): ReadonlyMap<string, ImageOnDisk> {
	const images = new Map<string, ImageOnDisk>();
	for (const {RepoTags, Config, Layers} of readJson<readonly Saved[]>(`${directory}/manifest.json`)) {
		const config = readJson<Json>(`${directory}/${Config}`).config ?? {};
		for (const name of RepoTags ?? []) images.set(name, {config, layers: Layers.map((path) => `${directory}/${path}`)});
	}
	return images;
}

function readManifest(path: string, blob: (digest: string) => string): ImageOnDisk {
	const manifest = readJson<Json>(path);
	return {
		config: readJson<Json>(blob(manifest.config?.digest ?? '')).config ?? {},
		layers: (manifest.layers ?? []).map(({digest}) => blob(digest)),
	};
}

function readJson<T>(path: string): T {
	return JSON.parse(readFileSync(path, 'utf8')) as T;
}

export async function imageFacts({config, layers}: ImageOnDisk): Promise<ImageFacts> {
	const facts = new Map<string, string>();
	for (const name of [...members, ...dockerMembers]) {
		const text = printMember(config[name]);
		if (text !== undefined) facts.set(name, text);
	}
	const tree = new Map<string, string>();
	for (const path of layers) await applyLayer(tree, readFileSync(path));
	for (const [path, line] of tree) facts.set(`/${path}`, line);
	return facts;
}

/** Empty and absent are the same; buildah adds a label of its own. */
function printMember(value: unknown): string | undefined {
	if (value === undefined || value === null || value === '') return undefined;
	if (typeof value !== 'object' || Array.isArray(value)) return (value as unknown[]).length === 0 ? undefined : JSON.stringify(value);
	const entries = Object.entries(value).filter(([name]) => name !== 'io.buildah.version');
	return entries.length === 0 ? undefined : JSON.stringify(entries.sort(([one], [two]) => (one < two ? -1 : 1)));
}

async function applyLayer(tree: Map<string, string>, bytes: Buffer): Promise<void> {
	const tar = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
	const remove = (path: string): void => {
		for (const other of tree.keys()) if (other === path || other.startsWith(`${path}/`)) tree.delete(other);
	};
	const added: [string, () => string][] = [];
	await readEntries(pieces(tar), (entry) => {
		const deleted = deletedBy(entry.path);
		const parent = entry.path.slice(0, Math.max(0, entry.path.length - opaqueName.length - 1));
		if (deleted !== undefined) remove(deleted);
		else if (entry.path.endsWith(opaqueName))
			for (const path of [...tree.keys()].filter((one) => one.startsWith(`${parent}/`))) remove(path);
		else {
			const hash = createHash('sha256');
			added.push([
				entry.path,
				() => (entry.type === 'file' ? `${printEntry(entry)} ${hash.digest('hex').slice(0, 16)}` : printEntry(entry)),
			]);
			return entry.type === 'file' ? {data: (chunk) => void hash.update(chunk), end: () => {}} : undefined;
		}
		return undefined;
	});
	for (const [path, line] of added) {
		if (path === '') continue;
		const text = linkedTo(tree, line());
		if (!text.startsWith('directory')) remove(path);
		else if (tree.has(path) && !tree.get(path)?.startsWith('directory')) remove(path);
		tree.set(path, text);
	}
}

/** A hard link is as good as the first path: both get the same line. */
function linkedTo(tree: Map<string, string>, line: string): string {
	if (!line.startsWith('same as ')) return line;
	const target = line.slice('same as '.length);
	const text = `${(tree.get(target) ?? 'nothing').replace(/ linked$/v, '')} linked`;
	tree.set(target, text);
	return text;
}

function printEntry(entry: TarEntry): string {
	if (entry.type === 'hardlink') return `same as ${entry.link}`;
	const mode = entry.type === 'symlink' ? '' : ` ${entry.mode.toString(8)}`;
	const link = entry.link === undefined ? '' : ` -> ${entry.link}`;
	const device = entry.device === undefined ? '' : ` ${entry.device.major}:${entry.device.minor}`;
	const xattrs = Object.entries(entry.xattrs ?? {}).map(([name, value]) => ` ${name}=${Buffer.from(value, 'latin1').toString('hex')}`);
	return `${entry.type}${mode} ${entry.uid}:${entry.gid} ${entry.size}${link}${device}${xattrs.sort().join('')}`;
}
