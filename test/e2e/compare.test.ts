import test from 'ava';
import {busybox} from '../support/busybox.ts';
import {buildTheirs, ourFacts, prepareCases, theirFacts, type ComparedCase} from '../support/compare-builders.ts';
import type {ImageFacts} from '../support/compare-image.ts';
import {knownDifferences} from '../support/compare-known.ts';
import {debianProgram, heavy} from '../support/requirements.ts';
import {when} from '../support/when.ts';
import {Workplace} from '../support/workplace.ts';

const place = new Workplace();
test.after.always(() => place.remove());

when([heavy, debianProgram('buildah'), busybox], 'configurations and file systems are those that buildah makes', async (t) => {
	const cases = await prepareCases(place);
	const {base, all} = buildTheirs(place, cases);
	await base;
	const ours = new Map<ComparedCase, ImageFacts | undefined>();
	for (const one of cases) ours.set(one, await ourFacts(place, one));
	await all;
	const found: Record<string, readonly string[]> = {};
	const unexplained: string[] = [];
	for (const one of cases) {
		const [our, their] = [ours.get(one), await theirFacts(place, one)];
		const known = knownDifferences[one.name]?.subjects ?? [];
		const different = differences(our, their);
		if (different.size > 0) found[one.name] = [...different.keys()];
		for (const [subject, text] of different) if (!known.includes(subject)) unexplained.push(`${one.name}: ${subject}: ${text}`);
		for (const subject of known) if (!different.has(subject)) unexplained.push(`${one.name}: ${subject}: no longer different`);
		const works = our !== undefined;
		if (works === one.name.startsWith('fails-')) unexplained.push(`${one.name}: ${works ? 'succeeds' : 'fails'} here`);
	}
	t.true(cases.length >= 60);
	t.deepEqual(unexplained, []);
	for (const name of Object.keys(knownDifferences)) t.true(name in found, name);
});

/** Subject to what each says about it. */
function differences(our: ImageFacts | undefined, their: ImageFacts | undefined): ReadonlyMap<string, string> {
	if (our === undefined || their === undefined) {
		const [one, other] = [our, their].map((facts) => (facts === undefined ? 'fails' : 'succeeds'));
		return one === other ? new Map() : new Map([['outcome', `ours ${one}, buildah's ${other}`]]);
	}
	const subjects = [...new Set([...our.keys(), ...their.keys()])].sort();
	return new Map(
		subjects
			.filter((subject) => our.get(subject) !== their.get(subject))
			.map((subject) => [subject, `ours ${our.get(subject) ?? 'nothing'}, buildah's ${their.get(subject) ?? 'nothing'}`]),
	);
}
