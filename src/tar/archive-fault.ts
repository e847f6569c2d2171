/** What can be wrong with an archive; the words for people are in diagnostics/archive.ts. */
export type ArchiveFaultKind =
	| 'truncated'
	| 'checksum'
	| 'header'
	| 'pax'
	| 'unknown-type'
	| 'sparse'
	| 'escape'
	| 'name'
	| 'whiteout'
	| 'link'
	| 'parent'
	| 'too-many'
	| 'too-large'
	| 'header-too-large'
	| 'too-deep';

/** Thrown by the reader for an archive that it refuses: the kind, the entry (bytes as latin1) and what was found. */
export class ArchiveFault extends Error {
	override readonly name = 'ArchiveFault';
	readonly kind: ArchiveFaultKind;
	readonly entry: string | undefined;
	readonly detail: string | undefined;

	constructor(kind: ArchiveFaultKind, facts: {readonly entry?: string | undefined; readonly detail?: string | undefined} = {}) {
		super(`${kind}${facts.entry === undefined ? '' : ` at ${facts.entry}`}${facts.detail === undefined ? '' : `: ${facts.detail}`}`);
		this.kind = kind;
		this.entry = facts.entry;
		this.detail = facts.detail;
	}
}
