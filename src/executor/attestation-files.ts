import {BuildError} from '../diagnostics/build-error.ts';
import {exportFailed} from '../diagnostics/export.ts';
import {errnoOf} from '../host/errno.ts';
import {writeOutput} from '../host/write-output.ts';
import type {WantedAttestation} from './attestations.ts';

/** Writes documents to the files that were asked for; `platform` (`linux_arm64`) goes before the extension when it is not empty. */
export async function writeAttestations(attestations: readonly WantedAttestation[], platform: string): Promise<void> {
	for (const {document, destination} of attestations) {
		if (destination === undefined) continue;
		const path = platform === '' ? destination : destination.replace(/(?<extension>\.[^.\/]*)?$/v, `.${platform}$<extension>`);
		try {
			await writeOutput(path, bytesOf(document));
		} catch (error) {
			if (errnoOf(error) === '') throw error;
			throw new BuildError(exportFailed(path, errnoOf(error)), {cause: error});
		}
	}
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
	yield Buffer.from(text);
}
