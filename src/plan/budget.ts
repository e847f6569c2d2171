import type {Span} from '../core/source.ts';

/** What an image may hold at most; `span` is the flag that says so. */
export type Budget =
	/** The sum of the layers' uncompressed tars. */
	| {readonly kind: 'size'; readonly bytes: number; readonly text: string; readonly span: Span}
	/** No regular file runs with another user's or group's rights. */
	| {readonly kind: 'setuid'; readonly span: Span}
	/** Nothing is where `pattern` (moby/patternmatcher, bytes as latin1, relative to the root) matches. */
	| {readonly kind: 'path'; readonly pattern: string; readonly text: string; readonly span: Span};
