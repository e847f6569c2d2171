import {busybox} from '../support/busybox.ts';
import {inNamespace} from '../support/in-namespace.ts';
import {debianProgram} from '../support/requirements.ts';
import {when} from '../support/when.ts';

interface Report {
	readonly result: {
		readonly end?: {readonly exitCode: number; readonly signal?: number};
		readonly failure?: {readonly purpose: string; readonly errno: number};
	};
	/** Programs that were there before it was started, and afterwards. */
	readonly foreseen: number;
	readonly left: number;
	readonly output: string;
	readonly seen: readonly string[];
	readonly upper: readonly string[];
}

const script = new URL('./step-script.js', import.meta.url);
const needs = [busybox, debianProgram('unshare', 'util-linux')];

function step(way: string, ...args: readonly string[]): Report {
	return inNamespace(script, way, '/bin/busybox', ...args) as Report;
}

for (const way of ['lower-by-lower', 'option-string']) {
	when(needs, `a step sees its layers and writes into its upperdir, mounted by ${way}`, (t) => {
		const report = step(way, 'sh', '-c', 'read a < /etc/lower; read b < /file; echo "$a, $b"; echo new > /new');
		t.is(report.result.end?.exitCode, 0);
		t.is(report.output, 'from one, from two\n');
		t.deepEqual(report.upper, ['new']);
		t.deepEqual(report.seen, ['bin', 'etc', 'file']);
	});
}

when(needs, 'a program that was made before it was asked for is used when it is the one that is asked for', (t) => {
	const right = step('foreseen', 'sh', '-c', 'echo right');
	t.deepEqual([right.foreseen, right.left, right.output], [1, 0, 'right\n']);
	const other = step('foreseen-otherwise', 'sh', '-c', 'echo right');
	t.deepEqual([other.foreseen, other.left, other.output], [1, 1, 'right\n']);
});

when(needs, 'output comes to its end with the command, whatever size it has', (t) => {
	const {result, output} = step('x', 'sh', '-c', 'i=0; while [ $i -lt 3000 ]; do echo "line $i of a long text"; i=$((i+1)); done; exit 3');
	t.is(result.end?.exitCode, 3);
	t.is(output.split('\n').length, 3001);
});

when(needs, 'the environment is exactly what was declared', (t) => {
	t.is(
		step('x', 'sh', '-c', 'export')
			.output.split('\n')
			.filter((line) => /^export (?:A|PATH|HOME|USER|NODE)/v.test(line))
			.join('\n'),
		"export A='b c'\nexport PATH='/nowhere:/bin'",
	);
});

when(needs, 'the command is process 1, has no descriptors but the first three and no terminal', (t) => {
	const {output} = step(
		'x',
		'sh',
		'-c',
		'echo $$; echo /proc/[0-9]*; echo /proc/self/fd/*; (: < /dev/tty) 2>/dev/null || echo no terminal',
	);
	const [pid, processes, descriptors, terminal] = output.split('\n');
	t.is(pid, '1');
	t.is(processes, '/proc/1');
	t.regex(descriptors ?? '', /^\/proc\/self\/fd\/0 \/proc\/self\/fd\/1 \/proc\/self\/fd\/2(?: \/proc\/self\/fd\/3)?$/v);
	t.is(terminal, 'no terminal');
});

when(needs, 'mounts, namespaces and kernel settings are out of reach', (t) => {
	const {output} = step(
		'x',
		'sh',
		'-c',
		'while read line; do case $line in Seccomp:*|CapBnd:*|NoNewPrivs:*) echo $line;; esac; done < /proc/self/status; (echo 1 > /proc/sys/kernel/printk) 2>/dev/null || echo read-only',
	);
	t.regex(output, /CapBnd: 00000000a80425fb/v);
	t.regex(output, /Seccomp: 2/v);
	t.regex(output, /NoNewPrivs: 0/v);
	t.regex(output, /read-only/v);
});

when(needs, 'links of the image that climb out lead back into its own root', (t) => {
	const report = step('hostile-links', 'sh', '-c', '(read x < /link) 2>/dev/null || echo nothing there');
	t.is(report.result.end?.exitCode, 0);
	t.is(report.output, 'nothing there\n');
});

when(needs, 'without a network there is the loopback interface only', (t) => {
	const {output} = step(
		'no-network',
		'sh',
		'-c',
		'while read line; do case $line in *:*) echo "${line%%:*}";; esac; done < /proc/net/dev; echo /sys/class/net/*',
	);
	t.is(output, 'lo\n/sys/class/net/lo\n');
});

when(needs, 'an exit code and a signal are told apart', (t) => {
	t.like(step('x', 'sh', '-c', 'exit 7').result.end, {exitCode: 7});
	t.is(step('x', 'sh', '-c', 'exit 7').result.end?.signal, undefined);
});

when(needs, 'a command that does not exist is a failure to start, with the errno', (t) => {
	const {result} = step('x', 'no-such-command');
	t.deepEqual(result.failure, {purpose: 'starting no-such-command', errno: 2});
});
