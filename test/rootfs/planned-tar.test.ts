import {mkdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {collect, scratch} from '../support/store-support.ts';
import test, {type ExecutionContext} from 'ava';
import {sha256} from '../../src/core/digest.ts';
import type {RawPath} from '../../src/core/raw-path.ts';
import type {TreeEntry} from '../../src/core/tree-entry.ts';
import {BuildError} from '../../src/diagnostics/build-error.ts';
import {planCopy} from '../../src/rootfs/copy-layer.ts';
import {contentChunks, writePlannedTar} from '../../src/rootfs/planned-tar.ts';
import {readEntries} from '../../src/tar/read-entries.ts';

const large = 'q'.repeat(3_000_000);

function source(content: string, more: Partial<TreeEntry> = {}): TreeEntry {
	const common = {source: 'file' as RawPath, path: '' as RawPath, type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 0} as const;
	return {...common, size: content.length, ...more};
}

function tarOf(root: string, entry: TreeEntry): {readonly tar: Buffer; readonly starts: Float64Array} {
	const item = {name: 'file' as RawPath, isDirectory: false, entries: [entry]};
	const layer = planCopy({items: [{root, item}], files: [{name: 'inline', content: 'text'}], destination: '/d/', lower: null, mtime: 5});
	const chunks: Buffer[] = [];
	try {
		const starts = writePlannedTar(layer, (chunk) => void chunks.push(Buffer.from(chunk)));
		return {tar: Buffer.concat(chunks), starts};
	} finally {
		layer.close();
	}
}

/** The code of what both ways of reading a file throw; undefined for nothing. */
function codesOf(t: ExecutionContext, root: string, entry: TreeEntry): string | undefined {
	const codes = [() => tarOf(root, {...entry}), () => [...contentChunks(root, {...entry})]].map((work) => {
		try {
			work();
		} catch (error) {
			if (error instanceof BuildError) return error.diagnostics[0]?.code;
			throw error;
		}
		return undefined;
	});
	t.is(codes[0], codes[1]);
	return codes[0];
}

function rootWith(t: ExecutionContext, content: string): string {
	const root = scratch(t);
	writeFileSync(`${root}/file`, content);
	return root;
}

for (const [what, content] of [
	['empty', ''],
	['of one block', 'x'.repeat(512)],
	['larger than a chunk', large],
	['as large as a chunk', 'c'.repeat(1 << 20)],
] as const) {
	test(`a file is read once, and its digest told: ${what}`, async (t) => {
		const root = rootWith(t, content);
		const entry = source(content);
		const {tar, starts} = tarOf(root, entry);
		t.is(entry.digest, sha256(content));
		const found: string[] = [];
		async function* whole(): AsyncGenerator<Uint8Array> {
			yield tar;
		}
		await readEntries(whole(), ({path}) => {
			const at = found.push(`${path} `) - 1;
			return {data: (chunk) => void (found[at] += chunk.toString()), end() {}};
		});
		t.deepEqual(found, ['d ', `d/file ${content}`, 'd/inline text']);
		t.deepEqual([...starts], [0, 512, 1024 + Math.ceil(content.length / 512) * 512]);
		async function* pieces(): AsyncGenerator<Uint8Array> {
			yield* contentChunks(root, entry);
		}
		t.is((await collect(pieces())).toString(), content);
	});
}

for (const content of ['small', large]) {
	const size = content.length;
	test(`a file that is not what was selected is refused: ${size} bytes`, (t) => {
		const root = rootWith(t, content);
		const digest = sha256(content);
		const right = codesOf(t, root, source(content, {digest}));
		t.is(right, undefined);
		const refused = 'context/file-changed';
		const code = codesOf(t, root, source(content, {digest, size: size + 1}));
		t.is(codesOf(t, root, source(content, {digest, size: size - 1})), code);
		t.is(codesOf(t, root, source(content, {digest: sha256('other')})), code);
		rmSync(`${root}/file`);
		t.is(codesOf(t, root, source(content, {digest})), code);
		symlinkSync('/etc/passwd', `${root}/file`);
		t.is(codesOf(t, root, source(content, {digest})), code);
		rmSync(`${root}/file`);
		mkdirSync(`${root}/file`);
		t.is(codesOf(t, root, source(content, {digest})), code);
		t.is(code, refused);
	});
}
