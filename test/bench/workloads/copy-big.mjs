import {randomFillSync} from 'node:crypto';
import {closeSync, openSync, writeSync} from 'node:fs';
import {join} from 'node:path';
import {boxfile} from '../boxfile.mjs';
import {writeFiles} from '../write-files.mjs';

export const copyBig = {
	name: 'copy-big',
	title: 'COPY one file of 1 GiB',
	content: 1 << 30,
	write: (context) => {
		writeFiles(context, [['Boxfile', boxfile('FROM scratch', 'COPY big /')]]);
		const file = openSync(join(context, 'big'), 'w');
		const chunk = randomFillSync(Buffer.alloc(64 << 20));
		for (let at = 0; at < 16; at++) {
			chunk.writeUInt32LE(at);
			writeSync(file, chunk);
		}
		closeSync(file);
	},
	phases: [
		{name: 'cold', cold: true, goal: 0.25},
		{name: 'cached', goal: 1},
	],
};
