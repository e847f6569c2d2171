import {linkOwnerXattr, type OwnerMark, ownerXattr, parseOwnerMark, unpackLinkOwner} from '../core/owner-mark.ts';
import {getXattr, listXattrs, removeXattr} from '../host/xattr.ts';

const overlay = 'user.overlay.';
const escaped = 'user.overlay.overlay.';
const bookkeeping =
	/^(?:user|trusted)\.overlay\.(?!overlay\.)|^(?:user|trusted)\.fuseoverlayfs\.|^user\.containers\.override_|^user\.rootlesscontainers$/v;

/** What a file's xattrs are: those a layer carries, and those that only the overlay or this program uses. */
export interface XattrView {
	/** Name as a program in the image sees it, value as latin1 bytes; undefined when there are none. */
	readonly carried: Readonly<Record<string, string>> | undefined;
	/** Names on disk of the overlay's and fuse-overlayfs' own. */
	readonly bookkeeping: readonly string[];
	/** Whose it is, where the kernel cannot be told. */
	readonly owner: OwnerMark | undefined;
}

const nothing: XattrView = {carried: undefined, bookkeeping: [], owner: undefined};

/** Reads the xattrs of a file of an upperdir, a layer directory or a merged view; a symlink's own. */
export function readXattrs(path: Buffer): XattrView {
	const names = listXattrs(path);
	if (names.length === 0) return nothing;
	let carried: Record<string, string> | undefined;
	let owner: OwnerMark | undefined;
	const own: string[] = [];
	for (const name of names.sort()) {
		if (name === ownerXattr) owner = parseOwnerMark(getXattr(path, name));
		else if (bookkeeping.test(name)) own.push(name);
		else if (isCarried(name)) {
			const value = getXattr(path, name);
			const mark = name === linkOwnerXattr ? unpackLinkOwner(value) : undefined;
			owner ??= mark;
			// The kernel escapes the overlay's names that a program inside an overlay sets (Documentation/filesystems/overlayfs.rst, nesting).
			if (value !== undefined && mark === undefined)
				(carried ??= {})[name.startsWith(escaped) ? overlay + name.slice(escaped.length) : name] = value;
		}
	}
	return {carried, bookkeeping: own, owner};
}

/** Removes what the overlay noted for itself. */
export function stripBookkeeping(path: Buffer, view: XattrView): void {
	for (const name of view.bookkeeping) removeXattr(path, name);
}

/** The name under which an xattr of an archive is stored in a layer directory; undefined when layers do not carry it. */
export function storedXattrName(name: string): string | undefined {
	if (!isCarried(name) || name.includes('\0') || name.length > 255) return undefined;
	if (name.startsWith(overlay)) return escaped + name.slice(overlay.length);
	return bookkeeping.test(name) ? undefined : name;
}

/** The name that the overlay would store for one that a program has set. */
export function upperXattrName(name: string): string {
	return name.startsWith(overlay) ? escaped + name.slice(overlay.length) : name;
}

/** The name that a program in the image sees for one of a layer directory; undefined for the overlay's own. */
export function programXattrName(stored: string): string | undefined {
	if (stored.startsWith(escaped)) return overlay + stored.slice(escaped.length);
	return bookkeeping.test(stored) ? undefined : stored;
}

function isCarried(name: string): boolean {
	return name === 'security.capability' || (name.startsWith('user.') && !name.startsWith('user.boxbuild.'));
}

/** True when both carry the same. */
export function sameXattrs(a: XattrView['carried'], b: XattrView['carried']): boolean {
	const [left, right] = [Object.entries(a ?? {}), b ?? {}];
	return left.length === Object.keys(right).length && left.every(([name, value]) => right[name] === value);
}
