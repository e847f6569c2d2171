/** What a person says about one registry (`registries` of config.yaml). */
export interface RegistrySettings {
	/** `host[:port][/path]`, tried in this order before the registry itself; for pulls only. */
	readonly mirrors?: readonly string[];
	/** Plain http, or https with any certificate, is good enough. */
	readonly insecure?: boolean;
	/** Files in PEM: authorities besides the usual ones, and what shows the registry who asks. */
	readonly ca?: string;
	readonly cert?: string;
	readonly key?: string;
}

/** By `host[:port]` as it stands in image names. */
export type RegistriesConfig = Readonly<Record<string, RegistrySettings>>;

export type Environment = Readonly<Record<string, string | undefined>>;
