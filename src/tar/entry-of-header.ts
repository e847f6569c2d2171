import type {RawPath} from '../core/raw-path.ts';
import {ArchiveFault} from './archive-fault.ts';
import type {EntryType, TarEntry} from './entry.ts';
import type {RawHeader} from './read-header.ts';
import type {ReadLimits} from './read-limits.ts';
import {whiteoutPrefix} from './whiteout.ts';

/** Records that stood before a header and belong to it. */
export interface Extensions {
	/** GNU long name (type L) and long link (type K). */
	readonly name?: string;
	readonly link?: string;
	readonly pax?: ReadonlyMap<string, string>;
	readonly global?: ReadonlyMap<string, string>;
}

export interface MadeEntry {
	readonly entry: TarEntry;
	/** Bytes that follow the header in the archive (more or less than the entry's content for sparse files). */
	readonly stored: number;
	readonly pax: ReadonlyMap<string, string>;
}

const types = new Map<string, EntryType>([
	['0', 'file'],
	['7', 'file'],
	['S', 'file'],
	['1', 'hardlink'],
	['2', 'symlink'],
	['3', 'char'],
	['4', 'block'],
	['5', 'directory'],
	['D', 'directory'],
	['6', 'fifo'],
]);
const xattrPrefixes = ['SCHILY.xattr.', 'LIBARCHIVE.xattr.'];

/** The entry that a header and its records describe. Throws ArchiveFault for names that leave the root and for types nobody knows. */
export function entryOf(header: RawHeader, extensions: Extensions, limits: ReadLimits): MadeEntry {
	const pax = new Map([...(extensions.global ?? []), ...(extensions.pax ?? [])]);
	const name = pax.get('GNU.sparse.name') ?? (pax.get('path') || extensions.name) ?? header.name;
	const link = (pax.get('linkpath') || extensions.link) ?? header.link;
	const path = cleanPath(name, limits);
	const known = types.get(header.flag);
	if (known === undefined) throw new ArchiveFault('unknown-type', {entry: name, detail: header.flag});
	// Archives of before 1988 have no type for directories.
	const type = known === 'file' && name.endsWith('/') ? 'directory' : known;
	const size = number(pax, 'size', name) ?? header.size;
	// Go's archive/tar (Docker, containerd) takes no content after these types whatever their size says.
	const stored = '123456'.includes(header.flag) ? 0 : size;
	const isLink = type === 'symlink' || type === 'hardlink';
	if (isLink && (link === '' || link.includes('\0'))) throw new ArchiveFault('link', {entry: name, detail: link});
	const xattrs = xattrsOf(pax);
	return {
		pax,
		stored,
		entry: {
			path,
			type,
			mode: header.mode & 0o7777,
			uid: id(number(pax, 'uid', name) ?? header.uid, name),
			gid: id(number(pax, 'gid', name) ?? header.gid, name),
			size: type === 'file' ? stored : 0,
			mtime: number(pax, 'mtime', name) ?? header.mtime,
			...(isLink ? {link} : {}),
			...(type === 'char' || type === 'block' ? {device: {major: header.major, minor: header.minor}} : {}),
			...(xattrs === undefined ? {} : {xattrs}),
		},
	};
}

/** Without leading `/`, `.` and doubled `/`. Throws ArchiveFault for `..`, NUL and paths of too many components. */
function cleanPath(name: string, limits: ReadLimits): RawPath {
	if (name.includes('\0')) throw new ArchiveFault('name', {entry: name});
	const parts = name.split('/').filter((part) => part !== '' && part !== '.');
	if (parts.includes('..')) throw new ArchiveFault('escape', {entry: name});
	if (parts.length > limits.depth) throw new ArchiveFault('too-deep', {entry: name, detail: `${limits.depth}`});
	// A whiteout is longer than the name that it deletes.
	if (parts.some((part) => part.length > (part.startsWith(whiteoutPrefix) ? 255 + whiteoutPrefix.length : 255)))
		throw new ArchiveFault('name', {entry: name});
	return parts.join('/') as RawPath;
}

function number(pax: ReadonlyMap<string, string>, key: string, entry: string): number | undefined {
	const text = pax.get(key);
	if (text === undefined || text === '') return undefined;
	const value = /^-?\d+(?:\.\d*)?$/v.test(text) ? Math.floor(Number(text)) : Number.NaN;
	if (!Number.isSafeInteger(value) || (key === 'size' && value < 0)) throw new ArchiveFault('pax', {entry, detail: key});
	return value;
}

/** 2^32 - 1 means "no change" to the kernel, so it is nobody's id. */
function id(value: number, entry: string): number {
	if (value < 0 || value > 0xfffffffe) throw new ArchiveFault('header', {entry, detail: 'id'});
	return value;
}

function xattrsOf(pax: ReadonlyMap<string, string>): Record<string, string> | undefined {
	let found: Record<string, string> | undefined;
	for (const [key, value] of pax) {
		const prefix = xattrPrefixes.find((candidate) => key.startsWith(candidate));
		if (prefix === undefined) continue;
		found ??= {};
		// libarchive's values are base64 and its names URL-encoded; SCHILY's are plain and win.
		const name = prefix === 'SCHILY.xattr.' ? key.slice(prefix.length) : decodePercent(key.slice(prefix.length));
		if (prefix === 'SCHILY.xattr.') found[name] = value;
		else if (!pax.has(`SCHILY.xattr.${name}`)) found[name] = Buffer.from(value, 'base64').toString('latin1');
	}
	return found;
}

function decodePercent(text: string): string {
	return text.replaceAll(/%([0-9A-Fa-f]{2})/gv, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
