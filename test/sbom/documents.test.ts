import {Version} from '@cyclonedx/cyclonedx-library/Spec';
import {JsonStrictValidator} from '@cyclonedx/cyclonedx-library/Validation';
import test from 'ava';
import {sha256} from '../../src/core/digest.ts';
import type {Inventory} from '../../src/sbom/listed-package.ts';
import {printSbom, sbomFormats} from '../../src/sbom/print-sbom.ts';
import {inventoryOf, sbomFixture} from '../support/layered-files.ts';
import {spdxFaults} from '../support/spdx-form.ts';

const subject = {name: 'docker.io/library/app:1', digest: sha256('manifest'), created: 315_532_800};
const inventory = inventoryOf(
	{
		'var/lib/dpkg/status': sbomFixture('dpkg-status'),
		'usr/share/doc/bash/copyright': 'Format: https://x/copyright-format/1.0/\n\nFiles: *\nLicense: GPL-3+\n\nFiles: b\nLicense: odd text\n',
		'usr/lib/os-release': 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian 12"\n',
		'etc/os-release': {symlink: '../usr/lib/os-release'},
	},
	{
		'var/lib/rpm/rpmdb.sqlite': sbomFixture('rpmdb.sqlite.gz'),
		'srv/node_modules/@a/b/package.json': '{"name":"@a/b","version":"1.0.0","license":"LicenseRef-own","author":"A <a@example.org>"}',
		'srv/node_modules/c/package.json': '{',
		'bin/hello': {program: sbomFixture('hello-amd64.buildinfo')},
		'a/x-1.dist-info/METADATA': 'Name: x\nVersion: 1\nLicense: MIT\n',
	},
);

interface Spdx {
	readonly [member: string]: unknown;
	readonly documentNamespace: string;
	readonly packages: readonly (Readonly<Record<string, unknown>> & {
		readonly SPDXID: string;
		readonly name: string;
		readonly licenseDeclared: string;
		readonly externalRefs?: readonly {readonly referenceLocator: string}[];
	})[];
	readonly relationships: readonly {
		readonly spdxElementId: string;
		readonly relationshipType: string;
		readonly relatedSpdxElement: string;
	}[];
	readonly hasExtractedLicensingInfos: readonly {readonly licenseId: string; readonly extractedText: string}[];
	readonly annotations?: readonly {readonly comment: string}[];
}

const spdx = async (what: Inventory = inventory): Promise<Spdx> => JSON.parse(await printSbom('spdx', subject, what)) as Spdx;

test('SPDX: what the specification asks for is there, and nothing refers to what is not', async (t) => {
	const document = await spdx();
	t.like(document, {
		spdxVersion: 'SPDX-2.3',
		dataLicense: 'CC0-1.0',
		SPDXID: 'SPDXRef-DOCUMENT',
		name: subject.name,
		creationInfo: {created: '1980-01-01T00:00:00Z'},
	});
	t.regex(
		document.documentNamespace,
		/^https:\/\/spdx\.org\/spdxdocs\/app-[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/v,
	);
	const ids = document.packages.map(({SPDXID}) => SPDXID);
	t.is(new Set(ids).size, ids.length);
	t.deepEqual(spdxFaults(document), []);
	t.not(spdxFaults({...document, packages: [{...document.packages[0], primaryPackagePurpose: 'OPERATING-SYSTEM'}]}).length, 0);
	const known = new Set([...ids, 'SPDXRef-DOCUMENT']);
	for (const {spdxElementId, relatedSpdxElement} of document.relationships)
		t.true(known.has(spdxElementId) && known.has(relatedSpdxElement));
	const defined = new Set(document.hasExtractedLicensingInfos.map(({licenseId}) => licenseId));
	const used = new Set(document.packages.flatMap(({licenseDeclared}) => licenseDeclared.match(/LicenseRef-[\w.\-]+/gv) ?? []));
	t.deepEqual([...used].toSorted(), [...defined].toSorted());
	t.true(used.has('LicenseRef-own'));
});

test('SPDX: every package is contained in the layer that brought it', async (t) => {
	const {packages, relationships} = await spdx();
	const byId = new Map(packages.map((one) => [one.SPDXID, one.name]));
	const layerOf = (name: string): string | undefined => {
		const id = packages.find((one) => one.name === name)?.SPDXID;
		return relationships.find(({relatedSpdxElement}) => relatedSpdxElement === id)?.spdxElementId;
	};
	t.is(byId.get(layerOf('bash') ?? ''), inventory.layers[0]);
	t.is(byId.get(layerOf('boxbuild-sample') ?? ''), inventory.layers[1]);
	t.is(relationships.filter(({relationshipType}) => relationshipType === 'DESCRIBES').length, 1);
	t.is(packages.length, inventory.packages.length + 4, 'besides the image, two layers and the operating system');
	t.is(packages.find(({name}) => name === 'bash')?.licenseDeclared.startsWith('GPL-3.0-or-later AND LicenseRef-odd-text-'), true);
});

test('both say which files could not be read', async (t) => {
	t.regex(
		(await spdx()).annotations?.[0]?.comment ?? '',
		/^packages may be missing: \/srv\/node_modules\/c\/package\.json of layer 1 \(sha256:/v,
	);
	t.regex(await printSbom('cyclonedx', subject, inventory), /"boxbuild:incomplete"/v);
	const {problems, ...rest} = inventory;
	t.is(problems.length, 1);
	t.is((await spdx({...rest, problems: []})).annotations, undefined);
});

test('CycloneDX: the document is valid by the official schema, strictly', async (t) => {
	const text = await printSbom('cyclonedx', subject, inventory);
	const validator = new JsonStrictValidator(Version.v1dot6);
	t.is(await validator.validate(text), null);
	t.not(await validator.validate(text.replace('"type": "library"', '"type": "book"')), null, 'the validator finds what is wrong');
});

interface CycloneDx {
	readonly serialNumber: string;
	readonly specVersion: string;
	readonly metadata: Readonly<Record<string, unknown>>;
	readonly components: readonly {
		readonly name: string;
		readonly purl?: string;
		readonly licenses?: readonly object[];
		readonly properties?: readonly {readonly name: string; readonly value: string}[];
	}[];
}

test('CycloneDX: every component tells the layer that brought it and where it was found', async (t) => {
	const {components, specVersion, metadata} = JSON.parse(await printSbom('cyclonedx', subject, inventory)) as CycloneDx;
	t.is(specVersion, '1.6');
	t.is(metadata['timestamp'], '1980-01-01T00:00:00.000Z');
	t.is(components.length, inventory.packages.length + 1);
	for (const {name, path, diffId, type} of inventory.packages) {
		const values = components
			.filter((one) => one.name === name)
			.map(({properties = []}) => new Map(properties.map((one) => [one.name, one.value])));
		t.true(values.some((value) => value.get('boxbuild:layer:diffId') === diffId && value.get('boxbuild:path') === `/${path}`));
		t.true(values.some((value) => value.get('boxbuild:package:type') === type));
	}
	const licencesOf = (name: string): unknown => components.find((one) => one.name === name)?.licenses;
	t.deepEqual(licencesOf('x'), [{license: {id: 'MIT'}}]);
	t.deepEqual(licencesOf('boxbuild-sample'), [{expression: 'MIT AND GPL-2.0-or-later'}]);
	t.deepEqual(licencesOf('bash'), [{license: {name: 'odd text'}}, {license: {id: 'GPL-3.0-or-later'}}]);
});

test('the same image gives the same documents, another one has another name', async (t) => {
	for (const format of Object.keys(sbomFormats) as (keyof typeof sbomFormats)[]) {
		const text = await printSbom(format, subject, inventory);
		t.is(await printSbom(format, subject, structuredClone(inventory)), text);
		const other = await printSbom(format, {...subject, digest: sha256('other')}, inventory);
		const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/v;
		t.not(uuid.exec(other)?.[0], uuid.exec(text)?.[0]);
	}
});
