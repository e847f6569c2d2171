import {anything, array, assert, asyncProperty, constantFrom, integer, json, oneof, property, string, tuple, uint8Array} from 'fast-check';
import test from 'ava';
import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {parseUserConfig} from '../../src/cli/user-config.ts';
import {rawOf} from '../../src/core/raw-path.ts';
import {BuildError} from '../../src/diagnostics/build-error.ts';
import {matchIgnore, parseIgnore} from '../../src/language/ignore.ts';
import {parseImageConfig} from '../../src/oci/parse-image-config.ts';
import {parseGroup, parsePasswd} from '../../src/rootfs/account-files.ts';
import {lookupOwner, lookupUser} from '../../src/rootfs/user-names.ts';
import {resolveBase} from '../../src/sources/resolve-base.ts';
import {openStore} from '../../src/store/open-store.ts';
import {readSealed} from '../../src/store/sealed-json.ts';
import {ArchiveFault} from '../../src/tar/archive-fault.ts';
import {readEntries} from '../../src/tar/read-entries.ts';
import {configOf, digestOf, writeLayout} from '../support/hostile-image.ts';
import {epoch, platform} from '../support/image-support.ts';
import {makeTar, member, pieces} from '../support/make-tar.ts';
import {scratch} from '../support/store-support.ts';

/** Texts that nearly are what they should be. */
const nearly = (...parts: readonly string[]) =>
	array(oneof(constantFrom(...parts), string({maxLength: 5})), {maxLength: 20}).map((list) => list.join(''));
const bytes = oneof(
	uint8Array({maxLength: 200}).map((list) => Buffer.from(list)),
	json().map((text) => Buffer.from(text)),
	nearly('{', '}', '[', ']', '"', ':', ',', '0', '-', 'e', 'null', '\\u', '\0').map((text) => Buffer.from(text)),
);

/** Runs what may refuse with a diagnostic, and nothing else. */
async function refuses(work: () => unknown): Promise<boolean> {
	try {
		await work();
	} catch (error) {
		if (!(error instanceof BuildError)) throw error;
	}
	return true;
}

test('R1: account files of any content give ids in range or a diagnostic', async (t) => {
	const root = scratch(t);
	mkdirSync(`${root}/etc`);
	const text = nearly('root', ':', '\n', ':x:0:0:', 'app', '4294967296', '-1', '2147483648', ',', '#', '\0', '\r', ' ');
	assert(
		property(text, (accounts) =>
			[...parsePasswd(accounts).flatMap(({uid, gid}) => [uid, gid]), ...parseGroup(accounts).map(({gid}) => gid)].every(
				(id) => Number.isInteger(id) && id >= 0 && id <= 2_147_483_647,
			),
		),
		{numRuns: 1000},
	);
	const file = oneof(
		text.map((accounts) => Buffer.from(accounts)),
		bytes,
	);
	await assert(
		asyncProperty(file, file, nearly('app', 'root', ':', '0', '1000', '-'), async (passwd, group, spec) => {
			writeFileSync(`${root}/etc/passwd`, passwd);
			writeFileSync(`${root}/etc/group`, group);
			return (await refuses(() => lookupUser(root, spec))) && refuses(() => lookupOwner(root, spec));
		}),
		{numRuns: 300},
	);
	t.pass();
});

test('R1: ignore files of any content are read in time, or refused with places', (t) => {
	const text = nearly('*', '**', '/', '!', '[', ']', '[^', '-', '\\', '\n', '#', '..', '?', '\0', '\uFEFF', '*a*b*');
	assert(
		property(text, nearly('a', 'b', '/', '.', '*'), (rules, path) => {
			const {value, diagnostics} = parseIgnore({name: '.boxignore', text: rules});
			if (value !== undefined) matchIgnore(value, rawOf(path));
			return diagnostics.every(({primary}) => primary !== undefined && primary.span.end <= rules.length);
		}),
		{numRuns: 1500},
	);
	const start = performance.now();
	const hostile = parseIgnore({name: '.boxignore', text: `${'*a'.repeat(300)}b\n${'**/'.repeat(300)}b\n`}).value;
	if (hostile !== undefined) matchIgnore(hostile, rawOf('a'.repeat(250) + '/a'.repeat(60)));
	t.true(performance.now() - start < 20_000);
});

test('R1: user configurations of any content are read or refused', async (t) => {
	const text = nearly(
		'store',
		'driver',
		'jobs',
		':',
		' ',
		'\n',
		'- ',
		'&a',
		'*a',
		'<<',
		'{',
		'}',
		'[',
		'!!js/function',
		'/x',
		'"',
		'? ',
		'|',
	);
	await assert(
		asyncProperty(text, (yaml) => refuses(() => parseUserConfig(yaml))),
		{numRuns: 300},
	);
	const bomb = ['a: &a0 [x, x]', ...Array.from({length: 40}, (_, at) => `b${at}: &a${at + 1} [*a${at}, *a${at}]`)].join('\n');
	t.true(await refuses(() => parseUserConfig(bomb)));
});

test('R1: image configurations of any content are read or refused', (t) => {
	const outer = constantFrom('config', 'rootfs', 'history', 'os', 'architecture', 'created', 'variant');
	const inner = constantFrom('Env', 'Cmd', 'OnBuild', 'Healthcheck', 'Volumes', 'User', 'Labels', '__proto__', 'constructor');
	const printed = (value: unknown): string =>
		JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? Number(item) : item)) ?? '';
	assert(
		property(outer, inner, anything(), (member, name, value) => {
			const good = JSON.parse(configOf(Buffer.from(''))) as Record<string, unknown>;
			return [
				{...good, [member]: value},
				{...good, config: {[name]: value}},
			].every((changed) => {
				const {value: config, diagnostics} = parseImageConfig(Buffer.from(printed(changed)));
				return config !== undefined || diagnostics.length > 0;
			});
		}),
		{numRuns: 1000},
	);
	t.pass();
});

test('R1: layouts and archives with any documents are read or refused', async (t) => {
	const top = scratch(t);
	const store = openStore(`${top}/store`);
	const tar = makeTar([member('file', 'f', 'x')]);
	const manifest = (layers: unknown): string =>
		JSON.stringify({
			schemaVersion: 2,
			config: {mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf(configOf(tar)), size: 1},
			layers,
		});
	const content = oneof(
		bytes,
		json().map((text) => Buffer.from(manifest(JSON.parse(text)))),
	);
	const resolve = (kind: 'oci' | 'docker-archive', path: string): Promise<boolean> =>
		refuses(() => resolveBase({kind, path}, {store, platform, epoch, directory: top}));
	await assert(
		asyncProperty(constantFrom('index.json', 'oci-layout', 'manifest', 'config'), content, async (what, document) => {
			rmSync(`${top}/layout`, {recursive: true, force: true});
			writeLayout(tar, `${top}/layout`, what === 'config' ? document.toString() : configOf(tar));
			if (what === 'manifest') {
				const descriptor = {mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: digestOf(document), size: document.length};
				writeFileSync(`${top}/layout/blobs/${descriptor.digest.replace(':', '/')}`, document);
				writeFileSync(`${top}/layout/index.json`, JSON.stringify({schemaVersion: 2, manifests: [descriptor]}));
			} else if (what !== 'config') writeFileSync(`${top}/layout/${what}`, document);
			const text = document.toString('latin1');
			const members = [
				member('file', 'manifest.json', what === 'index.json' ? text : JSON.stringify([{Config: 'c', Layers: ['l']}])),
				member('file', 'c', text),
				member('file', 'l', tar.toString('latin1')),
			];
			writeFileSync(`${top}/d.tar`, makeTar(members));
			return (await resolve('oci', 'layout')) && resolve('docker-archive', 'd.tar');
		}),
		{numRuns: 150},
	);
	t.pass();
});

test('R1: a store whose files have any content is opened or refused, and damaged records are none', async (t) => {
	const top = scratch(t);
	await assert(
		asyncProperty(constantFrom('version', 'index.json', 'oci-layout', 'index.lock', 'run/.lock'), bytes, async (name, content) => {
			rmSync(`${top}/store`, {recursive: true, force: true});
			openStore(`${top}/store`);
			writeFileSync(`${top}/store/${name}`, content);
			writeFileSync(`${top}/sealed`, content);
			if (readSealed(`${top}/sealed`) !== undefined) return false;
			return refuses(async () => {
				const store = openStore(`${top}/store`);
				store.images.list();
				await store.images.tag('docker.io/library/x:1', {mediaType: 'x', ...store.blobs.putBytes('x')});
			});
		}),
		{numRuns: 150},
	);
	t.pass();
});

test('R1: an archive with any bytes changed is read or refused', async (t) => {
	const tar = makeTar([
		member('directory', 'd', '', {xattrs: {'user.a': 'b'}}),
		member('file', `d/${'n'.repeat(150)}`, 'content'),
		member('symlink', 'l', 'd'),
		member('hardlink', 'h', 'l'),
		member('file', 'late', 'x', {mtime: -5, uid: 3_000_000}),
	]);
	const changes = array(tuple(integer({min: 0, max: tar.length - 1}), integer({min: 0, max: 255})), {minLength: 1, maxLength: 4});
	await assert(
		asyncProperty(changes, integer({min: 1, max: tar.length}), async (edits, length) => {
			const changed = Buffer.from(tar.subarray(0, length));
			for (const [at, value] of edits) if (at < length) changed[at] = value;
			for (let at = 0; at + 512 <= length; at += 512) fixChecksum(changed.subarray(at, at + 512));
			try {
				await readEntries(pieces(changed, 700), () => undefined);
			} catch (error) {
				return error instanceof ArchiveFault;
			}
			return true;
		}),
		{numRuns: 700},
	);
	t.pass();
});

/** So that not everything that is changed is refused for its checksum; blocks of contents are no headers. */
function fixChecksum(block: Buffer): void {
	if (block.toString('latin1', 257, 262) !== 'ustar') return;
	block.fill(' ', 148, 156);
	const sum = block.reduce((total, byte) => total + byte, 0);
	block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
}
