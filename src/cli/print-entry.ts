import type {Json} from '../core/canonical-json.ts';
import {type RawPath, rawOf, textOf} from '../core/raw-path.ts';
import {plainLine} from '../diagnostics/plain-text.ts';
import type {TarEntry} from '../tar/entry.ts';

const letters: Readonly<Record<TarEntry['type'], string>> = {
	file: '-',
	directory: 'd',
	symlink: 'l',
	hardlink: 'h',
	fifo: 'p',
	char: 'c',
	block: 'b',
};

/** One line as `tar tv` prints it; devices have their numbers in place of a size. */
export function entryRow({type, mode, uid, gid, size, mtime, path, link, device}: TarEntry): string {
	const time = new Date(mtime * 1000).toISOString().slice(0, 19).replace('T', ' ');
	const target = link === undefined ? '' : ` ${type === 'hardlink' ? 'link to' : '->'} ${pathText(link as RawPath)}`;
	const amount = device === undefined ? String(size) : `${device.major},${device.minor}`;
	return `${letters[type]}${permissions(mode)} ${uid}/${gid} ${amount.padStart(10)} ${time} ${pathText(path)}${target}\n`;
}

/** An entry for programs. Paths are text; one that is not UTF-8 comes as base64 of its bytes besides. Values of xattrs are base64. */
export function entryDocument({path, link, xattrs, ...rest}: TarEntry): Readonly<Record<string, Json>> {
	return {
		...pathDocument('path', path),
		...(rest as unknown as Readonly<Record<string, Json>>),
		...(link === undefined ? {} : pathDocument('link', link as RawPath)),
		...(xattrs === undefined ? {} : {xattrs: xattrDocument(xattrs)}),
	};
}

export function xattrDocument(xattrs: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
	return Object.fromEntries(
		Object.keys(xattrs)
			.sort()
			.map((name) => [textOf(name as RawPath), Buffer.from(xattrs[name] ?? '', 'latin1').toString('base64')]),
	);
}

/** `{path}`, and `{pathBytes}` when it is not UTF-8. */
export function pathDocument(name: string, path: RawPath): Readonly<Record<string, string>> {
	const text = textOf(path);
	return {[name]: text, ...(rawOf(text) === path ? {} : {[`${name}Bytes`]: Buffer.from(path, 'latin1').toString('base64')})};
}

/** A path for people, on one line. */
export function pathText(path: RawPath): string {
	return plainLine(textOf(path));
}

/** `rwsr-xr-x`. */
export function permissions(mode: number): string {
	const plain = ['r', 'w', 'x', 'r', 'w', 'x', 'r', 'w', 'x'].map((letter, index) => ((mode >> (8 - index)) & 1 ? letter : '-'));
	for (const [bit, position, letter] of [
		[0o4000, 2, 's'],
		[0o2000, 5, 's'],
		[0o1000, 8, 't'],
	] as const) {
		if ((mode & bit) !== 0) plain[position] = plain[position] === '-' ? letter.toUpperCase() : letter;
	}
	return plain.join('');
}
