import type {TimeRule} from '../../src/rootfs/layer-times.ts';

/** Shell scripts make the directory below and an upperdir; the layer is an index (type, path, time, xattrs), files (type, path, time) and xattrs. */
export interface ScanCase {
	readonly name: string;
	readonly lower?: string;
	readonly upper: string;
	readonly times?: TimeRule;
	readonly skip?: readonly string[];
	readonly index: readonly string[];
	readonly disk: readonly string[];
	readonly xattrs?: readonly string[];
}

const aged = 'mkdir d; echo 1 > d/old; echo 2 > d/new; ln -s x d/l; touch -hd @50 d/old; touch -hd @5000.5 d/new d/l; touch -d @6000 d';

export const scanCases: readonly ScanCase[] = [
	{
		name: 'times are clamped to an epoch, on disk too',
		upper: aged,
		times: {kind: 'clamp', epoch: 100},
		index: ['directory d 100', 'symlink d/l 100', 'file d/new 100', 'file d/old 50'],
		disk: ['d d 100', 'f d/new 100', 'f d/old 50', 'l d/l 100'],
	},
	{
		name: 'times since the start of a step become the epoch, older ones stay',
		upper: `${aged}; echo 3 > d/between; touch -d @4999.9 d/between; touch -d @6000 d`,
		times: {kind: 'since', epoch: 100, start: 5000},
		index: ['directory d 100', 'file d/between 4999', 'symlink d/l 100', 'file d/new 100', 'file d/old 50'],
		disk: ['d d 100', 'f d/between 4999', 'f d/new 100', 'f d/old 50', 'l d/l 100'],
	},
	{
		name: 'a name of a group of links has the time of the group',
		upper: 'echo 1 > a; ln a b; touch -d @5000 a',
		times: {kind: 'since', epoch: 100, start: 5000},
		index: ['file a 100', 'hardlink b 100'],
		disk: ['f a 100', 'f b 100'],
	},
	{
		name: 'a file that was rewritten and whose time becomes that of the one below is no change',
		lower: 'echo 1 > a; touch -d @100 a',
		upper: 'echo 1 > a',
		times: {kind: 'clamp', epoch: 100},
		index: [],
		disk: [],
	},
	{
		name: 'what is skipped goes from the directory, and so does a directory that nothing else changed',
		lower: 'mkdir run etc; touch -d @7 run etc',
		upper:
			'mkdir -p run/inside/deep etc; echo 1 > run/inside/deep/f; echo 2 > etc/resolv.conf; echo 3 > etc/hosts; touch -d @7 run etc etc/hosts; mknod run/gone c 0 0; touch -d @7 run',
		skip: ['run/inside', 'etc/resolv.conf', 'run/gone', 'nowhere'],
		index: ['directory etc 7', 'file etc/hosts 7'],
		disk: ['d etc 7', 'f etc/hosts 7'],
	},
	{
		name: 'whiteouts in the form of xattrs become devices',
		lower: 'mkdir d; echo 1 > d/a; echo 2 > d/b',
		upper:
			'mkdir d; setfattr -n user.overlay.opaque -v x d; : > d/a; setfattr -n user.overlay.whiteout -v y d/a; : > d/none; setfattr -n user.overlay.whiteout -v y d/none; : > d/empty; touch -d @5 d/empty d',
		index: ['directory d 5', 'file d/.wh.a 0', 'file d/empty 5'],
		disk: ['c d/a', 'd d 5', 'f d/empty 5'],
	},
	{
		name: 'without the mark of its directory such an xattr means nothing',
		upper: ': > a; setfattr -n user.overlay.whiteout -v y a; touch -d @5 a',
		index: ['file a 5'],
		disk: ['f a 5'],
	},
	{
		name: "the overlay's own xattrs that a program has set are carried, escaped on disk",
		upper:
			'mkdir d; setfattr -n user.overlay.overlay.opaque -v y d; echo 1 > f; setfattr -n user.overlay.overlay.x -v 0xff00 f; touch -d @5 d f',
		index: ['directory d 5 {"user.overlay.opaque":"y"}', 'file f 5 {"user.overlay.x":"\u00ff\\u0000"}'],
		disk: ['d d 5', 'f f 5'],
		xattrs: ['user.overlay.overlay.opaque="y"', 'user.overlay.overlay.x=0s/wA='],
	},
	{
		name: "the overlay's notes are not carried",
		upper:
			'mkdir d; for name in origin impure uuid; do setfattr -n user.overlay.$name -v y d; done; echo 1 > f; setfattr -n user.overlay.metacopy f; setfattr -n user.fuseoverlayfs.origin -v /f f; touch -d @5 d f',
		index: ['directory d 5', 'file f 5'],
		disk: ['d d 5', 'f f 5'],
	},
];
