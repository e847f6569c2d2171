import {ComponentType, HashAlgorithm} from '@cyclonedx/cyclonedx-library/Enums';
import {
	Bom,
	Component,
	HashDictionary,
	type License,
	LicenseExpression,
	LicenseRepository,
	Metadata,
	NamedLicense,
	OrganizationalEntity,
	Property,
	PropertyRepository,
	SpdxLicense,
	Tools,
	ComponentRepository,
} from '@cyclonedx/cyclonedx-library/Models';
import {JSON as CycloneDxJson, JsonSerializer} from '@cyclonedx/cyclonedx-library/Serialize';
import {isSupportedSpdxId} from '@cyclonedx/cyclonedx-library/SPDX';
import {Spec1dot6} from '@cyclonedx/cyclonedx-library/Spec';
import {hexOf} from '../core/digest.ts';
import {programVersion} from '../core/program-version.ts';
import {textOf} from '../core/raw-path.ts';
import {allOf, licencesOf} from './licence.ts';
import type {FoundPackage, Inventory} from './listed-package.ts';
import {imagePurl, purlOf} from './purl.ts';
import {documentUuid, incompleteText, type SbomSubject, shortName} from './sbom-subject.ts';

/**
 * The packages of an image as a CycloneDX 1.6 document; the layer that brought a component is among its properties. The same image gives
 * the same bytes.
 */
export function printCycloneDx(subject: SbomSubject, inventory: Inventory): string {
	const name = shortName(subject);
	const bom = new Bom({
		serialNumber: `urn:uuid:${documentUuid('cyclonedx-1.6', subject, inventory)}`,
		metadata: new Metadata({
			timestamp: new Date(subject.created * 1000),
			tools: new Tools({
				components: new ComponentRepository([new Component(ComponentType.Application, 'boxbuild', {version: programVersion})]),
			}),
			component: new Component(ComponentType.Container, subject.name, {
				bomRef: 'image',
				version: subject.digest,
				purl: imagePurl(name, subject.digest),
				hashes: new HashDictionary([[HashAlgorithm['SHA-256'], hexOf(subject.digest)]]),
				properties: properties(inventory.layers.map((diffId, index) => [`boxbuild:layer:${index}`, diffId])),
			}),
			properties: properties(inventory.problems.map((problem) => ['boxbuild:incomplete', incompleteText(problem)])),
		}),
		components: new ComponentRepository([
			...systemComponents(inventory),
			...inventory.packages.map((found, index) => componentOf(found, index, inventory)),
		]),
	});
	const serializer = new JsonSerializer(new CycloneDxJson.Normalize.Factory(Spec1dot6));
	return `${serializer.serialize(bom, {sortLists: true, space: 2})}\n`;
}

function properties(pairs: readonly (readonly [name: string, value: string])[]): PropertyRepository {
	return new PropertyRepository(pairs.map(([name, value]) => new Property(name, value)));
}

function systemComponents({distribution}: Inventory): readonly Component[] {
	if (distribution === undefined) return [];
	const {id, versionId, prettyName} = distribution;
	return [
		new Component(ComponentType.OperatingSystem, id, {
			bomRef: 'operating-system',
			...(versionId === undefined ? {} : {version: versionId}),
			...(prettyName === undefined ? {} : {description: prettyName}),
		}),
	];
}

function componentOf(found: FoundPackage, index: number, {distribution}: Inventory): Component {
	const {name, version, architecture, source, supplier, path, layer, diffId} = found;
	const purl = purlOf(found, distribution);
	return new Component(ComponentType.Library, name, {
		// Names of one document only; a purl can be there twice.
		bomRef: `package-${index}`,
		...(version === undefined ? {} : {version}),
		...(purl === undefined ? {} : {purl}),
		...(supplier === undefined ? {} : {supplier: new OrganizationalEntity({name: supplier})}),
		licenses: new LicenseRepository(licencesOfComponent(found)),
		properties: properties([
			['boxbuild:layer:diffId', diffId],
			['boxbuild:layer:index', String(layer)],
			['boxbuild:path', `/${textOf(path)}`],
			['boxbuild:package:type', found.type],
			...(architecture === undefined ? [] : [['boxbuild:package:architecture', architecture] as const]),
			...(source === undefined ? [] : [['boxbuild:package:source', [source.name, source.version ?? ''].join(' ').trim()] as const]),
		]),
	});
}

/** An expression stands alone; several licences are identifiers and names (CycloneDX 1.6, licenses). */
function licencesOfComponent({licences: declared, type}: FoundPackage): readonly License[] {
	const licences = licencesOf(declared, type);
	const expressions = licences.flatMap((licence) => ('expression' in licence ? licence.expression : []));
	if (licences.length > 0 && expressions.length === licences.length) {
		const expression = allOf(expressions);
		return [isSupportedSpdxId(expression) ? new SpdxLicense(expression) : new LicenseExpression(expression)];
	}
	return licences.map((licence) => {
		const text = 'text' in licence ? licence.text : licence.expression;
		return isSupportedSpdxId(text) ? new SpdxLicense(text) : new NamedLicense(text);
	});
}
