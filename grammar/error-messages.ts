import type {IParserErrorMessageProvider} from 'chevrotain';

/** Words for the author of a Boxfile; the default ones name grammar rules. */
export const boxfileErrors: IParserErrorMessageProvider = {
	buildMismatchTokenMessage: ({actual}) => `unexpected ${nameOf(actual.image)}`,
	buildNotAllInputParsedMessage: ({firstRedundant}) => `unexpected ${nameOf(firstRedundant.image)}`,
	buildNoViableAltMessage: ({actual}) => `unexpected ${nameOf(actual[0]?.image ?? '')}`,
	buildEarlyExitMessage: ({actual}) => `unexpected ${nameOf(actual[0]?.image ?? '')}`,
};

function nameOf(image: string): string {
	return image === '' || image === '\n' ? 'end of the instruction' : `\`${image}\``;
}
