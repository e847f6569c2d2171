import test from 'ava';
import {parseMetadata} from '../../src/sbom/pypi.ts';
import {brief, inventoryOf, problemsOf} from '../support/layered-files.ts';

const site = 'usr/lib/python3/dist-packages';

test('wheels, eggs and distutils files are found', (t) => {
	const inventory = inventoryOf({
		[`${site}/Foo_Bar-1.0.dist-info/METADATA`]: 'Metadata-Version: 2.1\nName: Foo_Bar\nVersion: 1.0\n\nName: not-this\n',
		[`${site}/six-1.16.egg-info/PKG-INFO`]: 'Name: six\r\nVersion: 1.16\r\n\r\n',
		[`${site}/old-2.egg-info`]: 'Name: old\nVersion: 2\n',
		[`${site}/x.egg/EGG-INFO/PKG-INFO`]: 'Name: x\nVersion: 3\n',
		[`${site}/foo/METADATA`]: 'Name: foo\nVersion: 3\n',
	});
	t.deepEqual(brief(inventory), ['Foo_Bar 1.0 0', 'old 2 0', 'six 1.16 0', 'x 3 0']);
	t.deepEqual(problemsOf(inventory), []);
});

test('licences: the expression, or the text, or the classifiers', (t) => {
	const licencesOf = (fields: string): readonly string[] | undefined =>
		inventoryOf({[`${site}/a-1.dist-info/METADATA`]: `Name: a\nVersion: 1\n${fields}\n`}).packages[0]?.licences;
	t.deepEqual(licencesOf('License: old\nLicense-Expression: MIT OR Apache-2.0'), ['MIT OR Apache-2.0']);
	t.deepEqual(licencesOf('License: BSD'), ['BSD']);
	t.deepEqual(licencesOf('License: UNKNOWN\nClassifier: License :: OSI Approved :: MIT License\nClassifier: Topic :: X'), ['MIT License']);
	t.deepEqual(licencesOf('License: \n        a long text\n         that goes on'), []);
});

test('a description of a gigabyte is not read', (t) => {
	t.deepEqual(
		[...parseMetadata('Name: a\nversion: 1\n more\n\nName: b').entries()],
		[
			['name', ['a']],
			['version', ['1']],
		],
	);
	const text = `Name: a\nVersion: 1\n\n${'x'.repeat(3_000_000)}`;
	t.deepEqual(brief(inventoryOf({[`${site}/a-1.dist-info/METADATA`]: text})), ['a 1 0']);
});

test('metadata without a name is a note', (t) => {
	t.deepEqual(problemsOf(inventoryOf({[`${site}/a-1.dist-info/METADATA`]: 'x'})), [
		`partial ${site}/a-1.dist-info/METADATA 0 it has no name or no version`,
	]);
});
