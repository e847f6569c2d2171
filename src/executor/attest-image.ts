import type {Referrer} from '../exporters/exporter.ts';
import {artifactDescriptor, emptyConfig, makeArtifact} from '../oci/artifact.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import {predicateTypeAnnotation, printStatement, statementMediaType} from '../provenance/statement.ts';
import {printProvenance, provenancePredicate} from '../provenance/print-provenance.ts';
import type {ProvenanceInput} from '../provenance/provenance.ts';
import {printSbom, type SbomFormat, sbomFormats} from '../sbom/print-sbom.ts';
import type {Inventory} from '../sbom/listed-package.ts';
import type {SbomSubject} from '../sbom/sbom-subject.ts';
import type {Json} from '../core/canonical-json.ts';
import type {Store} from '../store/open-store.ts';

/** What is said of an image: the document itself, and as a statement about the image's manifest. */
export interface Attestation {
	readonly predicateType: string;
	/** The document as people and scanners read it. */
	readonly document: string;
	/** An in-toto statement; of a provenance it is the document. */
	readonly statement: string;
}

export async function sbomAttestation(
	format: SbomFormat,
	about: {readonly subject: SbomSubject; readonly names: readonly string[]; readonly inventory: Inventory},
): Promise<Attestation> {
	const {subject, names, inventory} = about;
	const document = await printSbom(format, subject, inventory);
	const {predicateType} = sbomFormats[format];
	const statement = printStatement({digest: subject.digest, names, predicateType, predicate: JSON.parse(document) as Json});
	return {predicateType, document, statement};
}

export function provenanceAttestation(input: ProvenanceInput): Attestation {
	const statement = printProvenance(input);
	return {predicateType: provenancePredicate, document: statement, statement};
}

/** Puts an attestation into the store as an artifact about the image's manifest; the same one has the same digest. */
export function storeReferrer(store: Store, subject: Descriptor, {predicateType, statement}: Attestation): Referrer {
	const annotations = {[predicateTypeAnnotation]: predicateType};
	const blob = {mediaType: statementMediaType, ...store.blobs.putBytes(statement), annotations};
	store.blobs.putBytes(emptyConfig.bytes);
	const {mediaType, digest, size} = emptyConfig;
	const artifact = {artifactType: statementMediaType, blobs: [blob], subject, annotations};
	const bytes = makeArtifact(artifact);
	store.blobs.putBytes(bytes);
	return {manifest: artifactDescriptor(bytes, artifact), blobs: [{mediaType, digest, size}, blob]};
}
