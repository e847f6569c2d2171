import {unsupportedForm} from '../diagnostics/instruction.ts';
import {argumentList} from './check-arguments.ts';
import {checkCopy, copyFlags} from './check-copy.ts';
import type {InstructionDefinition} from './instruction.ts';
import {lowerCopy} from './lower-copy.ts';
import {isRemote} from './remote-source.ts';

export const add: InstructionDefinition = {
	keyword: 'ADD',
	shape: 'json-or-words',
	heredocs: true,
	summary: 'copies files of the build context and unpacks tar archives among them',
	flags: [
		...copyFlags,
		{name: 'checksum', value: 'required', unsupported: true},
		{name: 'keep-git-dir', value: 'boolean', unsupported: true},
		{name: 'unpack', value: 'boolean', unsupported: true},
	],
	check: (instruction, source) => {
		const remote = argumentList(instruction.args)
			.slice(0, -1)
			.filter(({text}) => isRemote(text));
		const help = 'download it in a RUN, or put it into the build context';
		return [
			...checkCopy(instruction, source),
			...remote.map(({span}) => unsupportedForm({source, span}, 'ADD of a URL or a git repository', help)),
		];
	},
	lower: (instruction, state, context) => {
		return lowerCopy(instruction, state, {...context, unpack: true});
	},
};
