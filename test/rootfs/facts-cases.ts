/** What is below a copy of a file `f` and a directory `d` (with `d/g`), to `/app/link/sub/` or `destination`. */
export const lowerOfFacts =
	'mkdir -p app/real/sub etc; ln -s real app/link; echo 1 > etc/f; echo 1 > app/real/sub/other; find . -exec touch -hd @5 {} +';

export interface FactsCase {
	readonly name: string;
	/** A shell script in the file system below. */
	readonly mutation: string;
	/** True when it decides what the copy makes. */
	readonly moves: boolean;
}

const again = 'find . -exec touch -hd @5 {} +';

export const factsCases: readonly FactsCase[] = [
	{name: 'nothing', mutation: ':', moves: false},
	{name: 'the mode of a directory on the way', mutation: 'chmod 711 app', moves: true},
	{name: 'the mode of the destination', mutation: 'chmod 711 app/real/sub', moves: true},
	{name: 'the owner of a directory on the way', mutation: 'chown 7 app/real', moves: true},
	{name: 'the group of a directory on the way', mutation: 'chgrp 7 app/real', moves: true},
	{name: 'the time of a directory on the way', mutation: 'touch -d @6 app', moves: true},
	{name: 'an xattr of a directory on the way', mutation: 'setfattr -n user.a -v b app', moves: true},
	{name: 'the target of a symlink on the way', mutation: `ln -sfn ../app/real app/link; ${again}`, moves: true},
	{
		name: 'a directory in place of the symlink',
		mutation: `rm app/link; mkdir -p app/link/sub; touch -d @5 app/link/sub; ${again}`,
		moves: true,
	},
	{name: 'no symlink there', mutation: `rm app/link; ${again}`, moves: true},
	{name: 'no destination', mutation: `rm -r app/real/sub; ${again}`, moves: true},
	{name: 'a file as destination', mutation: `rm -r app/real/sub; echo 1 > app/real/sub; ${again}`, moves: true},
	{name: 'a symlink as destination', mutation: `rm -r app/real/sub; ln -s /etc app/real/sub; ${again}`, moves: true},
	{name: 'a directory where a file lands', mutation: `mkdir app/real/sub/f; ${again}`, moves: true},
	{name: 'a file where a directory lands', mutation: `echo 1 > app/real/sub/e; ${again}`, moves: true},
	{name: 'a directory where an inline file lands', mutation: `mkdir app/real/sub/i; ${again}`, moves: true},
	{name: 'a file where a file lands', mutation: `echo 1 > app/real/sub/f; ${again}`, moves: false},
	{name: 'a file more in the destination', mutation: `echo 1 > app/real/sub/new; ${again}`, moves: false},
	{name: 'the content of a file in the destination', mutation: `echo changed > app/real/sub/other; ${again}`, moves: false},
	{name: 'a directory beside the way', mutation: `mkdir app/beside; chmod 700 etc; ${again}`, moves: false},
	{name: 'the owner of a symlink on the way', mutation: 'chown -h 7 app/link', moves: false},
];
