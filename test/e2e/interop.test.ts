import test, {type ExecutionContext} from 'ava';
import {existsSync, mkdirSync, readFileSync} from 'node:fs';
import {digestOf} from '../support/hostile-image.ts';
import {DockerDaemon} from '../support/docker-daemon.ts';
import {ImageLayout} from '../support/image-layout.ts';
import {knownDifferences} from '../support/interop-known.ts';
import {type Listed, listTree, parseListing} from '../support/list-tree.ts';
import {nastyConfig, nastyLayers, nastyTree} from '../support/nasty-image.ts';
import {asNamespaceRoot} from '../support/namespace-root.ts';
import {controlGroups, debianProgram, docker, manyIds, root} from '../support/requirements.ts';
import {when} from '../support/when.ts';
import {printedBy, runProgram, Workplace} from '../support/workplace.ts';

const place = new Workplace();
// Podman refuses directories for its state with more than 50 characters, and in names of images upper case in paths.
const short = `/tmp/bb-${process.pid}-${Date.now().toString(36)}`;
const at = `${short}/out`;
let count = 0;
const fresh = (start: string): string => `${at}/${start}${count++}`;
test.after.always(async () => {
	const pause = `${short}/xdg/libpod/tmp/pause.pid`;
	if (existsSync(pause)) process.kill(Number(readFileSync(pause, 'utf8')));
	await runProgram([...asNamespaceRoot(), 'rm', '-rf', short]);
	await place.remove();
});

const umoci = debianProgram('umoci');
const skopeo = debianProgram('skopeo');
const podman = debianProgram('podman');
const buildah = debianProgram('buildah');
const bsdtar = debianProgram('bsdtar', 'libarchive-tools');
const name = 'localhost/nasty:v1';
const native = {os: 'linux', architecture: process.arch === 'arm64' ? 'arm64' : 'amd64'};

/** Every output of ours that holds an image, as other tools name it. */
const outputs = {
	oci: {spec: `type=oci,tar=false,dest=${at}/oci`, transport: `oci:${at}/oci:v1`},
	'oci-archive': {spec: `type=oci,dest=${at}/oci.tar`, transport: `oci-archive:${at}/oci.tar`},
	'oci-plain': {spec: `type=oci,dest=${at}/plain.tar,compression=none`, transport: `oci-archive:${at}/plain.tar`},
	'docker-archive': {spec: `type=docker,dest=${at}/docker.tar`, transport: `docker-archive:${at}/docker.tar`},
} as const;
const transports = Object.entries(outputs).map(([output, {transport}]) => [output, transport] as const);

test.before(async (t) => {
	mkdirSync(at, {recursive: true, mode: 0o755});
	mkdirSync(`${short}/xdg`, {mode: 0o700});
	const layout = new ImageLayout(`${at}/source`);
	layout.finish(layout.image({layers: nastyLayers.map((tar) => ({tar})), platform: native, config: nastyConfig}));
	await ours('import', '-t', name, `oci:${at}/source`);
	const specs = [...Object.values(outputs).map(({spec}) => spec), `type=tar,dest=${at}/root.tar`];
	await ours('export', name, ...specs.flatMap((spec) => ['-o', spec]));
	t.pass();
});

async function ours(...args: readonly string[]): Promise<string> {
	const {code, stdout, stderr} = await place.boxbuild(args);
	if (code !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
	return stdout;
}

/** Runs a shell script with these arguments as root of the namespace of the images, then lists the directory `tree`. */
async function listedBy(script: string, ...args: readonly string[]): Promise<readonly Listed[]> {
	const program = `umask 022; set -e; { ${script}; } >&2; python3 -c "$0" "$tree"`;
	return parseListing(await printedBy([...asNamespaceRoot(), 'bash', '-c', program, listTree, ...args]));
}

const columns = ['path', 'type', 'mode', 'owner', 'time', 'content', 'target', 'same', 'xattrs'];

/** Compares a tree with that of the image: all differences are known, and all that are known show. */
function compare(t: ExecutionContext, tool: string, found: readonly Listed[], what = tool): void {
	const theirs = new Map(found.map((line) => [line[0], line]));
	const expected = new Map(nastyTree.map((line) => [line[0], line]));
	const differences = [...new Set([...theirs.keys(), ...expected.keys()])].sort().flatMap((path) => {
		const [mine, other] = [expected.get(path), theirs.get(path)];
		if (mine === undefined) return [`${path}: extra`];
		if (other === undefined) return [`${path}: missing`];
		const changed = columns.filter((_, index) => JSON.stringify(mine[index]) !== JSON.stringify(other[index]));
		return changed.length === 0 ? [] : [`${path}: ${changed.join(', ')}`];
	});
	const known = (knownDifferences[tool] ?? []).map((one) => `${one.path}: ${one.what}`);
	t.deepEqual(differences.sort(), known.sort(), what);
	t.true(found.length > 30);
}

/** The configuration without what tools add: only members that the image had. `printed` has a character for each byte. */
function compareConfig(t: ExecutionContext, printed: string, what: string): void {
	const found = JSON.parse(Buffer.from(printed, 'latin1').toString()) as Readonly<Record<string, object>>;
	const {config, rootfs, author, os, architecture} = found;
	t.like(config, nastyConfig.config, what);
	t.deepEqual(rootfs, {type: 'layers', diff_ids: nastyLayers.map((tar) => digestOf(tar))}, what);
	t.like({author, os, architecture}, {author: 'nobody', ...native}, what);
}

// What we write, read by others.

when(manyIds, 'GNU tar unpacks the root file system', async (t) => {
	const found = await listedBy('tree=$1/gnu; mkdir $tree; tar --xattrs --xattrs-include=* --numeric-owner -pxf $1/root.tar -C $tree', at);
	compare(t, 'tar', found);
});

// It complains of names that are not UTF-8 (exit code 1) and unpacks them all the same.
when([manyIds, bsdtar], 'bsdtar unpacks the root file system', async (t) => {
	const found = await listedBy('tree=$1/bsd; mkdir $tree; bsdtar --numeric-owner -pxf $1/root.tar -C $tree || [ $? = 1 ]', at);
	compare(t, 'bsdtar', found);
});

when([manyIds, umoci], 'umoci unpacks the OCI directory', async (t) => {
	compare(t, 'umoci', await listedBy('umoci unpack --image $1/oci:v1 $1/umoci; tree=$1/umoci/rootfs', at));
});

when(skopeo, 'skopeo reads every output, and finds the configuration', async (t) => {
	for (const [output, transport] of transports) compareConfig(t, await printedBy(['skopeo', 'inspect', '--config', transport]), output);
});

when([manyIds, skopeo, umoci], 'skopeo copies every output, and umoci unpacks the copy', async (t) => {
	for (const [output, transport] of transports) {
		const copy = fresh('copy');
		await printedBy(['skopeo', 'copy', '--quiet', '--insecure-policy', transport, `oci:${copy}:v1`]);
		compare(t, 'umoci', await listedBy('umoci unpack --image $1:v1 $1.d; tree=$1.d/rootfs', copy), output);
	}
});

const storage = (program: string): readonly string[] => [
	program,
	'--root',
	`${short}/root`,
	'--runroot',
	`${short}/run`,
	'--storage-driver',
	'vfs',
];
const env = {XDG_RUNTIME_DIR: `${short}/xdg`, HOME: short};

/** Runs a script where podman and buildah mount; `p` and `b` are the programs. */
async function inStorage(script: string, ...args: readonly string[]): Promise<string> {
	const program = `umask 022; set -e; p() { ${storage('podman').join(' ')} "$@"; }; b() { ${storage('buildah').join(' ')} "$@"; }; ${script}`;
	const enter = process.getuid?.() === 0 ? [] : [...storage('buildah'), 'unshare'];
	return printedBy([...enter, 'bash', '-c', program, listTree, ...args], {env});
}

when([manyIds, podman, buildah], 'podman pulls every output', async (t) => {
	for (const [output, transport] of transports) {
		const printed = await inStorage(
			'id=$(p pull -q "$1"); python3 -c "$0" "$(p image mount $id)"; p image umount $id >&2; p rmi -f $id >&2',
			transport,
		);
		compare(t, 'podman', parseListing(printed), output);
	}
});

when([manyIds, podman, buildah], 'podman loads both kinds of archives under their name', async (t) => {
	for (const archive of ['oci.tar', 'docker.tar']) {
		const printed = await inStorage(
			'p load -q -i "$1" >&2; python3 -c "$0" "$(p image mount $2)"; p image umount $2 >&2; p rmi -f $2 >&2',
			`${at}/${archive}`,
			name,
		);
		compare(t, 'podman', parseListing(printed), archive);
	}
});

when([manyIds, buildah], 'buildah starts from every output', async (t) => {
	for (const [output, transport] of transports) {
		const printed = await inStorage(
			'id=$(b from -q "$1"); python3 -c "$0" "$(b mount $id)"; b umount $id >&2; b rm $id >&2; b rmi -a -f >&2',
			transport,
		);
		compare(t, 'buildah', parseListing(printed), output);
	}
});

// What others write, read by us.

/** Imports what another tool wrote and compares the tree and the configuration. */
async function compareImport(t: ExecutionContext, tool: string, source: string, options: {readonly config?: false} = {}): Promise<void> {
	await ours('import', '-t', 'theirs', source);
	const tar = fresh('theirs.tar');
	await ours('export', 'theirs', '-o', `type=tar,dest=${tar}`);
	const found = await listedBy('tree=$1.d; mkdir $tree; tar --xattrs --xattrs-include=* --numeric-owner -pxf $1 -C $tree', tar);
	compare(t, `from ${tool}`, found, source);
	if (options.config !== false) compareConfig(t, await ours('inspect', '--config', 'theirs'), source);
}

when([manyIds, skopeo], 'what skopeo writes', async (t) => {
	for (const [transport, suffix] of [
		['oci', ':v1'],
		['oci-archive', ':v1'],
		['docker-archive', ':nasty:v1'],
	] as const) {
		const path = fresh('skopeo');
		await printedBy(['skopeo', 'copy', '--quiet', '--insecure-policy', outputs.oci.transport, `${transport}:${path}${suffix}`]);
		await compareImport(t, 'skopeo', `${transport}:${path}`);
	}
	const zstd = fresh('skopeo');
	const options = ['--dest-compress-format', 'zstd', '--dest-compress'];
	await printedBy(['skopeo', 'copy', '--quiet', '--insecure-policy', ...options, outputs.oci.transport, `oci:${zstd}:v1`]);
	await compareImport(t, 'skopeo', `oci:${zstd}:v1`);
});

when([manyIds, umoci], 'a layer that umoci writes', async (t) => {
	const layout = fresh('umoci');
	const script = `umoci init --layout $1; umoci new --image $1:v1; umoci unpack --image $1:v1 $1.b; tree=$1.b/rootfs
		tar --xattrs --xattrs-include=* --numeric-owner -pxf $2/root.tar -C $tree; umoci repack --image $1:v1 $1.b`;
	await listedBy(script, layout, at);
	await compareImport(t, 'umoci', `oci:${layout}:v1`, {config: false});
});

when([manyIds, podman, buildah], 'what podman saves', async (t) => {
	for (const format of ['oci-archive', 'docker-archive']) {
		const path = fresh('podman.tar');
		await inStorage('id=$(p pull -q "$1"); p save -q --format $2 -o $3 $id >&2; p rmi -f $id >&2', outputs.oci.transport, format, path);
		await compareImport(t, 'podman', `${format}:${path}`);
	}
});

when([manyIds, buildah], 'a layer that buildah writes', async (t) => {
	for (const transport of ['oci', 'oci-archive', 'docker-archive']) {
		const path = fresh('buildah');
		await inStorage(
			'id=$(b from -q "$1"); b commit -q --squash --rm $id $2 >&2; b rmi -a -f >&2',
			outputs.oci.transport,
			`${transport}:${path}`,
		);
		await compareImport(t, 'buildah', `${transport}:${path}`, {config: false});
	}
});

when([root, docker, controlGroups], 'Docker loads the archive, and what it saves and exports is read', async (t) => {
	const daemon = await DockerDaemon.start();
	try {
		await daemon.printed('load', '--input', `${at}/docker.tar`);
		const printed = Buffer.from(await daemon.printed('image', 'inspect', name), 'latin1').toString();
		const [image] = JSON.parse(printed) as {Config: object; RootFS: {Layers: string[]}}[];
		t.deepEqual(
			image?.RootFS.Layers,
			nastyLayers.map((tar) => digestOf(tar)),
		);
		t.like(image?.Config, nastyConfig.config);
		const saved = fresh('saved.tar');
		await daemon.printed('save', '--output', saved, name);
		await compareImport(t, 'docker save', `docker-archive:${saved}`);
		const id = (await daemon.printed('create', name)).trim();
		const exported = fresh('exported.tar');
		await daemon.printed('export', '--output', exported, id);
		await compareImport(t, 'docker export', exported, {config: false});
	} finally {
		await daemon.stop();
	}
});
