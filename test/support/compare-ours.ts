import {mkdirSync} from 'node:fs';
import type {ComparedCase} from './compare-cases.ts';
import {imageFacts, readOciLayout} from './compare-image.ts';
import type {CaseResult, CaseResults} from './compare-peer.ts';
import type {Workplace} from './workplace.ts';

/** Has boxbuild build all cases; `base` is what their `base` stands for. */
export async function buildOurs(place: Workplace, base: string, cases: readonly ComparedCase[]): Promise<CaseResults> {
	const results = new Map<string, CaseResult>();
	const top = place.fresh('ours');
	mkdirSync(top);
	for (const {name, boxfile, context} of cases) {
		const output = `type=oci,dest=${top}/${name},tar=false,compression=none`;
		const args = ['-f', boxfile, '--build-context', `base=${base}`, '--build-arg', 'GIVEN=given', '-o', output];
		const ended = await place.build(context, args);
		results.set(name, ended.code === 0 ? {facts: await imageFacts(readOciLayout(`${top}/${name}`))} : {failure: ended.stderr});
	}
	return results;
}
