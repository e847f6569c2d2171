import test from 'ava';
import {afterProgram, allAs, isAllowed, keep, setAll, setFile, setOne, setRealAndEffective} from '../../src/isolation/credentials.ts';

const app = allAs(1000);
/** As a set-user-ID program of root that app has started. */
const lifted = {real: 1000, effective: 0, saved: 0, file: 0};

test('root becomes anybody for good, others only what they are already', (t) => {
	t.deepEqual(setOne(allAs(0), 1000, true), app);
	t.is(setOne(app, 0, false), undefined);
	t.deepEqual(setOne(app, 1000, false), app);
	t.deepEqual(setOne({real: 1000, effective: 5, saved: 7, file: 5}, 7, false), {real: 1000, effective: 7, saved: 7, file: 7});
	t.is(setAll(app, [keep, 0, keep], false), undefined);
	t.deepEqual(setAll(app, [keep, keep, keep], false), app);
});

test('rights that are given up for a while come back', (t) => {
	const without = setAll(lifted, [keep, 1000, keep], true);
	t.deepEqual(without, {real: 1000, effective: 1000, saved: 0, file: 1000});
	t.deepEqual(setAll(without ?? app, [keep, 0, keep], false), lifted);
	t.deepEqual(setRealAndEffective(without ?? app, [keep, 0], false), lifted);
});

test('setreuid saves the effective id when the real one is given or the two differ', (t) => {
	t.deepEqual(setRealAndEffective(allAs(0), [1000, 1000], true), app);
	t.deepEqual(setRealAndEffective(allAs(0), [keep, 1000], true), {real: 0, effective: 1000, saved: 1000, file: 1000});
	t.deepEqual(setRealAndEffective(lifted, [keep, 1000], true), {real: 1000, effective: 1000, saved: 0, file: 1000});
	t.is(setRealAndEffective(app, [0, keep], false), undefined);
});

test('the id for files follows the effective one, or is set alone', (t) => {
	t.deepEqual(setFile(allAs(0), 5, true), {...allAs(0), file: 5});
	t.deepEqual(setFile(app, 5, false), app);
	t.deepEqual(setFile(allAs(0), keep, true), allAs(0));
});

test('the bits of a program change who runs it', (t) => {
	const user = {user: app, group: app, groups: [4]};
	t.deepEqual(afterProgram(user, {mode: 0o104_755, uid: 0, gid: 0}), {user: lifted, group: app, groups: [4]});
	t.deepEqual(afterProgram(user, {mode: 0o102_755, uid: 0, gid: 42}).group, {real: 1000, effective: 42, saved: 42, file: 42});
	t.deepEqual(afterProgram(user, {mode: 0o102_644, uid: 0, gid: 42}), user);
	t.deepEqual(afterProgram({...user, user: {real: 0, effective: 5, saved: 0, file: 7}}, {mode: 0o100_755, uid: 0, gid: 0}).user, {
		real: 0,
		effective: 5,
		saved: 5,
		file: 5,
	});
});

test('rights are those of the owner, else of a group, else of the others; root has all but to run what nobody may run', (t) => {
	const file = {mode: 0o100_640, uid: 0, gid: 42};
	const who = {user: 1000, group: 1000, groups: [] as readonly number[]};
	t.false(isAllowed(file, who, 4));
	t.true(isAllowed(file, {...who, groups: [42]}, 4));
	t.false(isAllowed(file, {...who, groups: [42]}, 2));
	t.false(isAllowed({...file, mode: 0o100_077, uid: 1000}, who, 4));
	t.true(isAllowed(file, who, 0));
	t.true(isAllowed(file, {...who, user: 0}, 6));
	t.false(isAllowed(file, {...who, user: 0}, 1));
	t.true(isAllowed({...file, mode: 0o040_600}, {...who, user: 0}, 1));
});
