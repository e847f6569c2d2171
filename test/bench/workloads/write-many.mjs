import {onBase} from '../boxfile.mjs';

const bare = 'for i in $(seq 300); do mkdir -p data/$i; for j in $(seq 100); do echo $i $j > data/$i/$j; done; done';

export const writeMany = {
	name: 'write-many',
	title: 'RUN writing 30 000 files',
	content: 30_000 * 4096,
	bases: ['debian'],
	write: onBase(`RUN ${bare}`),
	bare,
	phases: [{name: 'cold', cold: true, goal: 0.8}],
};
