import {readFileSync} from 'node:fs';
import type {ComparedCase} from './compare-cases.ts';

/** What a peer cannot do. */
export interface UnknownFeature {
	readonly name: string;
	/** How a Boxfile shows that it needs it. */
	readonly use: RegExp;
	/** What the peer says then; none where it does not refuse but do harm, so that it is never given the Boxfile. */
	readonly refusal?: RegExp;
}

/** What buildah 1.28 cannot do. */
export const unknownToBuildah: readonly UnknownFeature[] = [
	// It cannot unmount there what it made in the step, and deletes what it finds in it: files of the context or of the base.
	{name: 'RUN --mount with chroot isolation', use: /^RUN --mount/mv},
	{name: 'RUN --network', use: /^RUN --network/mv, refusal: /RUN only supports the --mount flag/v},
];

/** What the BuildKit of dockerd 20.10 does not know. */
export const unknownToBuildkit: readonly UnknownFeature[] = [
	{name: 'heredocs', use: /^(?:RUN|COPY|ADD) .*<<-?["']?\w/mv, refusal: /unknown instruction/v},
	{
		name: '${N-word}, ${N+word}, ${N?word} and patterns',
		use: /^(?!RUN|CMD|ENTRYPOINT).*\$\{\w+[\-+?#%\/]/mv,
		refusal: /missing ':' in substitution/v,
	},
	{name: 'RUN --network', use: /^RUN --network/mv, refusal: /Unknown flag: network/v},
];

/** The first of the features that a case needs. */
export function unknownFeature({boxfile}: ComparedCase, features: readonly UnknownFeature[]): UnknownFeature | undefined {
	const text = readFileSync(boxfile, 'utf8');
	return features.find(({use}) => use.test(text));
}

/** Whether a peer that lacks the features is given the case at all. */
export function isTried(one: ComparedCase, features: readonly UnknownFeature[]): boolean {
	const feature = unknownFeature(one, features);
	return feature === undefined || feature.refusal !== undefined;
}
