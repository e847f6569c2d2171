import type {Diagnostic} from './diagnostic.ts';

/** A file that tells of packages and cannot be read in full; `layer` counts from the bottom, 0. */
export interface UnreadablePackages {
	readonly path: string;
	readonly layer: number;
	readonly diffId: string;
	readonly problem: string;
}

/** A database of packages: it may have listed anything, so there is no list of packages. */
export function sbomDatabaseUnreadable({path, layer, diffId, problem}: UnreadablePackages): Diagnostic {
	return {
		code: 'sbom/unreadable-database',
		severity: 'error',
		message: `the package database \`/${path}\` of the image cannot be read`,
		because: [problem, `it is in layer ${layer}, \`${diffId}\``],
		help: ['make the image again with a sound database, or delete the database in a step when the image is not meant to have one'],
		data: {path, layer, diffId},
	};
}

/** One package, or something about it: the document says the same. */
export function sbomIncomplete({path, layer, diffId, problem}: UnreadablePackages): Diagnostic {
	return {
		code: 'sbom/incomplete',
		severity: 'warning',
		message: `packages may be missing: \`/${path}\` cannot be read in full`,
		because: [problem, `it is in layer ${layer}, \`${diffId}\``],
		help: ['the document has a note about it: look there at what the file is'],
		data: {path, layer, diffId},
	};
}
