import type {ImageFacts} from './compare-image.ts';

/** What became of a case: an image, or what the builder said when it failed. */
export type CaseResult = {readonly facts: ImageFacts} | {readonly failure: string};

/** By the name of the case. */
export type CaseResults = ReadonlyMap<string, CaseResult>;

/** Another builder at work on the cases. */
export interface Peer {
	/** What boxbuild takes as `base`, once it is there. */
	readonly base: Promise<string>;
	readonly results: Promise<CaseResults>;
}
