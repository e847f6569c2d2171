import {onBase} from '../boxfile.mjs';

export const runTrue = {
	name: 'run-true',
	title: 'RUN true twice on a base of 170 MB',
	bases: ['debian'],
	write: onBase('RUN true', 'RUN true && true'),
	phases: [{name: 'cold', cold: true, goal: 0.4}],
};
