/** Something that a test needs of the machine or of the user who runs it. */
export interface Requirement {
	readonly holds: boolean;
	/** Why it does not hold, in a few words; empty when it does. */
	readonly why: string;
	/** What to do about it. */
	readonly remedy: string;
	/** This user or machine can never meet it, so that skipping is right even where everything else is installed. */
	readonly never: boolean;
}

/** A requirement that holds. */
export const met: Requirement = {holds: true, why: '', remedy: '', never: false};

/** A requirement that does not hold but could. */
export function missing(why: string, remedy: string): Requirement {
	return {holds: false, why, remedy, never: false};
}

/** A requirement that this user or machine can never meet. */
export function never(why: string, remedy: string): Requirement {
	return {holds: false, why, remedy, never: true};
}
