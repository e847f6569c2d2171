import test from 'ava';
import {chooseForces, controllersOf, type Means} from '../../src/isolation/choose-forces.ts';

const nothing: Means = {
	controllers: [],
	facts: ['/g has no memory controller', '/g has no cpu controller', '/g is odd'],
	processors: 4,
	countsProcesses: () => true,
};

test('a control group goes before everything else', (t) => {
	const asked = {...nothing, controllers: ['memory', 'cpu', 'pids'] as const, countsProcesses: () => t.fail() as never};
	const {inForce, unenforceable} = chooseForces({memory: 1e9, cpus: 1.5, pids: 9}, asked);
	t.deepEqual(
		inForce.map(({name, force}) => [name, force.by]),
		[
			['memory', 'control-group'],
			['cpus', 'control-group'],
			['pids', 'control-group'],
		],
	);
	t.deepEqual(unenforceable, []);
	t.deepEqual(controllersOf({cpus: 1, memory: 1}), ['memory', 'cpu']);
});

test('without one: resource limits, whole processors', (t) => {
	t.deepEqual(chooseForces({memory: 1e9, cpus: 1.5, pids: 9}, nothing), {
		inForce: [
			{name: 'memory', value: 1e9, force: {by: 'resource-limit'}, facts: ['no memory controller']},
			{name: 'cpus', value: 1.5, force: {by: 'processors', processors: 2}, facts: ['no cpu controller']},
			{name: 'pids', value: 9, force: {by: 'resource-limit'}, facts: ['no pids controller']},
		],
		unenforceable: [],
	});
});

test('more processors than there are is no limit; a part of the only ones cannot be had', (t) => {
	t.deepEqual(chooseForces({cpus: 8}, nothing).inForce[0]?.force, {by: 'processors', processors: 4});
	const {inForce, unenforceable} = chooseForces({cpus: 3.5}, nothing);
	t.deepEqual(inForce, []);
	t.deepEqual(unenforceable, [
		{
			name: 'cpus',
			value: 3.5,
			facts: ['/g has no cpu controller', '/g is odd', 'a step can be bound to whole processors only, and 4 are all that there are'],
		},
	]);
});

test('where the kernel does not count, the number of processes cannot be limited', (t) => {
	const {unenforceable} = chooseForces({pids: 9}, {...nothing, countsProcesses: () => false});
	t.deepEqual(unenforceable[0]?.facts, ['/g is odd', 'the kernel does not count processes of root (RLIMIT_NPROC)']);
});
