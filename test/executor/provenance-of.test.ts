import test from 'ava';
import {type DiffId, type Digest, sha256, type StepKey} from '../../src/core/digest.ts';
import {BuildFacts} from '../../src/executor/build-facts.ts';
import type {BuildRequest} from '../../src/executor/build-request.ts';
import {LayerStack} from '../../src/executor/layer-stack.ts';
import {type FinishedBuild, provenanceOf} from '../../src/executor/provenance-of.ts';
import type {StepResult} from '../../src/executor/step-result.ts';
import {printProvenance} from '../../src/provenance/print-provenance.ts';
import type {ProvenanceMode} from '../../src/provenance/provenance.ts';
import {planOf} from '../support/compile-text.ts';

const text = [
	'FROM debian:12 AS base',
	'ARG TOKEN',
	'RUN --mount=type=secret,id=password true',
	'FROM oci:images/tools:1 AS tools',
	'FROM base',
	'COPY --from=tools /t /t',
	'COPY . /src',
	'ADD https://user:hidden@example.org/a.tar /a.tar',
	'ENV A=b',
].join('\n');
const config = {architecture: 'amd64', os: 'linux', rootfs: {type: 'layers', diff_ids: []}} as const;
const bases = new Map(['debian:12', 'oci:images/tools:1'].map((name) => [name, {config, layers: [], digest: sha256(name)} as const]));

const digest = sha256('image');

function finished(): FinishedBuild {
	const plan = planOf(text, {bases: new Map([...bases].map(([name, base]) => [name, base.config])), buildArgs: {TOKEN: 'x'}});
	let stack = LayerStack.scratch;
	const results = plan.steps.map(({id, op}): StepResult => {
		if (op.kind !== 'copy' && op.kind !== 'exec') return {stack, empty: true};
		stack = stack.withStored(sha256(`layer ${id}`) as string as DiffId, 1);
		return {stack, empty: false};
	});
	const facts = new BuildFacts();
	for (const {id, op} of plan.steps) if (op.kind !== 'config') facts.noteKey(id, sha256(`key ${id}`) as string as StepKey);
	facts.noteSelection('', '5 .', sha256('files'));
	facts.noteFile('https://user:hidden@example.org/a.tar', sha256('a.tar'));
	const request = {
		boxfile: {name: 'Boxfile', text},
		target: 'final',
		buildArgs: {TOKEN: 'value of the argument', REPOSITORY: 'https://me:hidden@example.org/r'},
		labels: {l: 'm'},
		secrets: new Map([['password', () => Buffer.from('hidden')]]),
		agents: new Map(),
		network: 'host',
		epoch: {kind: 'default', seconds: 315_532_800},
		tags: ['docker.io/library/app:1', 'ghcr.io/org/app:latest'],
	} as unknown as BuildRequest;
	return {plan, bases, results, request, facts, platform: {os: 'linux', architecture: 'amd64'}};
}

interface Statement {
	readonly _type: string;
	readonly predicateType: string;
	readonly subject: readonly {readonly name: string; readonly digest: {readonly sha256: string}}[];
	readonly predicate: {
		readonly buildDefinition: {
			readonly buildType: string;
			readonly externalParameters: Readonly<Record<string, unknown>>;
			readonly internalParameters: object;
			readonly resolvedDependencies: readonly {
				readonly uri?: string;
				readonly name?: string;
				readonly digest: Readonly<Record<string, string>>;
			}[];
		};
		readonly runDetails: {
			readonly builder: {readonly id: string; readonly version: object};
			readonly metadata?: object;
			readonly byproducts?: readonly {
				readonly name: string;
				readonly digest?: object;
				readonly content?: string;
				readonly annotations: Readonly<Record<string, string>>;
			}[];
		};
	};
}

const print = async (mode: ProvenanceMode, builderId?: string): Promise<string> =>
	printProvenance({...(await provenanceOf(finished(), {mode, ...(builderId === undefined ? {} : {builderId})})), digest});
const hex = (of: string): string => sha256(of).slice(7);

test('the statement is about the manifest, under each of its names', async (t) => {
	const {_type, predicateType, subject} = JSON.parse(await print('min')) as Statement;
	t.is(_type, 'https://in-toto.io/Statement/v1');
	t.is(predicateType, 'https://slsa.dev/provenance/v1');
	t.deepEqual(subject, [
		{name: 'pkg:docker/app@1?platform=linux%2Famd64', digest: {sha256: hex('image')}},
		{name: 'pkg:docker/ghcr.io/org/app@latest?platform=linux%2Famd64', digest: {sha256: hex('image')}},
	]);
});

test('bases, contexts and downloads are dependencies with their digests', async (t) => {
	const {resolvedDependencies} = (JSON.parse(await print('min')) as Statement).predicate.buildDefinition;
	t.deepEqual(
		resolvedDependencies.map(({uri, name, digest}) => [uri ?? name, digest]),
		[
			['pkg:docker/debian@12?platform=linux%2Famd64', {sha256: hex('debian:12')}],
			['oci:images/tools:1', {sha256: hex('oci:images/tools:1')}],
			['context', {boxbuildItems1: sha256(`{"5 .":"${sha256('files')}"}`).slice(7)}],
			['https://xxxxx@example.org/a.tar', {sha256: hex('a.tar')}],
		],
	);
});

test('mode max tells arguments, names of secrets and the steps; mode min none of them; neither a secret or a credential', async (t) => {
	const [least, most] = [await print('min'), await print('max')];
	const [min, max] = [JSON.parse(least) as Statement, JSON.parse(most) as Statement];
	for (const printed of [least, most]) t.notRegex(printed, /hidden/v);
	t.notRegex(least, /value of the argument|password/v);
	t.deepEqual(Object.keys(min.predicate.buildDefinition.externalParameters), ['boxfile', 'target', 'platform', 'network']);
	t.is(min.predicate.runDetails.byproducts, undefined);
	t.like(max.predicate.buildDefinition.externalParameters, {
		boxfile: {name: 'Boxfile', digest: {sha256: sha256(text).slice(7)}},
		target: 'final',
		platform: 'linux/amd64',
		args: {TOKEN: 'value of the argument', REPOSITORY: 'https://xxxxx@example.org/r'},
		secrets: ['password'],
		labels: {l: 'm'},
	});
	const {plan} = finished();
	const byproducts = max.predicate.runDetails.byproducts ?? [];
	t.is(byproducts.length, plan.steps.length);
	for (const {id, op} of plan.steps) {
		const {digest, content, annotations} = byproducts[id] ?? {annotations: {} as Readonly<Record<string, string>>};
		const hasLayer = op.kind === 'copy' || op.kind === 'exec';
		t.deepEqual(digest, hasLayer ? {sha256: hex(`layer ${id}`)} : undefined);
		t.is(content === undefined, hasLayer, 'a descriptor has a digest or a content');
		t.is(annotations['key'], op.kind === 'config' ? undefined : sha256(`key ${id}`));
	}
});

test('no clock enters: the same build gives the same statement; times and a builder are told when they are given', async (t) => {
	t.is(await print('max'), await print('max'));
	t.is((JSON.parse(await print('max')) as Statement).predicate.runDetails.metadata, undefined);
	t.is((JSON.parse(await print('min', 'https://ci.example.org')) as Statement).predicate.runDetails.builder.id, 'https://ci.example.org');
	const input = {...(await provenanceOf(finished(), {mode: 'min'})), digest};
	const timed = JSON.parse(
		printProvenance({...input, times: {started: '2024-01-01T00:00:00Z', finished: '2024-01-01T00:00:01Z'}}),
	) as Statement;
	t.deepEqual(timed.predicate.runDetails.metadata, {startedOn: '2024-01-01T00:00:00Z', finishedOn: '2024-01-01T00:00:01Z'});
});

test('facts come in an order that does not depend on which step was faster', (t) => {
	const of = (notes: readonly ((facts: BuildFacts) => void)[]): unknown => {
		const facts = new BuildFacts();
		for (const note of notes) note(facts);
		return facts.dependencies();
	};
	const digest: Digest = sha256('x');
	const notes: ((facts: BuildFacts) => void)[] = [
		(facts) => facts.noteSelection('', '1 a', digest),
		(facts) => facts.noteSelection('', '2 b', sha256('y')),
		(facts) => facts.noteSelection('other', '3 c', digest),
		(facts) => facts.noteCommit('https://example.org/r', 'main', 'c'.repeat(40)),
		(facts) => facts.noteFile('https://example.org/f', digest),
		(facts) => facts.noteFile('https://example.org/f', digest),
	];
	t.deepEqual(of(notes), of(notes.toReversed()));
	t.is((of(notes) as readonly unknown[]).length, 4);
});
