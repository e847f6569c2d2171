import test from 'ava';
import {createGrammar} from '../../grammar/grammar.ts';
import {keywords} from '../../src/instructions/registry.ts';

test('chevrotain finds nothing wrong with the lexer and the grammar', (t) => {
	for (const escape of ['\\', '`'] as const) {
		const {lexer} = createGrammar(keywords, escape, {checked: true});
		t.deepEqual(
			lexer.lexerDefinitionErrors.map(({message}) => message),
			[],
		);
	}
});
