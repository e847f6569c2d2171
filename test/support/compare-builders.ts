import {chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {busyboxFiles} from './busybox.ts';
import {imageFacts, type ImageFacts} from './compare-image.ts';
import {topFolder} from './top.ts';
import {printedBy, type Workplace} from './workplace.ts';

/** A Boxfile that both build. */
export interface ComparedCase {
	readonly name: string;
	/** What boxbuild reads. */
	readonly boxfile: string;
	/** What buildah reads: the same, or the same meaning without what this buildah does not know. */
	readonly equivalent: string;
	readonly context: string;
}

/** Copies test/fixtures/compare to the workplace and completes it with what git cannot hold. */
export async function prepareCases(place: Workplace): Promise<readonly ComparedCase[]> {
	const top = `${place.directory}/compare`;
	cpSync(`${topFolder()}/test/fixtures/compare`, top, {recursive: true, verbatimSymlinks: true});
	writeFileSync(`${top}/base/context/busybox`, busyboxFiles('')['bin/busybox'] ?? '');
	chmodSync(`${top}/base/context/busybox`, 0o755);
	await packArchives(`${top}/context`);
	await printedBy(['chmod', '-R', 'u=rwX,go=rX', top]);
	return readdirSync(top)
		.filter((name) => name !== 'base' && name !== 'context')
		.sort()
		.map((name) => {
			const boxfile = `${top}/${name}/Boxfile`;
			const own = `${top}/${name}/context`;
			const other = `${boxfile}.buildah`;
			return {name, boxfile, equivalent: existsSync(other) ? other : boxfile, context: existsSync(own) ? own : `${top}/context`};
		});
}

/** A folder `NAME.d` becomes the archive `NAME`. */
async function packArchives(context: string): Promise<void> {
	for (const name of readdirSync(context).filter((one) => /\.tar(?:\.gz)?\.d$/v.test(one))) {
		const folder = `${context}/${name}`;
		const members = readdirSync(folder);
		await printedBy(['tar', '-C', folder, '--owner=5', '--group=6', '--numeric-owner', '-caf', folder.slice(0, -2), ...members]);
		rmSync(folder, {recursive: true});
	}
}

// The overlay driver is twice as fast, but needs Linux 5.13 without root.
const script = `
umask 022
cd "$1" || exit 1
buildah() { command buildah --root "$PWD/root" --runroot "$PWD/run" --storage-driver "$driver" "$@"; }
build() { buildah build --layers=false --isolation chroot --network host --format docker --pull=never --quiet "$@"; }
base() { rm -rf root run; build -f compare/base/Boxfile -t localhost/base compare/base/context; }
driver=overlay; base || { driver=vfs; base; } || exit 1
buildah push --quiet localhost/base oci:"$PWD/base" || exit 1
echo base
while read -r name file context; do
	build --build-arg GIVEN=given -f "$file" -t dir:"$PWD/theirs/$name" "$context" >logs/"$name" 2>&1 || rm -rf theirs/"$name"
done
rm -rf root run
`;

/** Starts buildah once, for the base and then for all cases. `base` resolves when boxbuild may start, `all` at the end. */
export function buildTheirs(
	place: Workplace,
	cases: readonly ComparedCase[],
): {readonly base: Promise<void>; readonly all: Promise<string>} {
	for (const name of ['logs', 'theirs']) mkdirSync(`${place.directory}/${name}`);
	const input = cases.map(({name, equivalent, context}) => `${name} ${equivalent} ${context}\n`).join('');
	const asRoot = process.getuid?.() === 0 ? [] : ['buildah', 'unshare'];
	let all = Promise.resolve('');
	const base = new Promise<void>((resolve, reject) => {
		const output = (text: string): void => {
			if (/^base$/mv.test(text)) resolve();
		};
		all = printedBy([...asRoot, 'sh', '-c', script, 'sh', place.directory], {input, output});
		all.then(() => resolve(), reject);
	});
	return {base, all};
}

/** What buildah made; undefined when it failed. */
export async function theirFacts(place: Workplace, {name}: ComparedCase): Promise<ImageFacts | undefined> {
	const directory = `${place.directory}/theirs/${name}`;
	return existsSync(`${directory}/manifest.json`) ? imageFacts(directory, 'dir') : undefined;
}

/** What boxbuild makes; undefined when it fails. */
export async function ourFacts(place: Workplace, {name, boxfile, context}: ComparedCase): Promise<ImageFacts | undefined> {
	const directory = `${place.directory}/ours/${name}`;
	mkdirSync(`${place.directory}/ours`, {recursive: true});
	const base = `base=oci-layout://${place.directory}/base`;
	const output = `type=oci,dest=${directory},tar=false,compression=none`;
	const ended = await place.build(context, ['-f', boxfile, '--build-context', base, '--build-arg', 'GIVEN=given', '-o', output]);
	writeFileSync(`${place.directory}/ours/${name}.log`, ended.stderr);
	return ended.code === 0 ? imageFacts(directory, 'oci') : undefined;
}
