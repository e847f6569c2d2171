import {onBase} from '../boxfile.mjs';

// 16 times the same random 64 MiB: no tool has an easy time compressing it and making it takes little.
const bare = 'head -c 67108864 /dev/urandom > part; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do cat part; done > big; rm part';

export const writeBig = {
	name: 'write-big',
	title: 'RUN writing 1 GiB',
	content: 1 << 30,
	bases: ['debian'],
	write: onBase(`RUN ${bare}`),
	bare,
	phases: [{name: 'cold', cold: true, goal: 0.6}],
};
