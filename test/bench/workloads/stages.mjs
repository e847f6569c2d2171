import {baseName} from '../base-name.mjs';
import {boxfile} from '../boxfile.mjs';
import {writeFiles} from '../write-files.mjs';

const names = ['a', 'b', 'c', 'd'];

export const stages = {
	name: 'stages',
	title: '4 independent stages of 1 s each',
	bases: ['debian'],
	write: (context) => {
		const lines = names.flatMap((name) => [`FROM ${baseName} AS ${name}`, `RUN sleep 1; echo ${name} > /${name}`]);
		const copies = names.map((name) => `COPY --from=${name} /${name} /`);
		writeFiles(context, [['Boxfile', boxfile(...lines, 'FROM scratch', ...copies)]]);
	},
	phases: [{name: 'cold', cold: true, goal: 0.75}],
};
