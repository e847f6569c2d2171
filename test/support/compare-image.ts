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

interface Documents {
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

/** Facts about an image that lies in a directory in the OCI layout, or as skopeo's `dir:` has it. */
export async function imageFacts(directory: string, layout: 'oci' | 'dir'): Promise<ImageFacts> {
	const {config, layers} = readDocuments(directory, layout);
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

function readDocuments(directory: string, layout: 'oci' | 'dir'): Documents {
	const blob = (digest: string): string =>
		layout === 'oci' ? `${directory}/blobs/${digest.replace(':', '/')}` : `${directory}/${digest.replace('sha256:', '')}`;
	const read = (path: string): Json => JSON.parse(readFileSync(path, 'utf8')) as Json;
	const manifest = read(
		layout === 'oci' ? blob(read(`${directory}/index.json`).manifests?.[0]?.digest ?? '') : `${directory}/manifest.json`,
	);
	return {
		config: read(blob(manifest.config?.digest ?? '')).config ?? {},
		layers: (manifest.layers ?? []).map(({digest}) => blob(digest)),
	};
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
	return `${entry.type}${mode} ${entry.uid}:${entry.gid} ${entry.size}${entry.link === undefined ? '' : ` -> ${entry.link}`}`;
}
