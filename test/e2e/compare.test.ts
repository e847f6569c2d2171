import test, {type ExecutionContext} from 'ava';
import {busybox} from '../support/busybox.ts';
import {buildWithBuildah} from '../support/compare-buildah.ts';
import {buildWithBuildkit} from '../support/compare-buildkit.ts';
import {prepareCases, type ComparedCase} from '../support/compare-cases.ts';
import {buildahDifferences, buildkitDifferences, type KnownDifferences} from '../support/compare-known.ts';
import {buildOurs} from '../support/compare-ours.ts';
import type {CaseResult, Peer} from '../support/compare-peer.ts';
import {unknownFeature, unknownToBuildah, unknownToBuildkit, type UnknownFeature} from '../support/compare-unknown.ts';
import {DockerDaemon} from '../support/docker-daemon.ts';
import {controlGroups, debianProgram, docker, heavy, root} from '../support/requirements.ts';
import {when} from '../support/when.ts';
import {Workplace} from '../support/workplace.ts';

const places: Workplace[] = [];
test.after.always(async () => {
	for (const place of places) await place.remove();
});

when([heavy, debianProgram('buildah'), busybox], 'configurations and file systems are those that buildah makes', async (t) => {
	const place = newPlace();
	const cases = await prepareCases(place);
	await compare(t, {place, cases, peer: buildWithBuildah(place, cases), known: buildahDifferences, unknown: unknownToBuildah});
});

when([root, docker, controlGroups, busybox], 'configurations and file systems are those that BuildKit makes', async (t) => {
	const place = newPlace();
	const cases = await prepareCases(place);
	const daemon = await DockerDaemon.start();
	try {
		const peer = buildWithBuildkit(place, daemon, cases);
		await compare(t, {place, cases, peer, known: buildkitDifferences, unknown: unknownToBuildkit});
	} finally {
		await daemon.stop();
	}
});

function newPlace(): Workplace {
	const place = new Workplace();
	places.push(place);
	return place;
}

interface Comparison {
	readonly place: Workplace;
	readonly cases: readonly ComparedCase[];
	readonly peer: Peer;
	readonly known: KnownDifferences;
	/** What the peer does not know: cases that need it are not compared. */
	readonly unknown: readonly UnknownFeature[];
}

async function compare(t: ExecutionContext, {place, cases, peer, known, unknown}: Comparison): Promise<void> {
	const [ours, theirs] = await Promise.all([peer.base.then(async (base) => buildOurs(place, base, cases)), peer.results]);
	const unexplained: string[] = [];
	const compared = new Set<string>();
	for (const one of cases) {
		const [our, their] = [ours.get(one.name), theirs.get(one.name)];
		if (our === undefined) throw new Error(`no result of ours for ${one.name}`);
		const explain = (text: string): void => void unexplained.push(`${one.name}: ${text}`);
		if ('facts' in our === one.name.startsWith('fails-')) explain('facts' in our ? 'succeeds here' : `fails here: ${our.failure}`);
		const feature = unknownFeature(one, unknown);
		if (feature !== undefined) {
			const reason = feature.refusal === undefined ? undefined : refused(their, feature.refusal);
			if (reason !== undefined) explain(`${feature.name}: ${reason}`);
			continue;
		}
		if (their === undefined) throw new Error(`no result of theirs for ${one.name}`);
		compared.add(one.name);
		const subjects = known[one.name]?.subjects ?? [];
		const different = differences(our, their);
		for (const [subject, text] of different) if (!subjects.includes(subject)) explain(`${subject}: ${text}`);
		for (const subject of subjects) if (!different.has(subject)) explain(`${subject}: no longer different`);
	}
	t.true(compared.size >= 60);
	t.deepEqual(unexplained, []);
	const stale = Object.keys(known).filter((name) => !compared.has(name));
	t.deepEqual(stale, []);
}

/** Why this is not the refusal that is expected. */
function refused(their: CaseResult | undefined, refusal: RegExp): string | undefined {
	if (their === undefined) return 'was not tried there';
	if ('facts' in their) return 'is known there by now';
	return refusal.test(their.failure) ? undefined : `is not what is refused there: ${their.failure}`;
}

/** Subject to what each says about it. */
function differences(our: CaseResult, their: CaseResult): ReadonlyMap<string, string> {
	if ('failure' in our) return 'failure' in their ? new Map() : new Map([['outcome', `ours fails: ${our.failure}`]]);
	if ('failure' in their) return new Map([['outcome', `theirs fails: ${their.failure}`]]);
	const subjects = [...new Set([...our.facts.keys(), ...their.facts.keys()])].sort();
	return new Map(
		subjects
			.filter((subject) => our.facts.get(subject) !== their.facts.get(subject))
			.map((subject) => [subject, `ours ${our.facts.get(subject) ?? 'nothing'}, theirs ${their.facts.get(subject) ?? 'nothing'}`]),
	);
}
