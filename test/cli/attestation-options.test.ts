import {resolve} from 'node:path';
import test from 'ava';
import {parseProvenanceOption, parseSbomOption} from '../../src/cli/attestation-options.ts';

test('--sbom takes what buildx takes, a format and a file', (t) => {
	const cases: readonly (readonly [string | true, object | null])[] = [
		[true, {format: 'spdx'}],
		['true', {format: 'spdx'}],
		['1', {format: 'spdx'}],
		['false', null],
		['0', null],
		['spdx', {format: 'spdx'}],
		['cyclonedx', {format: 'cyclonedx'}],
		['format=cyclonedx,dest=a/b.json', {format: 'cyclonedx', destination: resolve('a/b.json')}],
		['true,dest=b.json', {format: 'spdx', destination: resolve('b.json')}],
		['cyclonedx,dest=b=c.json', {format: 'cyclonedx', destination: resolve('b=c.json')}],
	];
	for (const [text, value] of cases) t.deepEqual(parseSbomOption(text), {value, diagnostics: []} as never, String(text));
});

test('--provenance takes what buildx takes, and a file', (t) => {
	const cases: readonly (readonly [string | true, object | null])[] = [
		[true, {mode: 'min'}],
		['true', {mode: 'min'}],
		['false', null],
		['max', {mode: 'max'}],
		['mode=max', {mode: 'max'}],
		['mode=min,version=v1', {mode: 'min'}],
		[
			'mode=max,builder-id=https://ci.example.org/7,dest=p.json',
			{mode: 'max', builderId: 'https://ci.example.org/7', destination: resolve('p.json')},
		],
	];
	for (const [text, value] of cases) t.deepEqual(parseProvenanceOption(text), {value, diagnostics: []} as never, String(text));
});

test('anything else is refused with what is taken instead', (t) => {
	const sbom: Readonly<Record<string, RegExp>> = {
		'': /true, false/v,
		yes: /true, false/v,
		'true,false': /true, false/v,
		'spdx,format=spdx': /one format/v,
		'format=xml': /format=spdx or format=cyclonedx/v,
		'formt=spdx': /`format`, not `formt`/v,
		'dest=': /a value after `dest=`/v,
		'dest=a,dest=b': /`dest` once/v,
		'generator=docker/scout': /no generator/v,
		'false,dest=a': /nothing besides `false`/v,
	};
	for (const [text, expected] of Object.entries(sbom)) {
		const {value, diagnostics} = parseSbomOption(text);
		t.is(value, undefined, text);
		t.like(diagnostics[0], {code: 'cli/bad-value', data: {option: '--sbom', value: text}});
		t.regex(diagnostics[0]?.because?.[0] ?? '', expected);
	}
	for (const text of ['', 'mode=most', 'max,mode=min', 'version=v0.2', 'builder-id=x', 'false,mode=max', 'reproducible=true'])
		t.is(parseProvenanceOption(text).diagnostics[0]?.code, 'cli/bad-value', text);
});
