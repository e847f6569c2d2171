import {chmodSync, cpSync, existsSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {busyboxFiles} from './busybox.ts';
import {writeUnusualFiles} from './compare-unusual.ts';
import {topFolder} from './top.ts';
import {printedBy, type Workplace} from './workplace.ts';

/** A Boxfile that boxbuild and a peer build. */
export interface ComparedCase {
	readonly name: string;
	readonly boxfile: string;
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
	writeUnusualFiles(`${top}/context`);
	return readdirSync(top)
		.filter((name) => name !== 'base' && name !== 'context')
		.sort()
		.map((name) => {
			const boxfile = `${top}/${name}/Boxfile`;
			const own = `${top}/${name}/context`;
			return {name, boxfile, context: existsSync(own) ? own : `${top}/context`};
		});
}

/** A folder `NAME.d` becomes the archive `NAME`. */
async function packArchives(context: string): Promise<void> {
	for (const name of readdirSync(context).filter((one) => /\.tar(?:\.[a-z0-9]+)?\.d$/v.test(one))) {
		const folder = `${context}/${name}`;
		const members = readdirSync(folder);
		await printedBy(['tar', '-C', folder, '--owner=5', '--group=6', '--numeric-owner', '-caf', folder.slice(0, -2), ...members]);
		rmSync(folder, {recursive: true});
	}
}
