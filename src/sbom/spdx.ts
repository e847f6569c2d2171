import type {Json} from '../core/canonical-json.ts';
import {hexOf, sha256} from '../core/digest.ts';
import {programVersion} from '../core/program-version.ts';
import {textOf} from '../core/raw-path.ts';
import {timestampOf} from '../oci/make-image-config.ts';
import {allOf, licencesOf} from './licence.ts';
import type {FoundPackage, Inventory} from './listed-package.ts';
import {imagePurl, purlOf} from './purl.ts';
import {documentUuid, incompleteText, type SbomSubject, shortName} from './sbom-subject.ts';

type Member = Readonly<Record<string, Json>>;

const tool = `Tool: boxbuild-${programVersion}`;
const imageId = 'SPDXRef-Image';
const systemId = 'SPDXRef-OperatingSystem';

/**
 * The packages of an image as an SPDX 2.3 document: the image contains its layers and its operating system, a layer the packages that it
 * brought. The same image gives the same bytes.
 */
export function printSpdx(subject: SbomSubject, inventory: Inventory): string {
	const created = timestampOf(subject.created);
	const licences = new LicenceTexts();
	const packages = inventory.packages.map((found) => packageMember(found, inventory, licences));
	const layers = inventory.layers.map((_, index) => layerMember(inventory, index));
	const system = systemMember(inventory);
	const name = shortName(subject);
	const document = {
		spdxVersion: 'SPDX-2.3',
		dataLicense: 'CC0-1.0',
		SPDXID: 'SPDXRef-DOCUMENT',
		name: subject.name,
		documentNamespace: `https://spdx.org/spdxdocs/${encodeURIComponent(name)}-${documentUuid('spdx-2.3', subject, inventory)}`,
		creationInfo: {created, creators: [tool]},
		packages: [imageMember(subject, name), ...layers, ...system, ...packages],
		relationships: [
			relationship('SPDXRef-DOCUMENT', 'DESCRIBES', imageId),
			...layers.map((_, index) => relationship(imageId, 'CONTAINS', layerId(index))),
			...system.map(() => relationship(imageId, 'CONTAINS', systemId)),
			...inventory.packages.map((found) => relationship(layerId(found.layer), 'CONTAINS', packageId(found))),
		],
		...(licences.members.length === 0 ? {} : {hasExtractedLicensingInfos: licences.members}),
		...(inventory.problems.length === 0
			? {}
			: {
					annotations: inventory.problems.map((problem) => ({
						annotationDate: created,
						annotationType: 'OTHER',
						annotator: tool,
						comment: incompleteText(problem),
					})),
				}),
	};
	return `${JSON.stringify(document, undefined, 2)}\n`;
}

function relationship(from: string, type: string, to: string): Member {
	return {spdxElementId: from, relationshipType: type, relatedSpdxElement: to};
}

/** What is said of every package of the document: nothing is concluded, nobody looked into its files. */
const unknown = {
	downloadLocation: 'NOASSERTION',
	filesAnalyzed: false,
	licenseConcluded: 'NOASSERTION',
	copyrightText: 'NOASSERTION',
} as const;

function imageMember({digest}: SbomSubject, name: string): Member {
	return {
		SPDXID: imageId,
		name,
		versionInfo: digest,
		primaryPackagePurpose: 'CONTAINER',
		...unknown,
		licenseDeclared: 'NOASSERTION',
		supplier: 'NOASSERTION',
		checksums: [{algorithm: 'SHA256', checksumValue: hexOf(digest)}],
		externalRefs: [purlReference(imagePurl(name, digest))],
	};
}

function layerMember({layers}: Inventory, index: number): Member {
	const diffId = layers[index];
	if (diffId === undefined) throw new RangeError(`no layer ${index}`);
	return {
		SPDXID: layerId(index),
		name: diffId,
		primaryPackagePurpose: 'ARCHIVE',
		...unknown,
		licenseDeclared: 'NOASSERTION',
		supplier: 'NOASSERTION',
		checksums: [{algorithm: 'SHA256', checksumValue: hexOf(diffId)}],
		comment: `layer ${index}, uncompressed`,
	};
}

function systemMember({distribution}: Inventory): readonly Member[] {
	if (distribution === undefined) return [];
	const {id, versionId, prettyName} = distribution;
	return [
		{
			SPDXID: systemId,
			name: id,
			...(versionId === undefined ? {} : {versionInfo: versionId}),
			primaryPackagePurpose: 'OPERATING_SYSTEM',
			...unknown,
			licenseDeclared: 'NOASSERTION',
			supplier: 'NOASSERTION',
			...(prettyName === undefined ? {} : {description: prettyName}),
		},
	];
}

function packageMember(found: FoundPackage, {distribution}: Inventory, licences: LicenceTexts): Member {
	const {name, version, source, path, layer, diffId} = found;
	const purl = purlOf(found, distribution);
	const from = source === undefined ? '' : `built from ${source.name}${source.version === undefined ? '' : ` ${source.version}`}; `;
	return {
		SPDXID: packageId(found),
		name,
		...(version === undefined ? {} : {versionInfo: version}),
		primaryPackagePurpose: 'LIBRARY',
		...unknown,
		licenseDeclared: licences.expression(found),
		supplier: supplierOf(found),
		sourceInfo: `${from}found in /${textOf(path)} of layer ${layer} (${diffId})`,
		...(purl === undefined ? {} : {externalRefs: [purlReference(purl)]}),
	};
}

function purlReference(purl: string): Member {
	return {referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl};
}

/** `NAME <ADDRESS>` becomes `Person: NAME (ADDRESS)`; the vendor of an rpm is an organization. */
function supplierOf({type, supplier}: FoundPackage): string {
	const text = supplier?.replaceAll(/\s+/gv, ' ').trim() ?? '';
	if (text === '') return 'NOASSERTION';
	const [, name = text, address] = /^(.*?)\s*<([^<>]+)>$/v.exec(text) ?? [];
	const shown = name === '' ? (address ?? '') : name;
	return `${type === 'rpm' ? 'Organization' : 'Person'}: ${shown}${address === undefined || name === '' ? '' : ` (${address})`}`;
}

function layerId(index: number): string {
	return `SPDXRef-Layer-${index}`;
}

/** Letters, digits, `.` and `-` only; the digest keeps apart what looks alike then. */
function packageId({type, name, version = '', architecture = '', epoch = 0, path, layer}: FoundPackage): string {
	const digest = sha256([type, name, version, architecture, epoch, path, layer].join('\0'));
	return `SPDXRef-Package-${type}-${name.slice(0, 100).replaceAll(/[^A-Za-z0-9.\-]/gv, '-')}-${hexOf(digest).slice(0, 16)}`;
}

/** Licence texts of a document that are no SPDX expressions, each under a name of its own. */
class LicenceTexts {
	readonly #names = new Map<string, Member>();

	get members(): readonly Member[] {
		return [...this.#names.values()];
	}

	/** An expression; what is none in it stands under its name. */
	expression({licences: declared, type}: FoundPackage): string {
		const parts = licencesOf(declared, type).map((licence) => ('text' in licence ? this.#reference(licence.text) : licence.expression));
		// Names that somebody else gave have to be defined as well (SPDX 2.3, 10.1); what they stand for is not in the image's databases.
		for (const [name] of parts.join(' ').matchAll(/LicenseRef-[A-Za-z0-9.\-]+/gv)) this.#define(name, name);
		return parts.length === 0 ? 'NOASSERTION' : allOf(parts);
	}

	#reference(text: string): string {
		const words = text.slice(0, 40).replaceAll(/[^A-Za-z0-9.]+/gv, '-');
		const name = `LicenseRef-${words.replaceAll(/^-+|-+$/gv, '')}-${hexOf(sha256(text)).slice(0, 12)}`;
		this.#define(name, text);
		return name;
	}

	#define(name: string, text: string): void {
		if (!this.#names.has(name)) this.#names.set(name, {licenseId: name, name: text, extractedText: text});
	}
}
