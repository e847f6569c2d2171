import {existsSync, mkdirSync, readFileSync} from 'node:fs';
import type {ComparedCase} from './compare-cases.ts';
import {imageFacts, readSkopeoDirectory, type ImageFacts} from './compare-image.ts';
import type {CaseResult, Peer} from './compare-peer.ts';
import {isTried, unknownToBuildah} from './compare-unknown.ts';
import {printedBy, type Workplace} from './workplace.ts';

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
# This buildah leaves images mounted that a step had mounted.
umount root/overlay/*/merged root/overlay 2>/dev/null
rm -rf root run
`;

/** Starts buildah once, for the base and then for all cases. */
export function buildWithBuildah(place: Workplace, cases: readonly ComparedCase[]): Peer {
	for (const name of ['logs', 'theirs']) mkdirSync(`${place.directory}/${name}`);
	const tried = cases.filter((one) => isTried(one, unknownToBuildah));
	const input = tried.map(({name, boxfile, context}) => `${name} ${equivalentOf(boxfile)} ${context}\n`).join('');
	const asRoot = process.getuid?.() === 0 ? [] : ['buildah', 'unshare'];
	let all = Promise.resolve('');
	const base = new Promise<string>((resolve, reject) => {
		const output = (text: string): void => {
			if (/^base$/mv.test(text)) resolve(`oci-layout://${place.directory}/base`);
		};
		all = printedBy([...asRoot, 'sh', '-c', script, 'sh', place.directory], {input, output, longest: 1_200_000});
		all.catch(reject);
	});
	const results = all.then(async () => {
		const found = new Map<string, CaseResult>();
		for (const {name} of tried) found.set(name, await resultOf(place.directory, name));
		return found;
	});
	return {base, results};
}

/** What buildah reads: the same, or the same meaning without what this buildah does not know. */
function equivalentOf(boxfile: string): string {
	return existsSync(`${boxfile}.buildah`) ? `${boxfile}.buildah` : boxfile;
}

async function resultOf(directory: string, name: string): Promise<CaseResult> {
	const image = `${directory}/theirs/${name}`;
	return existsSync(`${image}/manifest.json`)
		? {facts: withoutOverlayXattrs(await imageFacts(readSkopeoDirectory(image)))}
		: {failure: readFileSync(`${directory}/logs/${name}`, 'utf8')};
}

/** Its layers hold what the kernel's overlay notes for itself. */
function withoutOverlayXattrs(facts: ImageFacts): ImageFacts {
	return new Map([...facts].map(([subject, text]) => [subject, text.replaceAll(/ user\.overlay\.\w+=[0-9a-f]*/gv, '')]));
}
