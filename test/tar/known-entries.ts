import type {RawPath} from '../../src/core/raw-path.ts';
import type {EntryType, TarEntry} from '../../src/tar/entry.ts';
import {member} from '../support/make-tar.ts';

/** One member per thing that is hard to write. */
export const hard = [
	member('file', 'plain', 'hello'),
	member('file', `${'d/'.repeat(60)}long`, 'x'),
	member('file', 'n\xe4me', 'non-ASCII'),
	member('file', 'new\nline', ''),
	member('file', 'mode0', 'secret', {mode: 0}),
	member('file', 'ids', '', {uid: 262_144, gid: 2_097_151}),
	member('file', 'more-ids', '', {uid: 2_097_152, gid: 4_294_967_294}),
	member('file', 'early', '', {mtime: -86_401}),
	member('file', 'late', '', {mtime: 4_294_967_296}),
	member('file', 'latest', '', {mtime: 8_589_934_592}),
	member('file', 'xattrs', '', {xattrs: {'security.capability': '\x01\0\0\x02\0 \0\0\0\0\0\0', 'user.b\xfc': '\xff\n='}}),
	member('directory', 'dir', '', {mode: 0o1777}),
	member('symlink', 'link', '../'.repeat(50)),
	member('hardlink', 'hard', 'plain'),
	member('fifo', 'fifo'),
	member('char', 'null', '', {device: {major: 1, minor: 3}}),
];

const types: readonly EntryType[] = ['file', 'directory', 'symlink', 'hardlink', 'fifo', 'char', 'block'];

/** 5000 entries in which every field takes ordinary values and those around its limits; always the same. */
export function* sample(): Generator<TarEntry> {
	let state = 1;
	const pick = <T>(choices: readonly [T, ...T[]]): T => {
		state = (state * 48_271) % 2_147_483_647;
		return choices[state % choices.length] ?? choices[0];
	};
	for (let count = 0; count < 5000; count++) {
		const type = types[count % types.length] ?? 'file';
		const lengths = [1, 2, 50, 98, 99, 100, 101, 155, 156, 255, 256, 300] as const;
		const text = pick(['n', 'n/', '\xe9', '\xff\xfe', '\n', ' ', '-', 'a b', '%'])
			.repeat(pick(lengths))
			.slice(0, pick(lengths))
			.replace(/\/$/v, 'x');
		const ids = [0, 1, 1000, 65_534, 262_143, 262_144, 2_097_151, 2_097_152, 4_294_967_294] as const;
		const isLink = type === 'symlink' || type === 'hardlink';
		yield {
			path: text as RawPath,
			type,
			mode: pick([0, 0o644, 0o755, 0o4755, 0o7777, 1]),
			uid: pick(ids),
			gid: pick(ids),
			size: type === 'file' ? pick([0, 1, 511, 512, 2 ** 31, 2 ** 33 - 1, 2 ** 33, 2 ** 50]) : 0,
			mtime: pick([0, 1, -1, 315_532_800, 2 ** 31 - 1, 2 ** 31, 2 ** 33 - 1, 2 ** 33, -(2 ** 40), 2 ** 40]),
			...(isLink ? {link: pick(['t', '../t', '\xe9', 'l'.repeat(100), 'l'.repeat(101)])} : {}),
			...(type === 'char' || type === 'block' ? {device: {major: pick([0, 1, 255, 262_144]), minor: pick([0, 3, 262_144])}} : {}),
			...(pick([true, false, false]) ? {xattrs: {'user.b': pick(['', '\0\xff\n=']), 'user.a': 'x'}} : {}),
		};
	}
}
