import type {Diagnostic} from '../../../src/diagnostics/diagnostic.ts';
import * as store from '../../../src/diagnostics/store.ts';

const digest = `sha256:${'ab'.repeat(32)}`;

export const samples: readonly Diagnostic[] = [
	store.storeNoSpace('store'),
	store.storeNotWritable('store', 'EACCES'),
	store.storeInputOutput('store', 'EIO'),
	store.storeNewerVersion('store', '7', 1),
	store.storeNotAStore('store', 'letters.txt'),
	store.storeOtherIds('store', 'multi', 'single'),
	store.storeBlobMissing(digest),
	store.storeBlobDamaged(digest, '20 bytes', '10 bytes'),
	store.storeIndexDamaged('it is not JSON in UTF-8'),
];
