import {appendFileSync, cpSync} from 'node:fs';
import {join} from 'node:path';
import {baseNames} from '../base-name.mjs';
import {boxfile} from '../boxfile.mjs';
import {writeFiles} from '../write-files.mjs';

const top = new URL('../../../', import.meta.url).pathname;
const lines = [
	`FROM ${baseNames.node}`,
	'ENV PATH=/opt/node/bin:${PATH}',
	'WORKDIR /app',
	'COPY package*.json ./',
	'RUN npm ci --offline --ignore-scripts --no-audit --no-fund --cache /npm-cache',
	'COPY grammar grammar',
	'COPY src src',
	'RUN node_modules/.bin/esbuild src/cli/main.ts --bundle --packages=external --platform=node --format=esm --outdir=dist',
	'CMD ["node", "dist/main.js"]',
];

/** boxbuild itself as a project with some hundred packages, all of them in npm's cache: the network has no part in it. */
export const npmCi = {
	name: 'npm-ci',
	title: 'npm ci, then bundling',
	bases: ['node'],
	write: (context) => {
		writeFiles(context, [['Boxfile', boxfile(...lines)]]);
		for (const name of ['package.json', 'package-lock.json', 'grammar', 'src'])
			cpSync(join(top, name), join(context, name), {recursive: true});
	},
	phases: [
		{name: 'cold', cold: true},
		{name: 'cached', goal: 0.6},
		{
			name: 'one source file edited',
			change: (context, unique) => appendFileSync(join(context, 'src/core/digest.ts'), `// ${unique}`),
			goal: 0.4,
		},
	],
};
