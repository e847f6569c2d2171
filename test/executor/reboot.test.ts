import test from 'ava';
import {inNamespace} from '../support/in-namespace.ts';
import {rebootCases} from './reboot-cases.ts';

const results = inNamespace(new URL('reboot-script.js', import.meta.url));

for (const [position, {name, hasBlob, isIntact}] of rebootCases.entries()) {
	test(`a layer of an earlier boot is looked at before it is stacked: ${name}${hasBlob ? ', with a blob' : ''}`, (t) => {
		const result = (results as readonly object[])[position];
		const isUsable = isIntact || hasBlob;
		t.deepEqual(result, {
			isHit: true,
			remains: isUsable,
			...(isUsable ? {verified: true, content: 'content'} : {refused: 'store/layer-missing'}),
		});
	});
}
