import {checkCopy, copyFlags} from './check-copy.ts';
import type {InstructionDefinition} from './instruction.ts';
import {lowerCopy} from './lower-copy.ts';

export const add: InstructionDefinition = {
	keyword: 'ADD',
	shape: 'json-or-words',
	heredocs: true,
	summary: 'copies files of the build context, of URLs and of git repositories, and unpacks local tar archives',
	flags: [
		...copyFlags,
		{name: 'checksum', value: 'required', mayBeEmpty: true},
		{name: 'keep-git-dir', value: 'boolean'},
		{name: 'unpack', value: 'boolean'},
	],
	check: checkCopy,
	lower: lowerCopy,
};
