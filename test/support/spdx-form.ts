import {Ajv} from 'ajv';

const text = {type: 'string'};
const record = (required: readonly string[], properties: Readonly<Record<string, object>>): object => ({
	type: 'object',
	required: [...required],
	properties: {...properties},
	additionalProperties: false,
});
const one = (...values: readonly string[]): object => ({enum: [...values]});
const list = (items: object): object => ({type: 'array', items});
const id = {type: 'string', pattern: '^SPDXRef-[A-Za-z0-9.-]+$'};
const time = {type: 'string', pattern: String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`};
const agent = String.raw`(?:Person|Organization): [^\n]+`;

const checksum = record(['algorithm', 'checksumValue'], {
	algorithm: one('SHA256'),
	checksumValue: {type: 'string', pattern: '^[0-9a-f]{64}$'},
});
const reference = record(['referenceCategory', 'referenceType', 'referenceLocator'], {
	referenceCategory: one('OTHER', 'PERSISTENT-ID', 'SECURITY', 'PACKAGE-MANAGER'),
	referenceType: one('purl'),
	referenceLocator: {type: 'string', pattern: String.raw`^pkg:[a-z]+/\S+$`},
});
const purposes = 'OTHER INSTALL ARCHIVE FIRMWARE APPLICATION FRAMEWORK LIBRARY CONTAINER SOURCE DEVICE OPERATING_SYSTEM FILE';
const member = record(['SPDXID', 'name', 'downloadLocation'], {
	SPDXID: id,
	name: text,
	versionInfo: text,
	primaryPackagePurpose: one(...purposes.split(' ')),
	downloadLocation: one('NOASSERTION'),
	filesAnalyzed: {const: false},
	licenseConcluded: one('NOASSERTION'),
	licenseDeclared: text,
	copyrightText: one('NOASSERTION'),
	supplier: {type: 'string', pattern: `^(?:NOASSERTION|${agent})$`},
	sourceInfo: text,
	description: text,
	comment: text,
	checksums: list(checksum),
	externalRefs: list(reference),
});
const annotation = record(['annotationDate', 'annotationType', 'annotator', 'comment'], {
	annotationDate: time,
	annotationType: one('OTHER', 'REVIEW'),
	annotator: {type: 'string', pattern: '^Tool: .+$'},
	comment: text,
});

/** What of the JSON form of SPDX 2.3 (spdx-spec, schemas) our documents use: members, required ones, enumerations, forms of texts. */
const form = record(['spdxVersion', 'dataLicense', 'SPDXID', 'name', 'documentNamespace', 'creationInfo', 'packages', 'relationships'], {
	spdxVersion: one('SPDX-2.3'),
	dataLicense: one('CC0-1.0'),
	SPDXID: one('SPDXRef-DOCUMENT'),
	name: text,
	documentNamespace: {type: 'string', pattern: String.raw`^https://[^\s#]+$`},
	creationInfo: record(['created', 'creators'], {
		created: time,
		creators: {...list({type: 'string', pattern: '^Tool: .+-.+$'}), minItems: 1},
	}),
	packages: list(member),
	relationships: list(
		record(['spdxElementId', 'relationshipType', 'relatedSpdxElement'], {
			spdxElementId: id,
			relationshipType: one('DESCRIBES', 'CONTAINS'),
			relatedSpdxElement: id,
		}),
	),
	hasExtractedLicensingInfos: list(
		record(['licenseId', 'extractedText'], {
			licenseId: {type: 'string', pattern: '^LicenseRef-[A-Za-z0-9.-]+$'},
			name: text,
			extractedText: {type: 'string', minLength: 1},
		}),
	),
	annotations: list(annotation),
});

const validate = new Ajv({strict: true, allErrors: true}).compile(form);

/** What in a document is not as SPDX 2.3 has it; empty: nothing. */
export function spdxFaults(document: unknown): readonly string[] {
	validate(document);
	return (validate.errors ?? []).map(({instancePath, message}) => `${instancePath} ${message}`);
}
