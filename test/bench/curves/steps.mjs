import {onBase} from '../boxfile.mjs';
import {repeatPhase} from '../repeat-phase.mjs';

/** Whether one more step costs the same on top of few and of many. */
export const steps = {
	name: 'steps',
	title: 'small RUNs',
	unit: {name: 'step', size: 1},
	sizes: [1, 100, 250, 500],
	show: String,
	workload: (size) => ({
		bases: ['debian'],
		write: onBase(...Array.from({length: size}, (_, at) => `RUN echo ${at} > /file-${at}`)),
		phases: [{name: 'cold', cold: true}, ...repeatPhase(3, {name: 'cached'})],
	}),
};
