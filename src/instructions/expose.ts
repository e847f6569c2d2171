import {badValue} from '../diagnostics/instruction.ts';
import {argumentList, checkArity} from './check-arguments.ts';
import {expandToWords} from './expand-argument.ts';
import type {InstructionDefinition} from './instruction.ts';
import {configChange} from './lowering.ts';

export const expose: InstructionDefinition = {
	keyword: 'EXPOSE',
	shape: 'words',
	heredocs: false,
	summary: 'names the ports a container listens on',
	flags: [],
	check: (instruction, source) => checkArity(instruction, source, {least: 1, expected: 'a port'}),
	lower: ({args}, state, context) => {
		const ports: string[] = [];
		for (const item of argumentList(args)) {
			const words = expandToWords(item, state, context);
			if (words === undefined) return undefined;
			for (const word of words) {
				const found = parsePorts(word);
				if (found === undefined) {
					const problem = {
						message: `\`${word}\` is no port`,
						because: 'a port has the form `80`, `80-90`, `80/udp`; numbers go from 1 to 65535',
					};
					context.report(badValue({source: context.source, span: item.span}, problem));
					return undefined;
				}
				ports.push(...found);
			}
		}
		const ExposedPorts = {...state.config.ExposedPorts, ...Object.fromEntries(ports.map((port) => [port, {}]))};
		return configChange(state, {ExposedPorts}, `EXPOSE [${ports.join(' ')}]`);
	},
};

/** `80` is `80/tcp`, `80-82/udp` three ports; address and port of the host before a `:` are ignored. Undefined when it is none of these. */
export function parsePorts(text: string): readonly string[] | undefined {
	const match = /^(?:(?:(?:[\d.]+|\[[\d:a-f]+\]):)?(?:\d{1,5}(?:-\d{1,5})?)?:)?(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/iv.exec(text);
	if (match === null) return undefined;
	const first = Number(match[1]);
	const last = Number(match[2] ?? match[1]);
	if (first < 1 || last > 65535 || last < first) return undefined;
	const protocol = (match[3] ?? 'tcp').toLowerCase();
	return Array.from({length: last - first + 1}, (_, index) => `${first + index}/${protocol}`);
}
