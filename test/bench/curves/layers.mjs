import {onBase} from '../boxfile.mjs';
import {onTop} from '../true-on-top.mjs';

/** Whether a step costs the same on few and on many layers. */
export const layers = {
	name: 'layers',
	title: 'RUN true on a number of layers',
	unit: {name: '100 layers', size: 100},
	sizes: [1, 100, 200, 400],
	isFlat: true,
	show: String,
	workload: (size) => ({
		bases: ['debian'],
		write: onBase(...Array.from({length: size - 1}, (_, at) => `RUN echo ${at} > /file-${at}`)),
		phases: onTop,
	}),
};
