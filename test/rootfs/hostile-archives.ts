import type {Member} from '../support/make-tar.ts';
import {member} from '../support/make-tar.ts';

/** An archive that tries to leave the root, and what must come of it: a refusal of this kind, or exactly these paths. `OUT` is a folder outside. */
export interface HostileArchive {
	readonly name: string;
	readonly members: (out: string) => readonly Member[];
	readonly outcome: {readonly refused: string} | {readonly paths: readonly string[]};
	/** Paths of the layer below (a trailing `/` makes a directory, ` -> ` a symlink). */
	readonly lower?: (out: string) => readonly string[];
}

const file = (path: string, content = 'evil'): Member => member('file', path, content);
const directory = (path: string): Member => member('directory', path);
const symlink = (path: string, target: string): Member => member('symlink', path, target);
const link = (path: string, target: string): Member => member('hardlink', path, target);
const refused = (kind: string): {readonly refused: string} => ({refused: kind});
const paths = (...list: readonly string[]): {readonly paths: readonly string[]} => ({paths: list});

export const hostileArchives: readonly HostileArchive[] = [
	{name: 'a path that starts with ..', members: () => [file('../victim')], outcome: refused('escape')},
	{name: 'a path with .. in the middle', members: () => [directory('a'), file('a/../../victim')], outcome: refused('escape')},
	{name: 'a path that ends in ..', members: () => [directory('a/..')], outcome: refused('escape')},
	{name: 'an absolute path', members: (out) => [file(`${out}/victim`)], outcome: paths()},
	{name: 'a file through an absolute symlink', members: (out) => [symlink('l', out), file('l/victim')], outcome: paths()},
	{
		name: 'a file through a relative symlink',
		members: () => [symlink('l', '../outside'), file('l/victim')],
		outcome: paths('l', 'outside', 'outside/victim'),
	},
	{name: 'a file through a symlink to ..', members: () => [symlink('l', '..'), file('l/victim')], outcome: paths('l', 'victim')},
	{
		name: 'a file through two symlinks',
		members: () => [symlink('a', '..'), symlink('b', 'a/outside'), file('b/victim')],
		outcome: paths('a', 'b', 'outside', 'outside/victim'),
	},
	{
		name: 'a file through a symlink in a directory',
		members: () => [directory('d'), symlink('d/l', '../../outside'), file('d/l/victim')],
		outcome: paths('d', 'd/l', 'outside', 'outside/victim'),
	},
	{
		name: 'a directory through a symlink',
		members: () => [symlink('l', '../outside'), directory('l/new')],
		outcome: paths('l', 'outside', 'outside/new'),
	},
	{
		name: 'a symlink through a symlink',
		members: () => [symlink('l', '../outside'), symlink('l/new', 'x')],
		outcome: paths('l', 'outside', 'outside/new'),
	},
	{name: 'a file in the place of a symlink', members: () => [symlink('l', '../outside/victim'), file('l')], outcome: paths('l')},
	{
		name: 'a directory in the place of a symlink',
		members: () => [symlink('l', '../outside'), directory('l'), file('l/victim')],
		outcome: paths('l', 'l/victim'),
	},
	{
		name: 'a fifo through a symlink',
		members: () => [symlink('l', '../outside'), member('fifo', 'l/p')],
		outcome: paths('l', 'outside', 'outside/p'),
	},
	{name: 'a hard link to the outside', members: (out) => [link('l', `${out}/victim`)], outcome: refused('link')},
	{name: 'a hard link to the outside with ..', members: () => [link('l', '../outside/victim'), file('l')], outcome: refused('link')},
	{
		name: 'a hard link through a symlink',
		members: () => [symlink('s', '../outside'), link('l', 's/victim'), file('l')],
		outcome: refused('link'),
	},
	{
		name: 'a hard link to a symlink that points outside',
		members: () => [symlink('s', '../outside/victim'), link('l', 's'), file('l')],
		outcome: paths('l', 's'),
	},
	{name: 'a hard link to a directory', members: () => [directory('d'), link('l', 'd')], outcome: refused('link')},
	{name: 'a hard link to itself', members: () => [link('l', 'l')], outcome: refused('link')},
	{name: 'a hard link to nothing', members: () => [link('l', '')], outcome: refused('link')},
	{name: 'a hard link to a later entry', members: () => [link('l', 'f'), file('f')], outcome: refused('link')},
	{name: 'the root as a symlink', members: (out) => [symlink('.', out), file('victim')], outcome: refused('escape')},
	{name: 'the root as a file', members: () => [file('./')], outcome: paths()},
	{name: 'symlinks in a circle', members: () => [symlink('a', 'b'), symlink('b', 'a'), file('a/f')], outcome: refused('link')},
	{name: 'a symlink to itself', members: () => [symlink('a', 'a'), file('a/f')], outcome: refused('link')},
	{name: 'a file below a file', members: () => [file('a'), file('a/b')], outcome: refused('parent')},
	{name: 'a file below a file through a symlink', members: () => [file('a'), symlink('s', 'a'), file('s/b')], outcome: refused('parent')},
	{name: 'a link with more .. than its depth', members: () => [symlink('a', '../../../../../x')], outcome: paths('a')},
	{name: 'a whiteout through a symlink', members: () => [symlink('l', '../outside'), file('l/.wh.victim', '')], outcome: paths('l')},
	{name: 'a whiteout of nothing', members: () => [file('.wh.', '')], outcome: refused('whiteout')},
	{name: 'a whiteout of .', members: () => [file('d/.wh..', '')], outcome: refused('whiteout')},
	{name: 'a whiteout of ..', members: () => [file('d/.wh...', '')], outcome: refused('whiteout')},
	{name: 'a stray whiteout', members: () => [file('.wh.absent', ''), file('d/.wh.absent', '')], outcome: paths()},
	{name: 'a whiteout with content', members: () => [file('.wh.absent', 'content')], outcome: paths()},
	{name: 'a file below a whiteout name', members: () => [directory('.wh.d'), file('.wh.d/f')], outcome: refused('whiteout')},
	{
		name: 'what AUFS kept for itself',
		members: () => [directory('.wh..wh.plnk'), file('.wh..wh.plnk/1.2'), file('.wh..wh.aufs', '')],
		outcome: paths(),
	},
	{name: 'a device that is a deletion', members: () => [member('char', 'gone', '', {device: {major: 0, minor: 0}})], outcome: paths()},
	{
		name: 'a device that deletes a file below',
		lower: () => ['gone'],
		members: () => [member('char', 'gone', '', {device: {major: 0, minor: 0}})],
		outcome: paths('.wh.gone'),
	},
	{
		name: 'a file through a symlink of the layer below',
		lower: (out) => [`l -> ${out}`],
		members: () => [file('l/victim')],
		outcome: paths(),
	},
	{
		name: 'a whiteout through a symlink of the layer below',
		lower: () => ['l -> d', 'd/', 'd/f'],
		members: () => [file('l/.wh.f', '')],
		outcome: paths('d', 'd/.wh.f'),
	},
	{name: 'a hard link to a file of the layer below', lower: () => ['f'], members: () => [link('l', 'f')], outcome: paths('l')},
	{
		name: 'an xattr that belongs to the overlay',
		members: () => [
			member('directory', 'd', '', {xattrs: {'user.overlay.opaque': 'y', 'user.overlay.redirect': '/x', 'trusted.overlay.opaque': 'y'}}),
		],
		outcome: paths('d'),
	},
	{name: 'the same path twice', members: () => [file('f', 'one'), file('f', 'two')], outcome: paths('f')},
	{
		name: 'an opaque mark before and after',
		lower: () => ['d/', 'd/f', 'd/s/', 'd/s/g'],
		members: () => [file('d/.wh..wh..opq', ''), directory('d'), file('d/n')],
		outcome: paths('d', 'd/.wh..wh..opq', 'd/n'),
	},
	{
		name: 'an opaque root',
		lower: () => ['d/', 'd/f', 'g'],
		members: () => [directory('d'), file('.wh..wh..opq', '')],
		outcome: paths('.wh.g', 'd', 'd/.wh..wh..opq'),
	},
	{
		name: 'a whiteout and a directory of one name',
		lower: () => ['d/', 'd/f'],
		members: () => [file('.wh.d', ''), directory('d'), file('d/n')],
		outcome: paths('d', 'd/.wh..wh..opq', 'd/n'),
	},
	{
		name: 'a whiteout below a whiteout',
		lower: () => ['d/', 'd/f'],
		members: () => [file('.wh.d', ''), file('d/.wh.f', '')],
		outcome: paths('.wh.d'),
	},
	{name: 'a file in the place of a directory', members: () => [directory('d'), file('d/f'), file('d')], outcome: paths('d')},
];
