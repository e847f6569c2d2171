import type {InstructionDefinition} from '../../src/instructions/instruction.ts';

type Pattern = Readonly<Record<string, unknown>>;

const scope = 'source.boxfile';
const name = (kind: string): string => `${kind}.boxfile`;
const captures = (...kinds: readonly string[]): Pattern =>
	Object.fromEntries(kinds.flatMap((kind, index) => (kind === '' ? [] : [[String(index + 1), {name: name(kind)}]])));

/** A TextMate grammar (Oniguruma expressions) for editors: keywords, flags, comments, strings, variables, heredocs. */
export function textMateGrammar(instructions: readonly InstructionDefinition[]): Pattern {
	const keywords = instructions.map(({keyword}) => keyword).join('|');
	const withHeredocs = instructions.flatMap(({keyword, heredocs}) => (heredocs ? [keyword] : [])).join('|');
	const flags = [...new Set(instructions.flatMap((one) => one.flags.map((flag) => flag.name)))].sort().join('|');
	const include = (part: string): Pattern => ({include: `#${part}`});
	return {
		$schema: 'https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json',
		name: 'Boxfile',
		scopeName: scope,
		fileTypes: ['Boxfile', 'Containerfile', 'Dockerfile'],
		patterns: [include('directive'), include('comment'), include('heredoc'), include('instruction'), include('continued')],
		repository: {
			directive: {
				match: '^\\s*(#)\\s*((?i:syntax|escape|check))\\s*(=)\\s*(.+?)\\s*$',
				name: name('comment.line.number-sign'),
				captures: captures('punctuation.definition.comment', 'keyword.other.directive', 'keyword.operator.assignment', 'string.unquoted'),
			},
			comment: {match: '^\\s*(#).*$', name: name('comment.line.number-sign'), captures: captures('punctuation.definition.comment')},
			heredoc: {
				begin: `^\\s*(?:((?i:ONBUILD))\\s+)?((?i:${withHeredocs}))\\b(?=.*<<-?(?:"([^"\\s]+)"|'([^'\\s]+)'|([\\w.]+)))(.*)$`,
				end: '^\\t*(?:\\3|\\4|\\5)$',
				beginCaptures: {
					1: {name: name('keyword.control')},
					2: {name: name('keyword.control')},
					6: {patterns: [include('flag'), include('heredoc-start'), include('string'), include('variable')]},
				},
				endCaptures: {0: {name: name('keyword.other.heredoc')}},
				contentName: name('string.unquoted.heredoc'),
			},
			instruction: {
				match: `^\\s*(?:((?i:ONBUILD))\\s+)?((?i:${keywords}))\\b(.*)$`,
				captures: {
					1: {name: name('keyword.control')},
					2: {name: name('keyword.control')},
					3: {patterns: [include('from-as'), include('flag'), include('string'), include('variable'), include('continuation')]},
				},
			},
			continued: {patterns: [include('string'), include('variable'), include('continuation')]},
			'from-as': {match: '\\s((?i:AS))\\s+(\\S+)\\s*$', captures: captures('keyword.control', 'entity.name.type')},
			flag: {match: `(?<=\\s)(--(?:${flags}))\\b(=)?`, captures: captures('variable.parameter', 'keyword.operator.assignment')},
			'heredoc-start': {match: '(<<-?)(\\S+)', captures: captures('keyword.operator.heredoc', 'keyword.other.heredoc')},
			string: {
				patterns: [
					{
						begin: '"',
						end: '"|$',
						name: name('string.quoted.double'),
						patterns: [{match: '\\\\.', name: name('constant.character.escape')}, include('variable')],
					},
					{begin: "'", end: "'|$", name: name('string.quoted.single')},
				],
			},
			variable: {match: '\\$(?:\\w+|\\{\\w+(?:[^}]*)\\})', name: name('variable.other')},
			continuation: {match: '[\\\\`]\\s*$', name: name('constant.character.escape.continuation')},
		},
	};
}
