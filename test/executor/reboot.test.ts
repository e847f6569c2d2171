import {inNamespace} from '../support/in-namespace.ts';
import {manyIds} from '../support/requirements.ts';
import {when} from '../support/when.ts';
import {rebootCases} from './reboot-cases.ts';

const results = manyIds.holds ? inNamespace(new URL('reboot-script.js', import.meta.url)) : [];

for (const [position, {name, hasBlob, isIntact}] of rebootCases.entries()) {
	when(manyIds, `a layer of an earlier boot is looked at before it is stacked: ${name}${hasBlob ? ', with a blob' : ''}`, (t) => {
		const result = (results as readonly object[])[position];
		const isUsable = isIntact || hasBlob;
		t.deepEqual(result, {
			isHit: true,
			remains: isUsable,
			...(isUsable ? {verified: true, content: 'content'} : {refused: 'store/layer-missing'}),
		});
	});
}
