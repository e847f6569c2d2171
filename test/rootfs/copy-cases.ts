import type {IdMap} from '../../src/rootfs/id-map.ts';

/** A COPY: shell scripts make the source and what is below; `index` is the layer (path, type, mode, owner, time, link) or `refused` the code. */
export interface CopyCase {
	readonly name: string;
	readonly source: string;
	readonly lower?: string;
	readonly items?: readonly string[];
	readonly files?: readonly {readonly name: string; readonly content: string}[];
	readonly destination: string;
	readonly owner?: {readonly uid: number; readonly gid: number};
	readonly chmod?: string;
	readonly fromStage?: boolean;
	readonly mapped?: IdMap;
	readonly index?: readonly string[];
	readonly refused?: string;
}

export const copyCases: readonly CopyCase[] = [
	{
		name: 'a file to a new name',
		source: 'echo 1 > f',
		items: ['f'],
		destination: '/a/b',
		index: ['a directory 755 0:0 5', 'a/b file 644 0:0 5'],
	},
	{
		name: 'a file into a directory that the slash names',
		source: 'echo 1 > f',
		items: ['f'],
		destination: '/a/',
		index: ['a directory 755 0:0 5', 'a/f file 644 0:0 5'],
	},
	{
		name: 'a file into a directory of the image',
		source: 'echo 1 > f',
		lower: 'mkdir a; chmod 1777 a; chown 3:4 a; touch -d @77 a',
		items: ['f'],
		destination: '/a',
		index: ['a directory 1777 3:4 77', 'a/f file 644 0:0 5'],
	},
	{
		name: 'several files',
		source: 'echo 1 > f; echo 2 > g',
		items: ['f', 'g'],
		destination: '/a',
		index: ['a directory 755 0:0 5', 'a/f file 644 0:0 5', 'a/g file 644 0:0 5'],
	},
	{
		name: 'a directory gives its contents to a directory of mode 0755',
		source: 'mkdir -p d/e; chmod 700 d; chmod 750 d/e; echo 1 > d/e/f',
		items: ['d'],
		destination: '/x/y',
		index: ['x directory 755 0:0 5', 'x/y directory 755 0:0 5', 'x/y/e directory 750 0:0 5', 'x/y/e/f file 644 0:0 5'],
	},
	{
		name: 'a directory onto existing ones: the destination stays, those inside take the attributes of the source',
		source: 'mkdir -p d/e; chmod 700 d d/e; echo 1 > d/e/f',
		lower: 'mkdir -p x/e; chmod 711 x x/e; touch -d @9 x x/e',
		items: ['d'],
		destination: '/x',
		index: ['x directory 711 0:0 9', 'x/e directory 700 0:0 5', 'x/e/f file 644 0:0 5'],
	},
	{
		name: 'the whole context into the root',
		source: 'echo 1 > f; mkdir d',
		destination: '/',
		index: ['d directory 755 0:0 5', 'f file 644 0:0 5'],
	},
	{
		name: 'through a symlink of the image',
		source: 'echo 1 > f',
		lower: 'mkdir real; touch -d @8 real; ln -s /real link',
		items: ['f'],
		destination: '/link/',
		index: ['real directory 755 0:0 8', 'real/f file 644 0:0 5'],
	},
	{
		name: 'through a symlink that leaves the root',
		source: 'echo 1 > f',
		lower: 'ln -s ../../../tmp link',
		items: ['f'],
		destination: '/link/',
		index: ['tmp directory 755 0:0 5', 'tmp/f file 644 0:0 5'],
	},
	{
		name: 'to a symlink that points to a file',
		source: 'echo 1 > f',
		lower: 'echo old > t; ln -s t link',
		items: ['f'],
		destination: '/link',
		index: ['t file 644 0:0 5'],
	},
	{
		name: 'a symlink over a file',
		source: 'ln -s nowhere l',
		lower: 'mkdir a; echo old > a/l; touch -d @8 a',
		items: ['l'],
		destination: '/a/',
		index: ['a directory 755 0:0 8', 'a/l symlink 777 0:0 5 nowhere'],
	},
	{
		name: 'a file over a symlink inside a directory',
		source: 'echo 1 > l',
		lower: 'mkdir a; ln -s b a/l; touch -d @8 a',
		items: ['l'],
		destination: '/a/',
		index: ['a directory 755 0:0 8', 'a/l file 644 0:0 5'],
	},
	{
		name: 'a file over a directory',
		source: 'echo 1 > f',
		lower: 'mkdir -p a/f',
		items: ['f'],
		destination: '/a/',
		refused: 'step/copy-over-other',
	},
	{
		name: 'a directory over a file',
		source: 'mkdir -p d/e',
		lower: 'mkdir a; echo 1 > a/e',
		items: ['d'],
		destination: '/a',
		refused: 'step/copy-over-other',
	},
	{
		name: 'a directory over a symlink to a directory',
		source: 'mkdir -p d/lib; echo 1 > d/lib/f',
		lower: 'mkdir usr; ln -s usr lib',
		items: ['d'],
		destination: '/',
		refused: 'step/copy-over-other',
	},
	{name: 'below a file', source: 'echo 1 > f', lower: 'echo 1 > a', items: ['f'], destination: '/a/b', refused: 'step/copy-over-other'},
	{
		name: 'symlinks in a circle',
		source: 'echo 1 > f',
		lower: 'ln -s b a; ln -s a b',
		items: ['f'],
		destination: '/a/f',
		refused: 'step/copy-destination-loops',
	},
	{
		name: 'with an owner, also for what is made on the way',
		source: 'mkdir d; echo 1 > d/f; ln -s f d/l',
		lower: 'mkdir srv; touch -d @3 srv',
		destination: '/srv/app/x',
		owner: {uid: 10, gid: 20},
		index: [
			'srv directory 755 0:0 3',
			'srv/app directory 755 10:20 5',
			'srv/app/x directory 755 10:20 5',
			'srv/app/x/d directory 755 10:20 5',
			'srv/app/x/d/f file 644 10:20 5',
			'srv/app/x/d/l symlink 777 10:20 5 f',
		],
	},
	{
		name: 'with an octal mode',
		source: 'mkdir d; echo 1 > d/f',
		destination: '/x',
		chmod: '0640',
		index: ['x directory 755 0:0 5', 'x/d directory 640 0:0 5', 'x/d/f file 640 0:0 5'],
	},
	{
		name: 'with a symbolic mode',
		source: 'mkdir d; echo 1 > d/f; echo 2 > d/g; chmod 700 d/g',
		destination: '/x',
		chmod: 'u=rwX,go=rX',
		index: ['x directory 755 0:0 5', 'x/d directory 755 0:0 5', 'x/d/f file 644 0:0 5', 'x/d/g file 755 0:0 5'],
	},
	{
		name: 'hard links stay links',
		source: 'mkdir d; echo 1 > d/a; ln d/a d/b; ln d/a c',
		destination: '/x',
		index: [
			'x directory 755 0:0 5',
			'x/c file 644 0:0 5',
			'x/d directory 755 0:0 5',
			'x/d/a hardlink 644 0:0 5 x/c',
			'x/d/b hardlink 644 0:0 5 x/c',
		],
	},
	{
		name: 'inline files',
		source: ':',
		items: [],
		files: [
			{name: 'a', content: 'x'},
			{name: 'b', content: 'é'},
		],
		destination: '/d/',
		chmod: '755',
		index: ['d directory 755 0:0 5', 'd/a file 755 0:0 5', 'd/b file 755 0:0 5'],
	},
	{
		name: 'from a stage, with owners, times, set-id bits, capabilities and xattrs',
		source:
			'mkdir d; echo 1 > d/f; chown 7:8 d/f; chmod 4755 d/f; setcap cap_net_raw+ep d/f; chmod 4755 d/f; setfattr -n user.a -v b d/f; touch -d @99 d/f d',
		destination: '/x',
		fromStage: true,
		index: ['x directory 755 0:0 0', 'x/d directory 755 0:0 99', 'x/d/f file 4755 7:8 99'],
	},
	{
		name: 'ids that cannot be set go into an xattr',
		source: 'mkdir d; echo 1 > d/f; chown 7:80000 d d/f; touch -d @99 d d/f',
		destination: '/x',
		fromStage: true,
		mapped: {uids: [{first: 0, count: 65_536}], gids: [{first: 0, count: 65_536}]},
		index: ['x directory 755 0:0 0', 'x/d directory 755 7:80000 99', 'x/d/f file 644 7:80000 99'],
	},
	{name: 'a large file', source: 'head -c 3000000 /dev/zero > f', items: ['f'], destination: '/f', index: ['f file 644 0:0 5']},
	{name: 'a fifo', source: 'mkfifo p', destination: '/x', index: ['x directory 755 0:0 5', 'x/p fifo 644 0:0 5']},
];
