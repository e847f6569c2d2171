/** What a shell script does to a layer directory while the machine is down; `INDEX` is the folder of the store's indexes. */
export interface RebootCase {
	readonly name: string;
	readonly damage: string;
	readonly hasBlob: boolean;
	readonly isIntact: boolean;
}

const damages: readonly (readonly [name: string, damage: string])[] = [
	[
		'a byte is another, size and time are not',
		`touch -r d/f ../t; printf C | dd of=d/f bs=1 conv=notrunc status=none; touch -r ../t d/f; rm ../t`,
	],
	['a file is cut', ': > d/f'],
	['a file is missing', 'rm d/f d/h; touch -d @1000 d'],
	['there is a file more', 'echo x > new; touch -d @0 .'],
	['a mode is another', 'chmod 600 d/f'],
	['an owner is another', 'chown 8 d/f'],
	['a time is another', 'touch -d @5 d'],
	['a link points elsewhere', 'ln -sfn d l; touch -hd @1000 l'],
	['a second name is a file of its own', 'cp -a d/f d/x; mv d/x d/h; touch -d @1000 d'],
	['an xattr is lost', 'setfattr -x user.a d'],
	['a deletion is lost', 'rm gone'],
	['the index is cut', 'for file in "$INDEX"/*; do truncate -s 100 "$file"; done'],
];

export const rebootCases: readonly RebootCase[] = [
	{name: 'nothing', damage: ':', hasBlob: false, isIntact: true},
	...damages.flatMap(([name, damage]) => [false, true].map((hasBlob) => ({name, damage, hasBlob, isIntact: false}))),
];
