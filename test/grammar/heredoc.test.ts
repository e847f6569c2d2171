import test from 'ava';
import {parseHeredocStart, rawWords} from '../../grammar/heredoc.ts';

const starts: readonly (readonly [word: string, expected: string | undefined])[] = [
	['<<EOF', 'EOF expand'],
	['<<-EOF', 'EOF expand chomp'],
	['<<"EOF"', 'EOF'],
	["<<-'E O'", 'E O chomp'],
	['<<\\EOF', 'EOF expand'],
	["<<'E'o\\'F", "Eo'F"],
	['<< EOF', 'EOF expand spaced'],
	['<<-  "EOF"', 'EOF chomp spaced'],
	['<< -EOF', '-EOF expand spaced'],
	['<<EOF sh', undefined],
	['<<E"O"F', 'EOF'],
	['3<<EOF', 'EOF expand fd3'],
	['<<<EOF', undefined],
	['<<', undefined],
	['a<<EOF', undefined],
	['<<""', undefined],
];

for (const [word, expected] of starts) {
	test(`${word} is ${expected ?? 'no heredoc'}`, (t) => {
		const start = parseHeredocStart(word);
		const text = start && [
			start.name,
			...(start.expand ? ['expand'] : []),
			...(start.chomp ? ['chomp'] : []),
			...(start.fd ? [`fd${start.fd}`] : []),
			...(start.spaced ? ['spaced'] : []),
		];
		t.is(text?.join(' '), expected);
	});
}

test('a line with an open quote has no heredocs', (t) => {
	t.is(rawWords('RUN echo "<<EOF'), undefined);
});

test('quotes and escapes keep words together', (t) => {
	t.deepEqual(rawWords(`a "b c"d 'e f' g\\ h`), ['a', '"b c"d', "'e f'", 'g\\ h']);
	t.deepEqual(rawWords('cat << EOF > x <<- "F" <<< y < z'), ['cat', '<< EOF', '>', 'x', '<<- "F"', '<<<', 'y', '<', 'z']);
});
