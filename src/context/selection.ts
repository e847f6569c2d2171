import type {TreeEntry, TreeItem} from '../core/tree-entry.ts';

/** What tells whether a file has changed without reading it; times in milliseconds with their fraction. */
export interface FileStamp {
	readonly dev: number;
	readonly ino: number;
	readonly mtimeMs: number;
	readonly ctimeMs: number;
}

export interface SelectedEntry extends TreeEntry {
	readonly stamp: FileStamp;
}

export interface SelectedItem extends TreeItem {
	readonly entries: readonly SelectedEntry[];
}
