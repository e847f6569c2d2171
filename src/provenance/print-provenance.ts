import type {Json} from '../core/canonical-json.ts';
import {hexOf} from '../core/digest.ts';
import {programVersion} from '../core/program-version.ts';
import {redactUrl} from '../core/redact-url.ts';
import type {ProvenanceDependency, ProvenanceInput, ProvenanceStep} from './provenance.ts';
import {printStatement} from './statement.ts';

export const provenancePredicate = 'https://slsa.dev/provenance/v1';
/** Names the meaning of the parameters (SLSA v1, buildType): it changes when they do. */
const buildType = 'urn:boxbuild:build:1';
/** A builder that somebody runs for themselves vouches for nothing. */
const anyBuilder = 'urn:boxbuild:builder';

/** The statement of how an image was built (SLSA v1.1, provenance): the same build, the same bytes. */
export function printProvenance(input: ProvenanceInput): string {
	const {digest, names} = input;
	return printStatement({digest, names, predicateType: provenancePredicate, predicate: predicateOf(input)});
}

function predicateOf(input: ProvenanceInput): Json {
	const {mode, epoch, dependencies, steps, builderId = anyBuilder, times} = input;
	const made = mode === 'max' ? steps.map(byproductOf) : [];
	return withoutEmpty({
		buildDefinition: withoutEmpty({
			buildType,
			externalParameters: externalParameters(input),
			internalParameters: {epoch},
			resolvedDependencies: dependencies.map(dependencyOf),
		}),
		runDetails: withoutEmpty({
			builder: {id: builderId, version: {boxbuild: programVersion}},
			metadata: times === undefined ? undefined : {startedOn: times.started, finishedOn: times.finished},
			byproducts: made.length === 0 ? undefined : made,
		}),
	});
}

/** What whoever asked for the build chose. */
function externalParameters({mode, boxfile, target, platform, args, labels, secrets, agents, network}: ProvenanceInput): Json {
	const least = {boxfile: {name: boxfile.name, digest: {sha256: hexOf(boxfile.digest)}}, target, platform, network};
	if (mode === 'min') return withoutEmpty(least);
	return withoutEmpty({
		...least,
		args: redacted(args),
		labels: redacted(labels),
		secrets: secrets.toSorted(),
		ssh: agents.toSorted(),
	});
}

function redacted(values: Readonly<Record<string, string>>): Json {
	const names = Object.keys(values).sort();
	return Object.fromEntries(names.map((name) => [name, redactUrl(values[name] ?? '')]));
}

function dependencyOf({name, uri, digest}: ProvenanceDependency): Json {
	return withoutEmpty({name, uri: uri === undefined ? undefined : redactUrl(uri), digest: digest === undefined ? undefined : {...digest}});
}

/** A layer by its digest; a step without one by its name only, with `content` as descriptors need one of uri, digest and content. */
function byproductOf({id, stage, instruction, key, diffId}: ProvenanceStep): Json {
	const text = redactUrl(instruction);
	return withoutEmpty({
		name: `step ${id}`,
		digest: diffId === undefined ? undefined : {sha256: hexOf(diffId)},
		content: diffId === undefined ? Buffer.from(text).toString('base64') : undefined,
		annotations: withoutEmpty({stage, instruction: text, key}),
	});
}

function withoutEmpty(members: Readonly<Record<string, Json | undefined>>): {readonly [key: string]: Json} {
	return Object.fromEntries(Object.entries(members).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
