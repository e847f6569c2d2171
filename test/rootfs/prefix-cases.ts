import {type Member, member} from '../support/make-tar.ts';

/** An archive that ADD unpacks into a directory of the image: the layer (type, path, time, link), or what the archive is refused for. */
export interface PrefixCase {
	readonly name: string;
	readonly lower?: string;
	readonly members: readonly Member[];
	readonly prefix: string;
	readonly expected: readonly string[] | string;
}

export const prefixCases: readonly PrefixCase[] = [
	{
		name: 'into a new directory',
		members: [member('file', 'f', 'x')],
		prefix: 'a/b',
		expected: ['directory a 9', 'directory a/b 9', 'file a/b/f 1000'],
	},
	{name: 'nothing makes the directory', members: [], prefix: 'a', expected: ['directory a 9']},
	{
		name: 'into the root',
		members: [member('directory', './'), member('file', 'f', 'x')],
		prefix: '',
		expected: ['file f 1000'],
	},
	{
		name: 'through symlinks of the image, which cannot leave it',
		lower: 'mkdir real; ln -s real one; ln -s ../../one two',
		members: [member('file', 'f', 'x')],
		prefix: 'two/sub',
		expected: ['directory real 5', 'directory real/sub 9', 'file real/sub/f 1000'],
	},
	{
		name: "through a symlink of the archive's own",
		members: [
			member('directory', 'd'),
			member('symlink', 'l', 'd'),
			member('file', 'l/f', 'x'),
			member('symlink', 'up', '../../..'),
			member('file', 'up/g', 'y'),
		],
		prefix: 'a',
		expected: ['directory a 9', 'directory a/d 1000', 'file a/d/f 1000', 'symlink a/l 1000 d', 'symlink a/up 1000 ../../..', 'file g 1000'],
	},
	{
		name: 'hard links are names inside the archive',
		lower: 'echo 1 > f',
		members: [member('file', 'f', 'x'), member('hardlink', 'h', 'f')],
		prefix: 'a',
		expected: ['directory a 9', 'file a/f 1000', 'hardlink a/h 1000 a/f'],
	},
	{
		name: 'a hard link to a file of the image below the destination copies it',
		lower: 'mkdir a; echo 1 > a/old',
		members: [member('hardlink', 'h', 'old')],
		prefix: 'a',
		expected: ['directory a 5', 'file a/h 5'],
	},
	{name: 'a hard link to nothing', members: [member('hardlink', 'h', 'f')], prefix: 'a', expected: 'link'},
	{name: 'a whiteout is no deletion', members: [member('file', '.wh.f', '')], prefix: 'a', expected: 'name'},
	{name: 'nor is an opaque mark', members: [member('file', 'd/.wh..wh..opq', '')], prefix: 'a', expected: 'name'},
	{name: 'into a file', lower: 'echo 1 > a', members: [member('file', 'f', 'x')], prefix: 'a', expected: 'parent'},
	{name: 'symlinks in a circle', lower: 'ln -s b a; ln -s a b', members: [member('file', 'f', 'x')], prefix: 'a', expected: 'link'},
	{name: 'a name that leaves', members: [member('file', '../f', 'x')], prefix: 'a', expected: 'escape'},
];
