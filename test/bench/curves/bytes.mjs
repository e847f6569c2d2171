import {join} from 'node:path';
import {boxfile} from '../boxfile.mjs';
import {showBytes} from '../render-table.mjs';
import {writeFiles} from '../write-files.mjs';
import {writeRandom} from '../write-random.mjs';

/** Whether one more byte of a layer costs the same in a small and in a large one. */
export const bytes = {
	name: 'bytes',
	title: 'COPY of one file',
	unit: {name: 'GB', size: 1e9},
	sizes: [1e6, 1e9, 2e9, 4e9],
	show: showBytes,
	workload: (size) => ({
		isHuge: true,
		content: size,
		write: (context) => {
			writeFiles(context, [['Boxfile', boxfile('FROM scratch', 'COPY big /')]]);
			writeRandom(join(context, 'big'), size);
		},
		phases: [{name: 'cold', cold: true}],
	}),
};
