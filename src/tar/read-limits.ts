/** What an archive may cost before it is refused. */
export interface ReadLimits {
	readonly entries: number;
	/** Bytes of one PAX header or GNU long name. */
	readonly headerBytes: number;
	/** Bytes of all contents together. */
	readonly contentBytes: number;
	/** Components of one path. */
	readonly depth: number;
}

/** Above every known image, below what harms a machine. */
export const usualLimits: ReadLimits = {
	entries: 10_000_000,
	// Room for the largest xattr (64 KiB) a few times over.
	headerBytes: 1 << 20,
	contentBytes: 2 ** 40,
	depth: 2048,
};
