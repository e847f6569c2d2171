import {boxfile} from '../boxfile.mjs';
import {writeFiles} from '../write-files.mjs';

/** Whether one more file of a layer costs the same beside few and beside many. */
export const files = {
	name: 'files',
	title: 'COPY of small files',
	unit: {name: '1000 files', size: 1000},
	sizes: [1, 10_000, 50_000, 100_000],
	show: String,
	workload: (size) => ({
		write: (context) => {
			const files = Array.from({length: size}, (_, at) => [`data/${Math.floor(at / 200)}/file-${at}`, `${at}\n`]);
			writeFiles(context, [['Boxfile', boxfile('FROM scratch', 'COPY data /data/')], ...files]);
		},
		phases: [{name: 'cold', cold: true}, {name: 'cached'}],
	}),
};
