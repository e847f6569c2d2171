import {onBase} from '../boxfile.mjs';

const lines = Array.from({length: 20}, (_, at) => `RUN echo ${at} > /file-${at}`);

export const runs = {
	name: 'runs',
	title: '20 small RUNs',
	bases: ['debian'],
	write: onBase(...lines),
	phases: [
		{name: 'cold', cold: true, goal: 0.2},
		{name: 'cached', goal: 0.6},
	],
};
