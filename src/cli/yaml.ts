/** What of the package is used, as named exports: a bundle that loads the CommonJS package itself when it is needed gets a default export only. */
export {isMap, isScalar, isSeq, parseDocument} from 'yaml';
