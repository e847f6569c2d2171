import {unsupportedForm} from '../diagnostics/instruction.ts';
import type {InstructionDefinition} from './instruction.ts';

export const check: InstructionDefinition = {
	keyword: 'CHECK',
	shape: 'json-or-text',
	heredocs: true,
	summary: 'fails the build when a command fails on the state so far, and leaves no layer',
	flags: [],
	check: ({keywordSpan}, source) => [unsupportedForm({source, span: keywordSpan}, 'CHECK', 'run the command in a RUN')],
};
