import {mkdirSync} from 'node:fs';
import type {ComparedCase} from './compare-cases.ts';
import {imageFacts, readSavedImages} from './compare-image.ts';
import type {CaseResult, CaseResults, Peer} from './compare-peer.ts';
import type {DockerDaemon} from './docker-daemon.ts';
import {printedBy, type Workplace} from './workplace.ts';

const repository = 'compared';

/** Has the daemon build the base and then all cases, and reads them out of one archive. */
export function buildWithBuildkit(place: Workplace, daemon: DockerDaemon, cases: readonly ComparedCase[]): Peer {
	const base = buildBase(place, daemon);
	return {base, results: base.then(async () => buildCases(place, daemon, cases))};
}

async function buildBase(place: Workplace, daemon: DockerDaemon): Promise<string> {
	const context = `${place.directory}/compare/base/context`;
	const archive = place.fresh('base.tar');
	await daemon.printed('build', '--network', 'none', '--progress', 'plain', '-t', 'base', '-f', `${context}/../Boxfile`, context);
	await daemon.printed('save', '-o', archive, 'base');
	return `docker-archive:${archive}`;
}

async function buildCases(place: Workplace, daemon: DockerDaemon, cases: readonly ComparedCase[]): Promise<CaseResults> {
	const results = new Map<string, CaseResult>();
	const built: string[] = [];
	for (const {name, boxfile, context} of cases) {
		const image = `${repository}:${name}`;
		const args = ['--network', 'none', '--progress', 'plain', '--build-arg', 'GIVEN=given', '-t', image, '-f', boxfile, context];
		const ended = await daemon.docker('build', ...args);
		if (ended.code === 0) built.push(image);
		else results.set(name, {failure: ended.stderr});
	}
	const directory = place.fresh('saved');
	mkdirSync(directory);
	await daemon.printed('save', '-o', `${directory}.tar`, ...built);
	await printedBy(['tar', '-C', directory, '-xf', `${directory}.tar`]);
	for (const [name, image] of readSavedImages(directory)) results.set(name.replace(/^.*:/v, ''), {facts: await imageFacts(image)});
	return results;
}
