import {badValue} from '../diagnostics/instruction.ts';
import type {Argument} from '../language/ast.ts';
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
		// BuildKit sorts the words as they are written.
		for (const item of argumentList(args).toSorted(byText)) {
			const words = expandToWords(item, state, context);
			if (words === undefined) return undefined;
			for (const word of words) {
				const found = parsePorts(word);
				if (found === undefined) {
					const problem = {
						message: `\`${word}\` is no port`,
						because: 'a port has the form `80`, `80-90`, `80/udp`; numbers go from 0 to 65535',
					};
					context.report(badValue({source: context.source, span: item.span}, problem));
					return undefined;
				}
				ports.push(...found);
			}
		}
		const ExposedPorts = {...state.config.ExposedPorts, ...Object.fromEntries(ports.map((port) => [port, {}]))};
		return configChange(state, ports.length === 0 ? {} : {ExposedPorts}, `EXPOSE [${ports.join(' ')}]`);
	},
};

/** `80` is `80/tcp`, `80-82/udp` three ports; address and port of the host before a `:` are ignored. Undefined when it is none of these. */
export function parsePorts(text: string): readonly string[] | undefined {
	const parts = text.split(':');
	const [port = '', protocol = ''] = splitOnce(parts.pop() ?? '', '/');
	const hostPort = parts.pop() ?? '';
	const address = parts.join(':');
	const range = parseRange(port);
	const hostRange = hostPort === '' ? undefined : parseRange(hostPort);
	if (range === undefined || !/^(?:tcp|udp|sctp)?$/iv.test(protocol)) return undefined;
	if (hostPort !== '' && hostRange === undefined) return undefined;
	if (address !== '' && !isAddress(address.replace(/^\[(.*)\]$/v, '$1'))) return undefined;
	const [first, last] = range;
	// A single port may have a range of the host to choose from.
	if (hostRange !== undefined && first !== last && hostRange[1] - hostRange[0] !== last - first) return undefined;
	const kind = protocol === '' ? 'tcp' : protocol.toLowerCase();
	return Array.from({length: last - first + 1}, (_, index) => `${first + index}/${kind}`);
}

function parseRange(text: string): readonly [first: number, last: number] | undefined {
	const match = /^(\d+)(?:-(\d+))?$/v.exec(text);
	if (match === null) return undefined;
	const first = Number(match[1]);
	const last = Number(match[2] ?? match[1]);
	return last > 65535 || last < first ? undefined : [first, last];
}

function isAddress(text: string): boolean {
	if (text.includes(':')) return /^[\d:.a-f]+$/iv.test(text) && URL.canParse(`http://[${text}]/`);
	return /^\d{1,3}(?:\.\d{1,3}){3}$/v.test(text) && text.split('.').every((part) => Number(part) <= 255);
}

function splitOnce(text: string, separator: string): readonly [string, string] {
	const at = text.indexOf(separator);
	return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function byText(one: Argument, other: Argument): number {
	return one.text < other.text ? -1 : one.text > other.text ? 1 : 0;
}
