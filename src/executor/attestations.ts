import type {Descriptor} from '../oci/descriptor.ts';
import type {ProvenanceMode} from '../provenance/provenance.ts';
import type {Inventory} from '../sbom/listed-package.ts';
import type {SbomFormat} from '../sbom/print-sbom.ts';
import type {AssembledImage} from './assemble-image.ts';
import type {Attestation} from './attest-image.ts';
import type {BuildSession} from './build-session.ts';
import type {FinishedBuild} from './provenance-of.ts';

/** What is to be said of the images of a build. */
export interface AttestationRequest {
	readonly sbom?: {
		readonly format: SbomFormat;
		/** Absolute path of a file that gets the document as well. */
		readonly destination?: string;
	};
	readonly provenance?: {
		readonly mode: ProvenanceMode;
		/** URI of who runs the builder. */
		readonly builderId?: string;
		/** Absolute path of a file that gets the statement as well. */
		readonly destination?: string;
	};
}

/** An attestation and the file that gets its document. */
export interface WantedAttestation extends Attestation {
	readonly destination?: string;
}

/** Says what was asked for of a manifest: that of an output differs from the store's by the compression of its layers. */
export type Attest = (manifest: Descriptor) => Promise<readonly WantedAttestation[]>;

/** Finds out once what does not depend on the manifest. */
export async function prepareAttestations(
	{sbom, provenance}: AttestationRequest,
	image: AssembledImage,
	{build, session}: {readonly build: FinishedBuild; readonly session: BuildSession},
): Promise<Attest> {
	const {provenanceOf} = await import('./provenance-of.ts');
	const {provenanceAttestation, sbomAttestation} = await import('./attest-image.ts');
	const input = await provenanceOf(build, provenance ?? {mode: 'min'});
	const inventory = sbom === undefined ? undefined : await takeInventory(image, session);
	const {tags, epoch} = session.request;
	return async ({digest}) => {
		const found: WantedAttestation[] = [];
		if (sbom !== undefined && inventory !== undefined) {
			const subject = {name: tags[0] ?? digest, digest, created: epoch.seconds};
			found.push({...(await sbomAttestation(sbom.format, {subject, names: input.names, inventory})), ...destinationOf(sbom)});
		}
		if (provenance !== undefined) found.push({...provenanceAttestation({...input, digest}), ...destinationOf(provenance)});
		return found;
	};
}

async function takeInventory({layers}: AssembledImage, session: BuildSession): Promise<Inventory> {
	const {imagePackages} = await import('./image-packages.ts');
	const known = layers.map(({diffId, blob}) => ({diffId, ...(blob === undefined ? {} : {blob})}));
	const {inventory, warnings} = await imagePackages(session.store, known, () => session.worker());
	session.events.warned(warnings);
	return inventory;
}

function destinationOf({destination}: {readonly destination?: string}): {readonly destination?: string} {
	return destination === undefined ? {} : {destination};
}
