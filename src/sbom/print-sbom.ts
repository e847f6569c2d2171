import type {Inventory} from './listed-package.ts';
import type {SbomSubject} from './sbom-subject.ts';

export type SbomFormat = 'spdx' | 'cyclonedx';

/** What tells the documents of a format. */
export const sbomFormats: Readonly<Record<SbomFormat, {readonly mediaType: string; readonly predicateType: string}>> = {
	spdx: {mediaType: 'application/spdx+json', predicateType: 'https://spdx.dev/Document'},
	cyclonedx: {mediaType: 'application/vnd.cyclonedx+json', predicateType: 'https://cyclonedx.org/bom'},
};

/** A document with the packages of an image: the same image, the same text. The format's library is loaded here. */
export async function printSbom(format: SbomFormat, subject: SbomSubject, inventory: Inventory): Promise<string> {
	if (format === 'spdx') return (await import('./spdx.ts')).printSpdx(subject, inventory);
	return (await import('./cyclonedx.ts')).printCycloneDx(subject, inventory);
}
