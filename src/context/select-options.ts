import type {IgnoreRules} from './ignore-rules.ts';

/** What of a source is taken, as the flags of COPY and ADD say it. */
export interface SelectFlags {
	/** Patterns of `--exclude`. */
	readonly exclude?: readonly string[];
	/** `--parents`: the path below the root, or below a `/./` in the pattern, is kept. */
	readonly parents?: boolean;
}

export interface SelectOptions extends SelectFlags {
	readonly ignore?: IgnoreRules;
	/** Owners as they are (file systems of stages); otherwise 0:0. */
	readonly keepIds?: boolean;
	/** How many files may be looked at: one more throws TooManyFiles. */
	readonly most?: number;
	/** The tree as people say it; `the build context` when absent. */
	readonly place?: string;
}
