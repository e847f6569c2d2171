/** A file that a tool's tree has otherwise than the image, and why that is the tool's doing. */
export interface KnownDifference {
	readonly path: string;
	/** `missing`, `extra`, or the columns of the listing that differ, by name. */
	readonly what: string;
	readonly why: string;
}

/** By tool; a difference that is not here, and one here that does not show, fail the test. */
export const knownDifferences: Readonly<Record<string, readonly KnownDifference[]>> = {};
