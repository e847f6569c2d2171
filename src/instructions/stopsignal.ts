import {badValue} from '../diagnostics/instruction.ts';
import {checkArity} from './check-arguments.ts';
import {expandArgument} from './expand-argument.ts';
import type {InstructionDefinition} from './instruction.ts';
import {configChange} from './lowering.ts';

const names = new Set(
	(
		'ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU ' +
		'URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN RTMAX'
	).split(' '),
);

export const stopsignal: InstructionDefinition = {
	keyword: 'STOPSIGNAL',
	shape: 'text',
	heredocs: false,
	summary: 'sets the signal that asks a container to stop',
	flags: [],
	check: (instruction, source) => checkArity(instruction, source, {least: 1, expected: 'a signal'}),
	lower: ({args}, state, context) => {
		if (args.form !== 'text') return undefined;
		const text = expandArgument(args.text, state, context);
		if (text === undefined) return undefined;
		if (isSignal(text)) return configChange(state, {StopSignal: text}, `STOPSIGNAL ${text}`);
		const problem = {message: `\`${text}\` is no signal`, because: 'a signal is a name such as `SIGTERM` or a number other than 0'};
		context.report(badValue({source: context.source, span: args.text.span}, problem));
		return undefined;
	},
};

function isSignal(text: string): boolean {
	// Which numbers there are is the business of the kernel that gets one (BuildKit refuses 0 only).
	if (/^[+\-]?\d+$/v.test(text)) return Number(text) !== 0;
	const name = text.toUpperCase().replace(/^SIG/v, '');
	return names.has(name) || /^RTMIN\+(?:[1-9]|1[0-5])$/v.test(name) || /^RTMAX-(?:[1-9]|1[0-4])$/v.test(name);
}
