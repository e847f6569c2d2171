import {onBase} from '../boxfile.mjs';

export const changes = {
	name: 'changes',
	title: 'deleting and chmod-ing thousands of base files',
	bases: ['debian'],
	write: onBase(
		'RUN rm -rf /usr/share/doc /usr/share/zoneinfo /usr/share/locale',
		'RUN find /usr /var/lib/dpkg -type f -exec chmod g+w {} +',
	),
	phases: [{name: 'cold', cold: true, goal: 0.5}],
};
