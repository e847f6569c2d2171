import type {Diagnostic} from './diagnostic.ts';

export function storeLayerMissing(diffId: string): Diagnostic {
	return {
		code: 'store/layer-missing',
		severity: 'error',
		message: `the layer \`${diffId}\` is not in the store`,
		because: ['neither its directory nor its blob can be used'],
		help: ['build again; if an image lists it as its base, import that image again'],
		data: {diffId},
	};
}

export function storeLayerDamaged(diffId: string, found: string): Diagnostic {
	return {
		code: 'store/layer-damaged',
		severity: 'error',
		message: `the layer \`${diffId}\` does not have the content it claims`,
		because: [`its bytes have the diffID \`${found}\``],
		help: ['import or build the image again'],
		data: {diffId, found},
	};
}
