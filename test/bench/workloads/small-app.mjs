import {appendFileSync} from 'node:fs';
import {join} from 'node:path';
import {baseName} from '../base-name.mjs';
import {boxfile} from '../boxfile.mjs';
import {writeFiles} from '../write-files.mjs';

const lines = [
	`FROM ${baseName} AS build`,
	'WORKDIR /app',
	'COPY package.list .',
	'RUN mkdir modules && for name in $(cat package.list); do echo "$name" > "modules/$name"; done',
	'COPY source source',
	'RUN mkdir dist && cat source/* modules/* > dist/app',
	`FROM ${baseName}`,
	'COPY --from=build /app/dist /app',
	'CMD ["cat", "/app/app"]',
];

export const smallApp = {
	name: 'small-app',
	title: 'a small app',
	bases: ['debian'],
	write: (context) => {
		const modules = Array.from({length: 200}, (_, at) => `module-${at}`).join('\n');
		const sources = Array.from({length: 40}, (_, at) => [`source/file-${at}`, `${at} ${'code '.repeat(400)}\n`]);
		writeFiles(context, [['Boxfile', boxfile(...lines)], ['package.list', modules], ...sources]);
	},
	phases: [
		{name: 'cold', cold: true, unmeasured: true},
		{name: 'one source file edited', change: (context, unique) => appendFileSync(join(context, 'source/file-7'), unique), goal: 0.4},
	],
};
