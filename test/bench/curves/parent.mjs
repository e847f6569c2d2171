import {copyFileSync} from 'node:fs';
import {join} from 'node:path';
import {boxfile} from '../boxfile.mjs';
import {showBytes} from '../render-table.mjs';
import {onTop} from '../true-on-top.mjs';
import {writeFiles} from '../write-files.mjs';

// All sizes are multiples of it. busybox, which the parent has for its shell, comes on top.
const part = 1e6;
const shell = ['FROM scratch', 'COPY busybox /bin/busybox', 'RUN ["/bin/busybox", "--install", "-s", "/bin"]'];

/** Whether a step costs the same on a small and on a large parent. */
export const parent = {
	name: 'parent',
	title: 'RUN true on a parent with a file of',
	unit: {name: 'GB', size: 1e9},
	sizes: [1e6, 1e8, 1e9, 5e9],
	isFlat: true,
	show: showBytes,
	workload: (size) => ({
		isHuge: true,
		write: (context) => {
			const fill = `mkdir /data; head -c ${part} /dev/urandom > /part; for at in $(seq ${size / part}); do cat /part; done > /data/big; rm /part`;
			writeFiles(context, [['Boxfile', boxfile(...shell, `RUN ${fill}`)]]);
			copyFileSync('/bin/busybox', join(context, 'busybox'));
		},
		phases: onTop,
	}),
};
