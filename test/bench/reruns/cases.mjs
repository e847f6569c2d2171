import {baseName} from '../base-name.mjs';
import {boxfile} from '../boxfile.mjs';

const app = [
	['app/a', 'first\n'],
	['app/b', 'second\n'],
];
const chain = ({comment = '', sources = 'app/a app/b', env = 'ENV A=1 B=2'}) =>
	boxfile(
		`FROM ${baseName}`,
		env,
		`COPY ${sources} /app/`,
		'RUN cat /app/a /app/b > /one',
		`RUN echo two > /two${comment}`,
		'RUN cat /one /two > /three',
	);
const stages = (comment) =>
	boxfile(
		`FROM ${baseName} AS build`,
		'COPY app /app',
		`RUN cat /app/a /app/b > /out${comment}`,
		`FROM ${baseName}`,
		'COPY --from=build /out /out',
		'RUN sort /out > /sorted',
	);
const onNewBase = (release) =>
	boxfile(`FROM ${baseName} AS base`, `RUN echo ${release} > /etc/release`, 'FROM base', 'COPY app /app', 'COPY app/a /opt/tool');

/**
 * What changes between two builds, as `files` and `changed` files of a context, and how many steps have to run again: `needed`, those whose
 * result differs or whose command is another one. `touch` gives files another time only.
 */
export const rerunCases = [
	{name: 'nothing', files: [['Boxfile', chain({})], ...app], changed: [], needed: 0},
	{
		name: 'a comment in a RUN in the middle',
		files: [['Boxfile', chain({})], ...app],
		changed: [['Boxfile', chain({comment: ' # as before'})]],
		needed: 1,
	},
	{
		name: 'a comment in a RUN of a stage that is copied from',
		files: [['Boxfile', stages('')], ...app],
		changed: [['Boxfile', stages(' # as before')]],
		needed: 1,
	},
	{
		name: 'a comment line between instructions',
		files: [['Boxfile', chain({})], ...app],
		changed: [['Boxfile', `# a note\n${chain({})}`]],
		needed: 0,
	},
	{
		name: 'sources of a COPY in another order',
		files: [['Boxfile', chain({})], ...app],
		changed: [['Boxfile', chain({sources: 'app/b app/a'})]],
		needed: 0,
	},
	{name: 'a file is touched', files: [['Boxfile', chain({})], ...app], changed: [], touch: ['app/a', 'app/b'], needed: 0},
	{
		name: 'a file that is not copied changes',
		files: [['Boxfile', chain({})], ...app, ['notes', 'one']],
		changed: [['notes', 'two']],
		needed: 0,
	},
	{
		name: 'a new base below two COPYs',
		files: [['Boxfile', onNewBase(1)], ...app],
		changed: [['Boxfile', onNewBase(2)]],
		needed: 1,
	},
];
