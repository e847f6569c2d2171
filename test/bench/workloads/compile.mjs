import {appendFileSync} from 'node:fs';
import {join} from 'node:path';
import {baseName, baseNames} from '../base-name.mjs';
import {boxfile} from '../boxfile.mjs';
import {fetchSource} from '../fetch-source.mjs';
import {writeFiles} from '../write-files.mjs';

const lines = [
	`FROM ${baseNames.compiler} AS build`,
	'WORKDIR /source',
	'COPY source .',
	'RUN make -C src generic',
	`FROM ${baseName}`,
	'COPY --from=build /source/src/lua /source/src/luac /usr/local/bin/',
	'RUN echo "print(1 + 1)" | lua -',
	'CMD ["lua"]',
];

/** A real C program with its own makefile: 35 files, one compiler process each. */
export const compile = {
	name: 'compile',
	title: 'compiling Lua',
	bases: ['debian', 'compiler'],
	write: async (context, bench) => {
		writeFiles(context, [['Boxfile', boxfile(...lines)]]);
		await fetchSource(bench, {name: 'lua5.4', work: join(bench.top, 'source'), into: join(context, 'source')});
	},
	phases: [
		{name: 'cold', cold: true},
		{name: 'cached', goal: 0.6},
		{
			name: 'one source file edited',
			change: (context, unique) => appendFileSync(join(context, 'source/src/lua.c'), `/* ${unique.trim()} */\n`),
		},
	],
};
