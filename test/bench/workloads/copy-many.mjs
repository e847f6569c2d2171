import {appendFileSync} from 'node:fs';
import {join} from 'node:path';
import {boxfile} from '../boxfile.mjs';
import {writeFiles} from '../write-files.mjs';

const count = 50_000;

export const copyMany = {
	name: 'copy-many',
	title: 'COPY 50 000 files of 4 KB',
	content: count * 4096,
	write: (context) => {
		const filler = 'x'.repeat(4000);
		const files = Array.from({length: count}, (_, at) => [`data/${Math.floor(at / 200)}/file-${at}`, `${at}${filler}`]);
		writeFiles(context, [['Boxfile', boxfile('FROM scratch', 'COPY data /data/')], ...files]);
	},
	phases: [
		{name: 'cold', cold: true, goal: 0.25},
		{name: 'cached', goal: 0.5},
		{name: 'one edited', change: (context, unique) => appendFileSync(join(context, 'data/7/file-1400'), unique), goal: 0.1},
	],
};
